import { describe, expect, it } from "vitest";
import type { WorkerReranker } from "../client/worker-reranker.ts";
import type { LoadedModel } from "../core/protocol.ts";
import { CachingReranker } from "./loaded-reranker.ts";
import { withLocalScores } from "./local-scores.ts";
import { ScoreCache } from "./score-cache.ts";

const DOCUMENTS = ["배송 조회 방법", "환불은 사흘 안에 됩니다", "회원 등급 안내"];

/** Every pair gets the same logit, so that only what is blended in decides. */
function reranker(blendWeight = 5) {
  const asked: string[][] = [];
  const worker = {
    scorePairs: (_: string, documents: readonly string[]) => {
      asked.push([...documents]);
      const logits = new Float32Array(documents.length);
      return Promise.resolve({
        logits,
        windows: new Uint8Array(documents.length).fill(1),
        truncated: new Uint8Array(documents.length),
      });
    },
  } as unknown as WorkerReranker;
  const model = { id: "m", selfTest: { key: "m" }, blendWeight } as LoadedModel;
  return { asked, reranker: new CachingReranker(model, worker, new ScoreCache(), () => Promise.resolve()) };
}

const indices = (ranked: readonly { readonly index: number }[]): readonly number[] => ranked.map(({ index }) => index);

describe("CachingReranker", () => {
  it("blends with a BM25 over the texts where documents have no scores", async () => {
    const ranked = await reranker().reranker.rerank("환불 방법", DOCUMENTS);
    expect(indices(ranked)).toEqual([0, 1, 2]);
    expect(indices(await reranker().reranker.rerank("환불", DOCUMENTS))).toEqual([1, 0, 2]);
  });

  it("blends with their own scores where all have one, and otherwise as it is told", async () => {
    const scored = DOCUMENTS.map((text, at) => ({ text, score: at }));
    expect(indices(await reranker().reranker.rerank("환불", scored))).toEqual([2, 1, 0]);
    expect(indices(await reranker().reranker.rerank("환불", scored, { blend: "local" }))).toEqual([1, 0, 2]);
    expect(indices(await reranker().reranker.rerank("환불", scored, { blend: "order" }))).toEqual([0, 1, 2]);
    const [first] = await reranker().reranker.rerank("환불", scored, { blend: "order", topN: 1 });
    expect(first?.orderScore).toBe(5);
    // 0.5 × (1 + 0), 0.5 × (3 / 4 + 1), 0.5 × (3 / 5 + 0), each over the highest, times 5.
    const list = await reranker().reranker.rerank("환불", scored, { blend: "list" });
    expect(list.map(({ index, orderScore }) => [index, orderScore])).toEqual([
      [1, 5],
      [0, expect.closeTo((5 * 0.5) / 0.875, 6)],
      [2, expect.closeTo((5 * 0.3) / 0.875, 6)],
    ]);
    expect(indices(await reranker().reranker.rerank("환불", scored, { blend: "none" }))).toEqual([0, 1, 2]);
    expect(indices(await reranker(0).reranker.rerank("환불", scored))).toEqual([0, 1, 2]);
  });

  it("scores no pair twice", async () => {
    const { asked, reranker: own } = reranker();
    await own.rerank("환불", DOCUMENTS.slice(0, 2));
    await own.rerank("환불", DOCUMENTS);
    await own.rerank("환불", DOCUMENTS, { maxTokensPerDoc: 8 });
    expect(asked).toEqual([DOCUMENTS.slice(0, 2), DOCUMENTS.slice(2), DOCUMENTS]);
  });

  it("refuses bad input by name, and everything once it is disposed", async () => {
    const { reranker: own } = reranker();
    await expect(own.rerank(" ", DOCUMENTS)).rejects.toThrow("the query is empty");
    await expect(own.rerank("환불", [{ text: "글", score: -1 }])).rejects.toThrow("score");
    await expect(own.rerank("환불", DOCUMENTS, { topN: 1.5 })).rejects.toThrow("topN");
    await expect(own.rerank("환불", DOCUMENTS, { maxTokensPerDoc: 0 })).rejects.toThrow("maxTokensPerDoc");
    expect(await own.rerank("환불", [])).toEqual([]);
    await own.dispose();
    await expect(own.rerank("환불", DOCUMENTS)).rejects.toMatchObject({ code: "disposed" });
  });
});

describe("withLocalScores", () => {
  it("scores texts by the words they share with the query, and nothing by 0", () => {
    const scored = withLocalScores("환불", [{ text: "환불 안내" }, { text: "배송", score: 9 }]);
    expect(scored[0]?.score).toBeGreaterThan(0);
    expect(scored[1]?.score).toBe(0);
  });
});
