import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MASKED, packBatch, planBatches } from "./batching.ts";
import type { ModelInput } from "./manifest.ts";

const INPUT: ModelInput = {
  clsTokenId: 0,
  padTokenId: 1,
  sepTokenId: 2,
  middleSeparators: 1,
  positionOffset: 2,
  maxTokens: 64,
  maxQueryTokens: 16,
  tokenTypes: "match-marks",
};

describe("planBatches", () => {
  it("puts each pair in one batch, within the budget, rows no shorter than their pairs", () => {
    const limits = fc.record({
      tokenBudget: fc.integer({ min: 1, max: 300 }),
      maxPairs: fc.integer({ min: 1, max: 10 }),
      lengthMultiple: fc.integer({ min: 1, max: 16 }),
    });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 3, max: 64 })), limits, (lengths, limit) => {
        const batches = planBatches(lengths, limit, 64);
        const seen = batches.flatMap(({ indices }) => indices);
        expect([...seen].sort((a, b) => a - b)).toEqual(lengths.map((_, index) => index));
        for (const { indices, tokens } of batches) {
          expect(indices.length).toBeLessThanOrEqual(limit.maxPairs);
          expect(indices.length === 1 || indices.length * tokens <= limit.tokenBudget).toBe(true);
          expect(tokens).toBeLessThanOrEqual(64);
          expect(tokens).toBeGreaterThanOrEqual(Math.max(...indices.map((index) => lengths[index] ?? 0)));
          expect(tokens === 64 || tokens % limit.lengthMultiple === 0).toBe(true);
        }
      }),
    );
  });

  it("pads less than batches in the order given", () => {
    const lengths = [10, 60, 11, 59, 12, 58];
    const limits = { tokenBudget: 200, maxPairs: 3 };
    const padded = planBatches(lengths, limits, 64).reduce(
      (sum, { indices, tokens }) => sum + indices.length * tokens,
      0,
    );
    expect(padded).toBe(3 * 60 + 3 * 12);
  });

  it("makes no batch of nothing", () => {
    expect(planBatches([], { tokenBudget: 10, maxPairs: 4 }, 64)).toEqual([]);
  });
});

describe("packBatch", () => {
  it("pads ids, types and the key bias at the end, and starts positions at the offset", () => {
    const pairs = [
      { inputIds: Int32Array.of(0, 7, 2), tokenTypeIds: Int32Array.of(0, 1, 0), truncated: false },
      { inputIds: Int32Array.of(0, 8, 2, 9, 2), tokenTypeIds: Int32Array.of(0, 1, 0, 3, 0), truncated: false },
    ];
    const packed = packBatch(pairs, { indices: [1, 0], tokens: 5 }, INPUT);
    expect([...packed.inputIds]).toEqual([0, 8, 2, 9, 2, 0, 7, 2, 1, 1]);
    expect([...(packed.tokenTypeIds ?? [])]).toEqual([0, 1, 0, 3, 0, 0, 1, 0, 0, 0]);
    expect([...packed.keyBias]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, MASKED, MASKED]);
    expect([...packed.positionIds]).toEqual([2, 3, 4, 5, 6]);
  });

  it("leaves token types out where the model has none", () => {
    const pairs = [{ inputIds: Int32Array.of(0, 2), truncated: false }];
    expect(
      packBatch(pairs, { indices: [0], tokens: 2 }, { ...INPUT, tokenTypes: "none" }).tokenTypeIds,
    ).toBeUndefined();
  });
});
