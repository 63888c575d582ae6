import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModelInput } from "./manifest.ts";
import { encodePair, type EncodedPair } from "./pair-encoding.ts";
import { encodeWindows } from "./windows.ts";

const INPUT: ModelInput = {
  clsTokenId: 0,
  padTokenId: 1,
  sepTokenId: 2,
  middleSeparators: 1,
  positionOffset: 0,
  maxTokens: 16,
  maxQueryTokens: 4,
  tokenTypes: "match-marks",
};
const ids = (from: number, count: number): Int32Array => Int32Array.from({ length: count }, (_, at) => from + at);
/** The document's tokens of a pair: what stands between the middle separator and the last one. */
const documentOf = ({ inputIds }: EncodedPair, queryTokens: number): readonly number[] =>
  [...inputIds].slice(2 + queryTokens, -1);

describe("encodeWindows", () => {
  it("is the pair itself for a document that fits", () => {
    const windows = encodeWindows(ids(10, 3), ids(100, 10), INPUT, { overlapTokens: 4, mostWindows: 9 });
    expect(windows).toEqual([encodePair(ids(10, 3), ids(100, 10), INPUT)]);
  });

  it("cuts a longer one with the overlap asked for, the last window ending with the document", () => {
    // Room 16 - 3 - 1 - 2 = 10, stride 6.
    const windows = encodeWindows(ids(10, 3), ids(100, 25), INPUT, { overlapTokens: 4, mostWindows: 9 });
    expect(windows.map((pair) => [documentOf(pair, 3)[0], documentOf(pair, 3).at(-1)])).toEqual([
      [100, 109],
      [106, 115],
      [112, 121],
      [115, 124],
    ]);
    expect(windows.every(({ truncated }) => !truncated)).toBe(true);
  });

  it("begins with the truncated pair, and says so where windows or the query end too early", () => {
    const windows = encodeWindows(ids(10, 3), ids(100, 40), INPUT, { overlapTokens: 0, mostWindows: 2 });
    expect(windows).toHaveLength(2);
    expect(windows[0]).toEqual(encodePair(ids(10, 3), ids(100, 40), INPUT));
    expect(windows.every(({ truncated }) => truncated)).toBe(true);
    expect(encodeWindows(ids(10, 5), ids(100, 3), INPUT, { overlapTokens: 0, mostWindows: 2 })[0]?.truncated).toBe(
      true,
    );
  });

  it("reads every token at least once, none twice beyond the overlap, whatever the lengths", () => {
    fc.assert(
      fc.property(fc.nat(80), fc.nat(12), fc.nat(4), (length, overlapTokens, queryTokens) => {
        const windows = encodeWindows(ids(10, queryTokens), ids(100, length), INPUT, {
          overlapTokens,
          mostWindows: 999,
        });
        const read = windows.flatMap((pair) => documentOf(pair, queryTokens));
        expect(new Set(read)).toEqual(new Set(ids(100, length)));
        expect(windows.every(({ inputIds }) => inputIds.length <= INPUT.maxTokens)).toBe(true);
      }),
    );
  });
});
