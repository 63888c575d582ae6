import type { ModelVariant } from "../src/model/manifest.ts";
import { blockKernel, rowKernel, type ProductKernel } from "./product-kernels.ts";
import type { Bits } from "./quantize.ts";

/** A variant before its graph has been written and run. */
export interface VariantPlan extends Omit<ModelVariant, "expectedLogits" | "tolerance"> {
  readonly kernel: ProductKernel;
  /** What the self-test forgives, as a share of the standard deviation of the golden logits. */
  readonly toleratedShare: number;
}

/** Embeddings, LayerNorms, biases and head: the same for every variant. */
export const SHARED_WEIGHTS = "shared.bin";

/**
 * A CPU with other sums and a software GPU stay within 1e-6 of this machine's fp32 activations. GPUs may round exp and
 * tanh far more coarsely (WGSL allows it), which experience puts at 1e-3. The faults seen are from 0.01 upwards.
 */
const WEBGPU_TOLERATED = 0.004;
/**
 * Integers add up exactly, but the last bit of an fp32 value can tip a rounding to 8 bits: on another CPU, the worst of
 * 64 pairs was off by 0.0015 of the spread.
 */
const WASM_TOLERATED = 0.008;

/** The variants a package gets, in the order in which the worker tries them. */
export function planVariants(webgpuBits: Bits): readonly VariantPlan[] {
  return [
    {
      id: "webgpu",
      device: "webgpu",
      requires: [],
      precision: `${webgpuBits}-bit weights, fp32 activations`,
      graph: "webgpu.onnx",
      weights: [SHARED_WEIGHTS, "webgpu.bin"],
      kernel: blockKernel(webgpuBits),
      toleratedShare: WEBGPU_TOLERATED,
    },
    {
      id: "wasm",
      device: "wasm",
      requires: [],
      precision: "8-bit weights, 8-bit activations per token",
      graph: "wasm.onnx",
      weights: [SHARED_WEIGHTS, "wasm.bin"],
      kernel: rowKernel,
      toleratedShare: WASM_TOLERATED,
    },
  ];
}
