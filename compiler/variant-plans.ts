import type { ModelVariant } from "../src/model/manifest.ts";
import { blockKernel, floatKernel, rowKernel, type ProductKernel } from "./product-kernels.ts";
import type { EmbeddingBits } from "./stored-words.ts";

/** Bits of the matrix products' weights; `f32` quantizes nothing. */
export type WeightChoice = "q4" | "q8" | "f32";

/** Weights laid out for one kernel, and the graph that reads them. */
export interface ProductSetPlan {
  /** `name.onnx` and `name.bin`. */
  readonly name: string;
  readonly kernel: ProductKernel;
}

/** A variant before its graph has been written and run. */
export interface VariantPlan extends Pick<ModelVariant, "id" | "device" | "requires" | "precision"> {
  /** Which of the plan's product sets it runs. */
  readonly productSet: number;
  /** What the self-test forgives, as a share of the standard deviation of the golden logits. */
  readonly toleratedShare: number;
}

export interface PackagePlan {
  readonly productSets: readonly ProductSetPlan[];
  /** In the order in which the worker tries them. */
  readonly variants: readonly VariantPlan[];
}

/**
 * A CPU with other sums and a software GPU stay within 1e-6 of this machine's fp32 activations. GPUs may round exp and
 * tanh far more coarsely (WGSL allows it), which experience puts at 1e-3. The faults seen are from 0.01 upwards.
 */
const FP32_TOLERATED = 0.004;
/**
 * Integers add up exactly, but the last bit of an fp32 value can tip a rounding to 8 bits: on another CPU, the worst of
 * 64 pairs was off by 0.0015 of the spread.
 */
const INTEGER_TOLERATED = 0.008;

/** @param eightBitLayers layers that keep 8 bits in a 4-bit package */
export function planPackage(
  weights: WeightChoice,
  embeddingBits: EmbeddingBits,
  eightBitLayers: ReadonlySet<number>,
): PackagePlan {
  const embeddings = embeddingBits === 32 ? "fp32 embeddings" : `${embeddingBits}-bit embeddings`;
  if (weights === "f32") {
    const variant = { requires: [], precision: `fp32 weights, ${embeddings}`, productSet: 0 };
    return {
      productSets: [{ name: "f32", kernel: floatKernel }],
      variants: [
        { id: "webgpu", device: "webgpu", ...variant, toleratedShare: FP32_TOLERATED },
        { id: "wasm", device: "wasm", ...variant, toleratedShare: FP32_TOLERATED },
      ],
    };
  }
  const bits = weights === "q4" ? 4 : 8;
  const exceptions =
    bits === 4 && eightBitLayers.size > 0
      ? ` (layers ${[...eightBitLayers].sort((a, b) => a - b).join(", ")}: 8-bit)`
      : "";
  return {
    productSets: [
      { name: "webgpu", kernel: blockKernel(bits, eightBitLayers) },
      { name: "wasm", kernel: rowKernel },
    ],
    variants: [
      {
        id: "webgpu",
        device: "webgpu",
        requires: [],
        precision: `${bits}-bit weights${exceptions}, ${embeddings}, fp32 activations`,
        productSet: 0,
        toleratedShare: FP32_TOLERATED,
      },
      {
        id: "wasm",
        device: "wasm",
        requires: [],
        precision: `8-bit weights, ${embeddings}, 8-bit activations per token`,
        productSet: 1,
        toleratedShare: INTEGER_TOLERATED,
      },
    ],
  };
}
