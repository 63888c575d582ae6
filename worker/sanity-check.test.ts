import { describe, expect, it } from "vitest";
import type { CrossEncoder, TextPair } from "./cross-encoder.ts";
import { checkSanity, SANITY_PAIRS, type SanityCheck } from "./sanity-check.ts";

/** Scores by the length of the texts, or as told. */
function encoder(logitOf: (pair: TextPair, batch: number) => number): CrossEncoder {
  return {
    score: (pairs) =>
      Promise.resolve({
        logits: Float32Array.from(pairs, (pair) => logitOf(pair, pairs.length)),
        windows: new Uint8Array(pairs.length).fill(1),
        truncated: new Uint8Array(pairs.length),
        tokens: 0,
        elapsedMs: 0,
      }),
    dispose: () => Promise.resolve(),
  };
}

const byLength = ({ document }: TextPair): number => document.length / 10;
const check = (changes: Partial<SanityCheck> = {}): SanityCheck => ({
  key: "key",
  variant: "q8",
  onProgress: () => undefined,
  ...changes,
});
const references = (logit: number) => ({ pairs: [{ query: "가", document: "나다", logit }], tolerance: 0.01 });

describe("checkSanity", () => {
  it("claims nothing without references, and says how many there were", async () => {
    expect(await checkSanity(encoder(byLength), check())).toMatchObject({ pairs: 0, maxError: 0, key: "key" });
    const report = await checkSanity(encoder(byLength), check({ references: references(0.195) }));
    expect(report).toMatchObject({ pairs: 1, tolerance: 0.01 });
    expect(report.maxError).toBeCloseTo(0.005);
  });

  it.each([
    ["NaN", () => Number.NaN],
    ["infinite", () => Number.POSITIVE_INFINITY],
    ["constant", () => 3],
    ["changed by neighbours", (pair: TextPair, batch: number) => byLength(pair) + (batch > 1 ? 0.5 : 0)],
  ])("refuses scores that are %s", async (_, logitOf) => {
    await expect(checkSanity(encoder(logitOf), check())).rejects.toMatchObject({ code: "self-test-failed" });
  });

  it("refuses a device that gives other scores than the CPU", async () => {
    const onCpu = Float32Array.from(SANITY_PAIRS, byLength);
    expect(await checkSanity(encoder(byLength), check({ onCpu }))).toMatchObject({ pairs: 0 });
    onCpu[2] = (onCpu[2] ?? 0) + 0.5;
    await expect(checkSanity(encoder(byLength), check({ onCpu }))).rejects.toMatchObject({ code: "self-test-failed" });
  });

  it("refuses what is off its references", async () => {
    for (const logit of [1, Number.NaN]) {
      await expect(checkSanity(encoder(byLength), check({ references: references(logit) }))).rejects.toMatchObject({
        code: "self-test-failed",
      });
    }
  });
});
