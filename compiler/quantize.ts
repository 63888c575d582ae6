/** Rounds weights to few bits, block by block, each block with a scale of its own. */
import { RerankError } from "../src/core/errors.ts";

export type Bits = 4 | 8;

export interface QuantizedBlocks {
  readonly bits: Bits;
  /** One integer per value, shifted by `zeroPoint(bits)` so that it is not negative. */
  readonly codes: Uint8Array<ArrayBuffer>;
  /** One per block: value ≈ scale × (code − zero point). May be negative. */
  readonly scales: Float32Array<ArrayBuffer>;
}

/** The code that stands for 0: what MatMulNBits and GatherBlockQuantized assume when they are given none. */
export function zeroPoint(bits: Bits): number {
  return 2 ** (bits - 1);
}

/**
 * Largest values that a scale is tried for, as shares of the block's largest one. Below 1 the outlier is clipped and
 * all others become finer, which pays with 4 bits and for long blocks.
 */
const CLIPPING = [1, 0.98, 0.96, 0.93, 0.9, 0.86, 0.82, 0.77, 0.72, 0.66, 0.6];

/**
 * Quantizes consecutive blocks of `values`. The scale of each is searched for the least squared error, starting from
 * the plain one (largest magnitude ÷ largest code), so it is never worse than that.
 * @throws RerankError `model-invalid` where the values do not fill whole blocks, or are not all finite
 */
export function quantizeBlocks(values: Float32Array, blockSize: number, bits: Bits): QuantizedBlocks {
  if (values.length % blockSize !== 0) {
    const problem = `${String(values.length)} weights do not fill blocks of ${String(blockSize)}`;
    throw new RerankError("model-invalid", `The model's sizes do not suit quantization: ${problem}.`, {
      details: { problem },
    });
  }
  const codes = new Uint8Array(values.length);
  const scales = new Float32Array(values.length / blockSize);
  scales.forEach((_, index) => {
    const block = values.subarray(index * blockSize, (index + 1) * blockSize);
    const scale = searchScale(block, bits);
    scales[index] = scale;
    block.forEach((value, at) => {
      codes[index * blockSize + at] = roundToCode(value, scale, bits) + zeroPoint(bits);
    });
  });
  return { bits, codes, scales };
}

/** Two 4-bit codes per byte, the first in the lower half: the layout of MatMulNBits and GatherBlockQuantized. */
export function packCodes({ bits, codes }: QuantizedBlocks): Uint8Array<ArrayBuffer> {
  if (bits === 8) return codes;
  return Uint8Array.from(
    { length: codes.length / 2 },
    (_, at) => (codes[2 * at] ?? 0) | ((codes[2 * at + 1] ?? 0) << 4),
  );
}

/** Largest magnitude ÷ largest code: what every quantizer starts from. 1 for a block of zeros. */
export function plainScale(block: Float32Array, bits: Bits): number {
  const largest = block.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
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
  let sum = 0;
  for (const value of block) sum += (value - scale * roundToCode(value, scale, bits)) ** 2;
  return sum;
}

function searchScale(block: Float32Array, bits: Bits): number {
  const plain = plainScale(block, bits);
  let best = plain;
  let leastError = squaredError(block, plain, bits);
  // The codes reach one further below zero than above: with the other sign, the other end of the block gets that room.
  for (const sign of [1, -1]) {
    for (const share of CLIPPING) {
      const scale = refitScale(block, sign * plain * share, bits);
      const error = squaredError(block, scale, bits);
      if (error >= leastError) continue;
      best = scale;
      leastError = error;
    }
  }
  return best;
}

/** The scale with the least squared error for the codes that `scale` gives: Σ value·code ÷ Σ code². */
function refitScale(block: Float32Array, scale: number, bits: Bits): number {
  let products = 0;
  let squares = 0;
  for (const value of block) {
    const code = roundToCode(value, scale, bits);
    products += value * code;
    squares += code * code;
  }
  return squares === 0 ? scale : Math.fround(products / squares) || scale;
}

/** Signed code: −zeroPoint … zeroPoint − 1. */
function roundToCode(value: number, scale: number, bits: Bits): number {
  const half = zeroPoint(bits);
  return Math.max(-half, Math.min(half - 1, Math.round(value / scale)));
}
