/** Rounds weights to few bits, block by block, each block with a scale of its own. */
import { RerankError } from "../src/core/errors.ts";
import { floatToHalf, roundToHalf } from "./half.ts";

export type Bits = 4 | 8;

/** How scales are stored; as half numbers they take half the room, and the search takes their rounding into account. */
export type ScaleType = "float32" | "float16";

export interface QuantizedBlocks {
  readonly bits: Bits;
  /** One integer per value, shifted by `zeroPoint(bits)` so that it is not negative. */
  readonly codes: Uint8Array<ArrayBuffer>;
  /** One per block: value ≈ scale × (code − zero point). May be negative. */
  readonly scales: Float32Array<ArrayBuffer>;
  /** Sum of (value − quantized value)². */
  readonly squaredError: number;
  /** Sum of value². */
  readonly squaredSum: number;
}

/** The code that stands for 0: what MatMulNBits and GatherBlockQuantized assume when they are given none. */
export function zeroPoint(bits: Bits): number {
  return 2 ** (bits - 1);
}

/**
 * Largest values that a scale is tried for, as shares of the block's largest one. Below 1 the outlier is clipped and
 * all others become finer, which pays with 4 bits, and with 8 bits for long blocks.
 */
const CLIPPING: Readonly<Record<Bits, readonly number[]>> = {
  4: [1, 0.98, 0.96, 0.93, 0.9, 0.86, 0.82, 0.77, 0.72, 0.66, 0.6],
  8: [1, 0.96, 0.9, 0.82],
};
const SMALLEST_HALF = 2 ** -24;

/**
 * Quantizes consecutive blocks of `values`. The scale of each is searched for the least squared error, starting from
 * the plain one (largest magnitude ÷ largest code), so it is never worse than that.
 * @throws RerankError `model-invalid` where the values do not fill whole blocks, or are not all finite
 */
export function quantizeBlocks(
  values: Float32Array,
  blockSize: number,
  bits: Bits,
  scaleType: ScaleType = "float32",
): QuantizedBlocks {
  if (values.length % blockSize !== 0) {
    const problem = `${String(values.length)} weights do not fill blocks of ${String(blockSize)}`;
    throw new RerankError("model-invalid", `The model's sizes do not suit quantization: ${problem}.`, {
      details: { problem },
    });
  }
  const codes = new Uint8Array(values.length);
  const scales = new Float32Array(values.length / blockSize);
  let squaredErrors = 0;
  let squaredSum = 0;
  for (let index = 0; index < scales.length; index++) {
    const block = values.subarray(index * blockSize, (index + 1) * blockSize);
    const scale = searchScale(block, bits, scaleType);
    scales[index] = scale;
    writeCodes(block, scale, bits, codes, index * blockSize);
    squaredErrors += squaredError(block, scale, bits);
    squaredSum += sumOfSquares(block);
  }
  return { bits, codes, scales, squaredError: squaredErrors, squaredSum };
}

/** Two 4-bit codes per byte, the first in the lower half: the layout of MatMulNBits and GatherBlockQuantized. */
export function packCodes({ bits, codes }: Pick<QuantizedBlocks, "bits" | "codes">): Uint8Array<ArrayBuffer> {
  if (bits === 8) return codes;
  const packed = new Uint8Array(codes.length / 2);
  for (let at = 0; at < packed.length; at++) packed[at] = (codes[2 * at] ?? 0) | ((codes[2 * at + 1] ?? 0) << 4);
  return packed;
}

/** Scales as the bits of half numbers. */
export function packScales(scales: Float32Array): Uint16Array<ArrayBuffer> {
  return Uint16Array.from(scales, floatToHalf);
}

/** Largest magnitude ÷ largest code: what every quantizer starts from. 1 for a block of zeros. */
export function plainScale(block: Float32Array, bits: Bits): number {
  let largest = 0;
  for (const value of block) {
    const magnitude = Math.abs(value);
    // Written so that NaN gets through to the check below.
    if (!(magnitude <= largest)) largest = magnitude;
    if (!Number.isFinite(largest)) break;
  }
  if (!Number.isFinite(largest)) {
    throw new RerankError("model-invalid", "The checkpoint holds weights that are not finite; it is damaged.", {
      details: { problem: "weights not finite" },
    });
  }
  // fp32, as it is stored; a denormal block would round to scale 0.
  return Math.fround(largest / (zeroPoint(bits) - 1)) || 1;
}

/** Sum over the block of (value − quantized value)². */
export function squaredError(block: Float32Array, scale: number, bits: Bits): number {
  const lowest = -zeroPoint(bits);
  const highest = -lowest - 1;
  const steps = 1 / scale;
  let sum = 0;
  for (const value of block) {
    const code = nearest(value * steps);
    const error = value - scale * (code < lowest ? lowest : code > highest ? highest : code);
    sum += error * error;
  }
  return sum;
}

function sumOfSquares(block: Float32Array): number {
  let sum = 0;
  for (const value of block) sum += value * value;
  return sum;
}

function writeCodes(block: Float32Array, scale: number, bits: Bits, codes: Uint8Array, start: number): void {
  const zero = zeroPoint(bits);
  const steps = 1 / scale;
  for (let at = 0; at < block.length; at++) {
    const code = nearest((block[at] ?? 0) * steps);
    codes[start + at] = (code < -zero ? -zero : code >= zero ? zero - 1 : code) + zero;
  }
}

/**
 * Tries the codes that each clipping gives. For given codes the best scale is Σ value·code ÷ Σ code², and with it the
 * squared error is Σ value² − (Σ value·code)² ÷ Σ code²: one pass per trial, and the codes that are nearest under the
 * best scale can only lower it.
 */
function searchScale(block: Float32Array, bits: Bits, type: ScaleType): number {
  const lowest = -zeroPoint(bits);
  const highest = -lowest - 1;
  const plain = plainScale(block, bits);
  let best = plain;
  let mostExplained = 0;
  // The codes reach one further below zero than above: with the other sign, the other end of the block gets that room.
  for (const sign of [1, -1]) {
    for (const share of CLIPPING[bits]) {
      const steps = 1 / (sign * plain * share);
      let products = 0;
      let squares = 0;
      for (const value of block) {
        const rounded = nearest(value * steps);
        const code = rounded < lowest ? lowest : rounded > highest ? highest : rounded;
        products += value * code;
        squares += code * code;
      }
      const explained = squares === 0 ? 0 : (products * products) / squares;
      if (explained <= mostExplained) continue;
      mostExplained = explained;
      best = Math.fround(products / squares) || plain;
    }
  }
  const [searched, unsearched] = [storedScale(best, type), storedScale(plain, type)];
  // Rounding a scale to a half number may cost more than the search gained.
  return squaredError(block, searched, bits) <= squaredError(block, unsearched, bits) ? searched : unsearched;
}

/** The scale as it will be read again; never 0, for codes come from a division by it. */
function storedScale(scale: number, type: ScaleType): number {
  return type === "float32" ? scale : roundToHalf(scale) || SMALLEST_HALF;
}

/** Adding it pushes the fraction of any number below 2^51 out of the double: the quickest rounding there is. */
const PUSH = 1.5 * 2 ** 52;

/** The nearest whole number, ties to the even one. */
function nearest(value: number): number {
  return value + PUSH - PUSH;
}
