import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blendScores, orderByScore, rankDocuments, sigmoid } from "./ranking.ts";

const texts = (count: number, scores?: readonly number[]) =>
  Array.from({ length: count }, (_, index) => ({
    text: `document ${String(index)}`,
    id: `d${String(index)}`,
    ...(scores && { score: scores[index] ?? 0 }),
  }));

describe("sigmoid", () => {
  it("gives the hand-worked values and no NaN far out", () => {
    expect(sigmoid(0)).toBe(0.5);
    expect(sigmoid(Math.log(3))).toBeCloseTo(0.75, 12);
    expect(sigmoid(-1000)).toBe(0);
    expect(sigmoid(1000)).toBe(1);
  });
});

describe("orderByScore", () => {
  it("keeps the order of equal scores", () => {
    expect(orderByScore([1, 2, 1, 2])).toEqual([1, 3, 0, 2]);
  });

  it("refuses NaN and infinity, for no order would be right", () => {
    expect(() => orderByScore([1, Number.NaN])).toThrow(expect.objectContaining({ code: "inference" }) as Error);
    expect(() => orderByScore([Number.POSITIVE_INFINITY])).toThrow(/Infinity/);
  });

  it("agrees with picking the best again and again", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 3 })), (scores) => {
        const left = scores.map((score, index) => ({ score, index }));
        const picked: number[] = [];
        while (left.length > 0) {
          const best = left.reduce((a, b) => (b.score > a.score ? b : a));
          picked.push(best.index);
          left.splice(left.indexOf(best), 1);
        }
        expect(orderByScore(scores)).toEqual(picked);
      }),
    );
  });
});

describe("blendScores", () => {
  it("adds the weight times the share of the largest first-stage score", () => {
    expect(blendScores([1, -1, 0], [10, 5, 0], 4)).toEqual([5, 1, 0]);
  });

  it("leaves the logits alone where nothing matched", () => {
    expect(blendScores([0.5, -0.5], [0, 0], 10)).toEqual([0.5, -0.5]);
  });
});

describe("rankDocuments", () => {
  it("orders by the logit, not by the sigmoid, which saturates", () => {
    const ranked = rankDocuments({ documents: texts(2), logits: [60, 61], truncated: [0, 0] });
    expect(ranked.map(({ index }) => index)).toEqual([1, 0]);
    expect(ranked[0]?.relevanceScore).toBe(ranked[1]?.relevanceScore);
  });

  it("blends where every document has a score, and only there", () => {
    const input = { logits: [0, 1], truncated: [0, 1], blendWeight: 10 };
    const blended = rankDocuments({ ...input, documents: texts(2, [9, 1]) });
    expect(blended.map(({ id }) => id)).toEqual(["d0", "d1"]);
    expect(blended[0]?.orderScore).toBeCloseTo(10, 12);
    const [first, second] = texts(2, [9, 1]);
    const partly = rankDocuments({ ...input, documents: [first ?? { text: "" }, { text: second?.text ?? "" }] });
    expect(partly.map(({ index }) => index)).toEqual([1, 0]);
  });

  it("hands back index, rank, logit and truncation", () => {
    expect(rankDocuments({ documents: texts(2), logits: [-1, 1], truncated: [1, 0], topN: 1 })).toEqual([
      { id: "d1", index: 1, rank: 1, relevanceScore: sigmoid(1), logit: 1, orderScore: 1, truncated: false },
    ]);
  });

  it("refuses a wrong number of logits", () => {
    expect(() => rankDocuments({ documents: texts(2), logits: [1], truncated: [0, 0] })).toThrow(/1 scores for 2/);
  });
});
