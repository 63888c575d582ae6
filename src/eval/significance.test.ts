import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "./seeded-random.ts";
import {
  bootstrapMeans,
  detectableDifference,
  differenceInterval,
  holmCorrected,
  quantile,
  questionsNeeded,
  randomisationP,
  winTieLoss,
  type Interval,
  type Resampling,
} from "./significance.ts";

const quick = { draws: 2000, seed: 1 };

/** Of a system that is better by so much, question by question. */
function bootstrapInterval(differences: Float64Array, resampling: Resampling): Interval {
  const [ours, theirs] = bootstrapMeans([differences, new Float64Array(differences.length)], resampling);
  return differenceInterval(ours ?? new Float64Array(), theirs ?? new Float64Array());
}

/** Every exchange of the two systems, one by one. */
function exactP(differences: readonly number[]): number {
  const seen = Math.abs(differences.reduce((sum, value) => sum + value, 0));
  let extreme = 0;
  for (let signs = 0; signs < 2 ** differences.length; signs += 1) {
    const sum = differences.reduce((total, value, at) => total + ((signs >> at) & 1 ? value : -value), 0);
    if (Math.abs(sum) >= seen - 1e-12) extreme += 1;
  }
  return extreme / 2 ** differences.length;
}

describe("randomisationP", () => {
  it("comes near the share of all exchanges, counted one by one", () => {
    const value = fc.constantFrom(-1, -0.5, -1 / 3, 0, 1 / 6, 0.5, 1);
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 10 }), (differences) => {
        const p = randomisationP(Float64Array.from(differences), { draws: 4000, seed: 7 });
        // Five standard errors of a share of 4,000 draws.
        expect(Math.abs(p - exactP(differences))).toBeLessThan(0.04);
      }),
      { numRuns: 40 },
    );
  });

  it("is 1 where the systems never differ, and never 0", () => {
    expect(randomisationP(new Float64Array(50), quick)).toBe(1);
    expect(randomisationP(new Float64Array(200).fill(0.5), quick)).toBe(1 / 2001);
  });
});

describe("bootstrapInterval", () => {
  it("is as wide as the normal interval of many questions", () => {
    const random = seededRandom(3);
    const differences = Float64Array.from({ length: 2000 }, () => random() - 0.4);
    const { low, high } = bootstrapInterval(differences, { draws: 10_000, seed: 1 });
    const middle = differences.reduce((sum, value) => sum + value, 0) / 2000;
    // Uniform over a range of 1: standard deviation 1 / √12.
    const half = 1.96 / Math.sqrt(12 * 2000);
    expect(low).toBeCloseTo(middle - half, 3);
    expect(high).toBeCloseTo(middle + half, 3);
  });

  it("is a point for one question or none, and the same for the same seed only", () => {
    expect(bootstrapInterval(Float64Array.of(0.25), quick)).toEqual({ low: 0.25, high: 0.25 });
    expect(bootstrapInterval(new Float64Array(0), quick)).toEqual({ low: 0, high: 0 });
    const differences = Float64Array.from({ length: 30 }, (_, at) => Math.sin(at));
    expect(bootstrapInterval(differences, quick)).toEqual(bootstrapInterval(differences, quick));
    expect(bootstrapInterval(differences, quick)).not.toEqual(bootstrapInterval(differences, { ...quick, seed: 2 }));
  });
});

/** Reciprocal ranks as a reranker gives them: many 1s, some halves, some misses. */
function reciprocalRanks(random: () => number, count: number): readonly number[] {
  return Array.from({ length: count }, () => {
    const draw = random();
    return draw < 0.55 ? 1 : draw < 0.7 ? 1 / 2 : draw < 0.78 ? 1 / 3 : draw < 0.85 ? 1 / 5 : 0;
  });
}

describe("bootstrapMeans", () => {
  it("draws the same questions for all systems", () => {
    const one = Float64Array.from({ length: 60 }, (_, at) => Math.cos(at));
    const [first, second, shifted] = bootstrapMeans([one, one, one.map((value) => value + 0.25)], quick);
    expect(first).toEqual(second);
    expect(differenceInterval(shifted ?? one, first ?? one)).toEqual({ low: 0.25, high: 0.25 });
  });
});

describe("a null comparison: two systems exchanged at random, question by question", () => {
  it("is called a difference in 2 to 9 of 100 repeats, by the interval and by the p value", () => {
    let byInterval = 0;
    let byP = 0;
    for (let repeat = 0; repeat < 500; repeat += 1) {
      const random = seededRandom(1000 + repeat);
      const [one, other] = [reciprocalRanks(random, 135), reciprocalRanks(random, 135)];
      const differences = Float64Array.from(one, (value, at) => (random() < 0.5 ? 1 : -1) * (value - (other[at] ?? 0)));
      const { low, high } = bootstrapInterval(differences, { draws: 1000, seed: repeat });
      if (low > 0 || high < 0) byInterval += 1;
      if (randomisationP(differences, { draws: 1000, seed: repeat }) < 0.05) byP += 1;
    }
    for (const share of [byInterval / 500, byP / 500]) {
      expect(share).toBeGreaterThanOrEqual(0.02);
      expect(share).toBeLessThanOrEqual(0.09);
    }
  });
});

describe("holmCorrected", () => {
  it("gives the hand-worked values, in the order given", () => {
    expect(holmCorrected([0.04, 0.01, 0.03])).toEqual([0.06, 0.03, 0.06]);
    expect(holmCorrected([0.5, 0.9])).toEqual([1, 1]);
    expect(holmCorrected([])).toEqual([]);
    expect(holmCorrected([0.02])).toEqual([0.02]);
  });
});

describe("questionsNeeded", () => {
  it("falls with the square of the effect and matches what is detectable", () => {
    const differences = Float64Array.from({ length: 100 }, (_, at) => (at % 2 === 0 ? 0.5 : -0.5));
    // (1.959964 + 0.841621)² × 0.252525 / effect²
    expect(questionsNeeded(differences, 0.05)).toBe(793);
    expect(questionsNeeded(differences, 0.1)).toBe(199);
    expect(questionsNeeded(differences, detectableDifference(differences))).toBeCloseTo(100, -1);
    expect(questionsNeeded(new Float64Array(40), 0.01)).toBe(2);
  });

  it("finds the difference about four times out of five with so many questions", () => {
    const random = seededRandom(5);
    const draw = (): number => (random() < 0.3 ? (random() < 0.62 ? 0.5 : -0.5) : 0);
    const needed = questionsNeeded(Float64Array.from({ length: 4000 }, draw), 0.036);
    let found = 0;
    for (let repeat = 0; repeat < 200; repeat += 1) {
      const { low } = bootstrapInterval(Float64Array.from({ length: needed }, draw), { draws: 400, seed: repeat });
      if (low > 0) found += 1;
    }
    expect(found / 200).toBeGreaterThan(0.7);
    expect(found / 200).toBeLessThan(0.9);
  });
});

describe("winTieLoss and quantile", () => {
  it("count and interpolate", () => {
    expect(winTieLoss(Float64Array.of(0.5, 0, -1, 0, 0.1))).toEqual({ wins: 2, ties: 2, losses: 1 });
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([1, 2, 3, 4], 1)).toBe(4);
    expect(quantile([7], 0.95)).toBe(7);
    expect(quantile([], 0.5)).toBe(0);
  });
});
