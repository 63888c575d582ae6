import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModelInput } from "./manifest.ts";
import { encodePair } from "./pair-encoding.ts";

const MINI: ModelInput = {
  clsTokenId: 0,
  padTokenId: 1,
  sepTokenId: 2,
  middleSeparators: 1,
  positionOffset: 0,
  maxTokens: 12,
  maxQueryTokens: 4,
  tokenTypes: "match-marks",
};
const XLM_ROBERTA: ModelInput = { ...MINI, middleSeparators: 2, tokenTypes: "none" };

describe("encodePair", () => {
  it("joins query and document and marks the tokens they share", () => {
    const pair = encodePair(Int32Array.of(5, 6), Int32Array.of(6, 7, 6), MINI);
    expect([...pair.inputIds]).toEqual([0, 5, 6, 2, 6, 7, 6, 2]);
    expect([...(pair.tokenTypeIds ?? [])]).toEqual([0, 1, 2, 0, 4, 3, 4, 0]);
    expect(pair.truncated).toBe(false);
  });

  it("puts two separators in the middle for XLM-RoBERTa and gives no token types", () => {
    const pair = encodePair(Int32Array.of(5), Int32Array.of(7), XLM_ROBERTA);
    expect([...pair.inputIds]).toEqual([0, 5, 2, 2, 7, 2]);
    expect(pair.tokenTypeIds).toBeUndefined();
  });

  it("marks the document as the second segment for BERT", () => {
    const pair = encodePair(Int32Array.of(5, 6), Int32Array.of(7), { ...MINI, tokenTypes: "segments" });
    expect([...pair.inputIds]).toEqual([0, 5, 6, 2, 7, 2]);
    expect([...(pair.tokenTypeIds ?? [])]).toEqual([0, 0, 0, 0, 1, 1]);
  });

  it("cuts the query to its own limit and the document to what is left, and says so", () => {
    const pair = encodePair(
      Int32Array.of(5, 5, 5, 5, 9),
      Int32Array.from({ length: 20 }, () => 9),
      MINI,
    );
    expect(pair.inputIds.length).toBe(12);
    expect(pair.truncated).toBe(true);
    // 9 was cut from the query, so no document token counts as shared.
    expect([...(pair.tokenTypeIds ?? [])]).toEqual([0, 1, 1, 1, 1, 0, 3, 3, 3, 3, 3, 0]);
  });

  it("never exceeds the limit and always ends in a separator", () => {
    const ids = fc.array(fc.integer({ min: 3, max: 50 })).map((array) => Int32Array.from(array));
    fc.assert(
      fc.property(ids, ids, fc.constantFrom(MINI, XLM_ROBERTA), (query, document, input) => {
        const { inputIds, truncated } = encodePair(query, document, input);
        expect(inputIds.length).toBeLessThanOrEqual(input.maxTokens);
        expect(inputIds.at(-1)).toBe(input.sepTokenId);
        const whole = query.length + document.length + input.middleSeparators + 2;
        expect(truncated).toBe(inputIds.length < whole);
      }),
    );
  });
});
