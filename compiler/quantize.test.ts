import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { roundToHalf } from "./half.ts";
import { packCodes, plainScale, quantizeBlocks, squaredError, zeroPoint, type Bits } from "./quantize.ts";

const BLOCK = 16;
const bitsOf = fc.constantFrom<Bits[]>(4, 8);
const block = fc.array(fc.float({ min: -8, max: 8, noNaN: true, noDefaultInfinity: true }), {
  minLength: BLOCK,
  maxLength: BLOCK,
});

/** The textbook way, value by value: scale = largest ÷ largest code, no search. */
function plainErrors(values: readonly number[], bits: Bits): number[] {
  const largestCode = 2 ** (bits - 1) - 1;
  const scale = Math.max(...values.map(Math.abs)) / largestCode || 1;
  return values.map((value) => Math.abs(value - scale * Math.round(value / scale)));
}

function dequantize(values: Float32Array, bits: Bits): number[] {
  const { codes, scales } = quantizeBlocks(values, BLOCK, bits);
  return Array.from(codes, (code, at) => (scales[Math.floor(at / BLOCK)] ?? 0) * (code - zeroPoint(bits)));
}

const sumOfSquares = (values: readonly number[]): number => values.reduce((sum, value) => sum + value ** 2, 0);

describe("quantizeBlocks", () => {
  it("is never worse than the plain scale, in the sum of squares", () => {
    fc.assert(
      fc.property(block, bitsOf, (values, bits) => {
        const fp32 = Float32Array.from(values);
        const errors = dequantize(fp32, bits).map((value, at) => value - (fp32[at] ?? 0));
        // The oracle divides in doubles, the package in fp32.
        expect(sumOfSquares(errors)).toBeLessThanOrEqual(sumOfSquares(plainErrors([...fp32], bits)) * 1.0001 + 1e-12);
        expect(sumOfSquares(errors)).toBeLessThanOrEqual(squaredError(fp32, plainScale(fp32, bits), bits) + 1e-12);
      }),
    );
  });

  it("searches half-number scales by what they become when stored", () => {
    fc.assert(
      fc.property(block, bitsOf, (values, bits) => {
        const fp32 = Float32Array.from(values);
        const { scales, squaredError: error, codes } = quantizeBlocks(fp32, BLOCK, bits, "float16");
        expect(roundToHalf(scales[0] ?? 0)).toBe(scales[0]);
        expect(scales[0]).not.toBe(0);
        const errors = Array.from(codes, (code, at) => (scales[0] ?? 0) * (code - zeroPoint(bits)) - (fp32[at] ?? 0));
        expect(sumOfSquares(errors)).toBeCloseTo(error, 6);
        const plain = roundToHalf(plainScale(fp32, bits)) || 2 ** -24;
        expect(error).toBeLessThanOrEqual(squaredError(fp32, plain, bits) + 1e-12);
      }),
    );
  });

  it("keeps every code in range and every block apart", () => {
    fc.assert(
      fc.property(block, block, bitsOf, (first, second, bits) => {
        const both = quantizeBlocks(Float32Array.from([...first, ...second]), BLOCK, bits);
        expect(both.codes.every((code) => code < 2 ** bits)).toBe(true);
        const alone = quantizeBlocks(Float32Array.from(second), BLOCK, bits);
        expect(both.codes.subarray(BLOCK)).toEqual(alone.codes);
        expect(both.scales[1]).toBe(alone.scales[0]);
      }),
    );
  });

  it("is exact where all values are multiples of one step", () => {
    const values = Float32Array.from({ length: BLOCK }, (_, at) => (at - 8) * 0.25);
    expect(dequantize(values, 4)).toEqual([...values]);
  });

  it("keeps a block of zeros at zero", () => {
    expect(dequantize(new Float32Array(BLOCK), 8)).toEqual(new Array(BLOCK).fill(0));
  });

  it("finds a better scale than the plain one where an outlier stands among small values", () => {
    const values = Float32Array.from({ length: 64 }, (_, at) => (at === 0 ? 1 : Math.sin(at) * 0.3));
    const { scales } = quantizeBlocks(values, 64, 4);
    expect(squaredError(values, scales[0] ?? 0, 4)).toBeLessThan(squaredError(values, plainScale(values, 4), 4));
  });

  it("refuses values that are not finite, and rows that do not fill blocks", () => {
    expect(() => quantizeBlocks(Float32Array.of(1, Number.NaN), 2, 8)).toThrow(/not finite/);
    expect(() => quantizeBlocks(Float32Array.of(1, Infinity), 2, 8)).toThrow(/not finite/);
    expect(() => quantizeBlocks(new Float32Array(17), 16, 8)).toThrow(/do not fill blocks of 16/);
  });
});

describe("packCodes", () => {
  it("puts the first of two 4-bit codes into the lower half of a byte, and leaves 8-bit codes as they are", () => {
    const codes = Uint8Array.of(1, 2, 15, 0);
    expect(packCodes({ bits: 4, codes })).toEqual(Uint8Array.of(0x21, 0x0f));
    expect(packCodes({ bits: 8, codes })).toEqual(codes);
  });
});
