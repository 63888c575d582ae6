import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstRelevantRank, meanMetrics, metric, metricNamed } from "./metrics.ts";
import type { Metric } from "./types.ts";

const reciprocalRank = (k: number): Metric => metric("MRR", k);
const hitRate = (k: number): Metric => metric("Hit", k);

const relevant = (...ids: string[]): ReadonlyMap<string, number> => new Map(ids.map((id) => [id, 1]));

/** Walks the ranking the slow way: for each cut-off, does a relevant document stand before it? */
function slowReciprocalRank(ranking: readonly string[], judgments: ReadonlyMap<string, number>, k: number): number {
  for (let rank = 1; rank <= k; rank += 1) {
    const id = ranking[rank - 1];
    if (id !== undefined && (judgments.get(id) ?? 0) > 0) return 1 / rank;
  }
  return 0;
}

const ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
const ranking = fc.shuffledSubarray(ids);
const judgments = fc
  .array(fc.tuple(fc.constantFrom(...ids), fc.integer({ min: 0, max: 2 })), { maxLength: 4 })
  .map((grades) => new Map(grades));

describe("reciprocalRank and hitRate", () => {
  it.each([
    [["a", "b", "c"], relevant("a"), 10, 1, 1],
    [["a", "b", "c"], relevant("c"), 10, 1 / 3, 1],
    [["a", "b", "c"], relevant("c"), 2, 0, 0],
    [["a", "b", "c"], relevant("c", "b"), 10, 1 / 2, 1],
    [["a", "b", "c"], relevant("x"), 10, 0, 0],
    [
      ["a", "b", "c"],
      new Map([
        ["a", 0],
        ["b", 2],
      ]),
      10,
      1 / 2,
      1,
    ],
    [[], relevant("a"), 10, 0, 0],
    [["a"], relevant(), 10, 0, 0],
  ])("of %j, worked by hand", (order, grades, k, expectedReciprocalRank, expectedHit) => {
    expect(reciprocalRank(k).score(order, grades)).toBe(expectedReciprocalRank);
    expect(hitRate(k).score(order, grades)).toBe(expectedHit);
  });

  it("are what the slow way gives, for any ranking, judgments and k", () => {
    fc.assert(
      fc.property(ranking, judgments, fc.integer({ min: 1, max: 12 }), (order, grades, k) => {
        const expected = slowReciprocalRank(order, grades, k);
        expect(reciprocalRank(k).score(order, grades)).toBe(expected);
        expect(hitRate(k).score(order, grades)).toBe(expected > 0 ? 1 : 0);
      }),
    );
  });

  it("do not fall as k grows", () => {
    fc.assert(
      fc.property(ranking, judgments, fc.integer({ min: 1, max: 11 }), (order, grades, k) => {
        for (const make of [reciprocalRank, hitRate]) {
          expect(make(k + 1).score(order, grades)).toBeGreaterThanOrEqual(make(k).score(order, grades));
        }
      }),
    );
  });

  it("have the names that reports print, by which they are found", () => {
    expect(reciprocalRank(10).name).toBe("MRR@10");
    expect(metricNamed("nDCG@7")).toMatchObject({ family: "nDCG", cut: 7 });
    for (const wrong of ["BLEU@4", "MRR", "MRR@0", "mrr@10"]) expect(metricNamed(wrong)).toBeUndefined();
  });
});

describe("firstRelevantRank", () => {
  it("counts from 1, looks at the whole ranking, and says 0 where nothing is relevant", () => {
    expect(firstRelevantRank(["a", "b"], relevant("b"))).toBe(2);
    expect(firstRelevantRank(ids, relevant("l"))).toBe(12);
    expect(firstRelevantRank(["a", "b"], relevant("c"))).toBe(0);
  });
});

describe("meanMetrics", () => {
  const qrels = new Map([
    ["q1", relevant("a")],
    ["q2", relevant("b")],
    ["q3", relevant("c")],
    ["q4", relevant("d")],
  ]);

  it("averages over the questions, worked by hand", () => {
    // Ranks 1, 2, 4 and none: (1 + 1/2 + 1/4 + 0) / 4.
    const run = new Map([
      ["q1", ["a", "b"]],
      ["q2", ["a", "b"]],
      ["q3", ["x", "y", "z", "c"]],
      ["q4", ["a"]],
    ]);
    expect(meanMetrics(qrels, run, [reciprocalRank(10), ...[1, 3, 5, 10].map(hitRate)])).toEqual({
      "MRR@10": 0.4375,
      "Hit@1": 0.25,
      "Hit@3": 0.5,
      "Hit@5": 0.75,
      "Hit@10": 0.75,
    });
  });

  it("counts a question that the run lacks as 0, and ignores one that only the run has", () => {
    const run = new Map([
      ["q1", ["a"]],
      ["q9", ["a"]],
    ]);
    expect(meanMetrics(qrels, run, [hitRate(1)])).toEqual({ "Hit@1": 0.25 });
  });

  it("is 0 where there are no questions", () => {
    expect(meanMetrics(new Map(), new Map(), [reciprocalRank(10)])).toEqual({ "MRR@10": 0 });
  });
});
