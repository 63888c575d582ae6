import { describe, expect, it } from "vitest";
import { rerankInCascade, type CascadeStep } from "./cascade.ts";
import { rankDocuments } from "./ranking.ts";
import type { RerankDocument } from "./types.ts";

/** Scores a text by the digit at a place of it. */
class DigitReranker implements CascadeStep {
  readonly read: string[][] = [];
  readonly #place: number;

  constructor(place: number) {
    this.#place = place;
  }

  rerank(_: string, documents: readonly RerankDocument[], { signal }: { readonly signal?: AbortSignal }) {
    signal?.throwIfAborted();
    this.read.push(documents.map(({ text }) => text));
    const logits = documents.map(({ text }) => Number(text[this.#place]));
    return Promise.resolve(rankDocuments({ documents, logits, truncated: logits.map(() => 0) }));
  }
}

const DOCUMENTS = ["19", "52", "41", "78", "60"].map((text) => ({ text, id: `d${text}` }));

describe("rerankInCascade", () => {
  it("lets the better one read what the quick one puts first, and keeps the rest below", async () => {
    const [quick, better] = [new DigitReranker(0), new DigitReranker(1)];
    const ranked = await rerankInCascade("?", DOCUMENTS, { quick, better, keep: 3 });
    expect(better.read).toEqual([["78", "60", "52"]]);
    expect(ranked.map(({ id, index, rank }) => [id, index, rank])).toEqual([
      ["d78", 3, 1],
      ["d52", 1, 2],
      ["d60", 4, 3],
      ["d41", 2, 4],
      ["d19", 0, 5],
    ]);
  });

  it("returns as many as are wanted, and nothing of nothing", async () => {
    const steps = { quick: new DigitReranker(0), better: new DigitReranker(1) };
    const [best, ...others] = await rerankInCascade("?", DOCUMENTS, { ...steps, topN: 1 });
    expect([best?.id, others]).toEqual(["d19", []]);
    expect(await rerankInCascade("?", [], steps)).toEqual([]);
    expect(steps.better.read).toHaveLength(1);
  });

  it("refuses to hand on nothing, and ends with its signal", async () => {
    const steps = { quick: new DigitReranker(0), better: new DigitReranker(1) };
    await expect(rerankInCascade("?", DOCUMENTS, { ...steps, keep: 0 })).rejects.toThrow("keep must be");
    const signal = AbortSignal.abort();
    await expect(rerankInCascade("?", DOCUMENTS, { ...steps, signal })).rejects.toThrow("aborted");
  });
});
