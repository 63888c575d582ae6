import { describe, expect, it } from "vitest";
import { compareLogits, kendallTau } from "./agreement.ts";

describe("kendallTau", () => {
  it("is 1 for the same order, -1 for the opposite, and counts ties as Kendall does", () => {
    expect(kendallTau([1, 2, 3], [10, 20, 40])).toBe(1);
    expect(kendallTau([1, 2, 3], [3, 2, 1])).toBe(-1);
    // One of three pairs is tied in the first list, the other two agree: 2 / sqrt(2 × 3).
    expect(kendallTau([1, 1, 2], [1, 2, 3])).toBeCloseTo(2 / Math.sqrt(6), 12);
  });
});

describe("compareLogits", () => {
  it("gives mean and largest difference", () => {
    expect(compareLogits([1, 2, 4], [1, 2.5, 3])).toMatchObject({ meanError: 0.5, maxError: 1 });
  });

  it("calls a missing logit and NaN infinitely wrong", () => {
    expect(compareLogits([1], [1, 2]).maxError).toBe(Infinity);
    expect(compareLogits([1, Number.NaN], [1, 2]).maxError).toBe(Infinity);
  });
});
