import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { floatToHalf, halfToFloat, roundToHalf } from "./half.ts";

describe("half numbers", () => {
  it("survive the way through fp32, all 65536 of them", () => {
    for (let half = 0; half < 0x10000; half++) {
      const value = halfToFloat(half);
      if (!Number.isNaN(value)) expect(floatToHalf(value)).toBe(half);
    }
    expect(halfToFloat(floatToHalf(Number.NaN))).toBeNaN();
  });

  it("are the nearest to a value, and the even one of two", () => {
    fc.assert(
      fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
        const half = floatToHalf(value);
        const error = Math.abs(halfToFloat(half) - value);
        for (const neighbour of [half - 1, half + 1]) {
          const other = Math.abs(halfToFloat(neighbour & 0xffff) - value);
          if (Number.isNaN(other)) continue;
          expect(error).toBeLessThanOrEqual(other);
          if (error === other && error > 0) expect(half % 2).toBe(0);
        }
      }),
    );
  });

  it("end in infinity where the largest is too small", () => {
    expect(roundToHalf(65519)).toBe(65504);
    expect(roundToHalf(65520)).toBe(Infinity);
    expect(roundToHalf(-1e9)).toBe(-Infinity);
  });
});
