/** How matrix products are stored and computed: one way per execution provider. */
import type { GraphBuilder } from "./graph-builder.ts";
import type { Linear } from "./encoder-weights.ts";
import type { OnnxTensor } from "./onnx-model.ts";
import { packCodes, packScales, quantizeBlocks, zeroPoint, type Bits, type QuantizedBlocks } from "./quantize.ts";
import type { TensorStore } from "./weight-shards.ts";

/** A weight matrix as its kernel stored it. */
export interface StoredProduct {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** Integers, or the weights themselves where there are no scales. */
  readonly codes: OnnxTensor;
  readonly scales?: OnnxTensor;
  /** Of the codes; 32 for weights that are not quantized. */
  readonly bits: Bits | 32;
  /** Root of (sum of squared errors ÷ sum of squared weights). */
  readonly weightError: number;
}

/** The left side of a product, prepared once for all products that share it. */
export interface Operand {
  readonly values: string;
  /** [..., 1], where `values` are integers. */
  readonly rowScales?: string;
}

export interface ProductKernel {
  /**
   * Whether query, key and value get their bias from the product, or from MultiHeadAttention: whichever is free. On
   * WebGPU, a bias in the attention costs three transpositions (microsoft/onnxruntime#28380).
   */
  readonly takesBias: boolean;
  /** @param layer from 0 */
  store(name: string, linear: Linear, tensors: TensorStore, layer: number): Promise<StoredProduct>;
  prepare(graph: GraphBuilder, x: string): Operand;
  /** x Wᵀ + bias, [..., outFeatures]. @param bias only where `takesBias` */
  multiply(graph: GraphBuilder, x: Operand, product: StoredProduct, bias?: OnnxTensor): string;
}

/** WebGPU's fast kernel needs blocks of exactly 32 where it cannot use dot4I8Packed (Apple, Firefox, fp16). */
export const BLOCK_SIZE = 32;

/**
 * fp32 activations. Left out, level 4 is assumed, and WebGPU rounds activations to 8 bits where the GPU has
 * subgroups: other scores on other machines.
 */
const ACCURACY_LEVEL_FP32 = 1;

/**
 * MatMulNBits: weights of 4 or 8 bits in blocks of 32, activations in fp32. Fast on WebGPU, as slow as fp32 in WASM.
 * @param eightBitLayers layers that keep 8 bits whatever `bits` says
 */
export function blockKernel(bits: Bits, eightBitLayers: ReadonlySet<number> = new Set()): ProductKernel {
  return {
    takesBias: true,
    async store(name, { inFeatures, outFeatures, weight }, tensors, layer) {
      const layerBits = eightBitLayers.has(layer) ? 8 : bits;
      const quantized = quantizeBlocks(weight, BLOCK_SIZE, layerBits, "float16");
      const blocks = inFeatures / BLOCK_SIZE;
      const dims = [outFeatures, blocks, (BLOCK_SIZE * layerBits) / 8];
      return {
        inFeatures,
        outFeatures,
        codes: await tensors.add(`${name}.codes`, dims, packCodes(quantized)),
        scales: await tensors.add(`${name}.scales`, [outFeatures, blocks], packScales(quantized.scales)),
        bits: layerBits,
        weightError: relativeError(quantized),
      };
    },
    prepare: (_, x) => ({ values: x }),
    multiply(graph, x, { inFeatures, outFeatures, codes, scales, bits: layerBits }, bias) {
      const inputs = [x.values, graph.tensor(codes), ...(scales ? [graph.widened(scales)] : [])];
      return graph.fused("MatMulNBits", bias === undefined ? inputs : [...inputs, "", "", graph.tensor(bias)], {
        K: { int: inFeatures },
        N: { int: outFeatures },
        bits: { int: layerBits },
        block_size: { int: BLOCK_SIZE },
        accuracy_level: { int: ACCURACY_LEVEL_FP32 },
      });
    },
  };
}

/** fp32 throughout: the reference, and small packages that are to lose nothing. */
export const floatKernel: ProductKernel = {
  takesBias: false,
  async store(name, { inFeatures, outFeatures, weight }, tensors) {
    const transposed = transpose(weight, new Float32Array(weight.length), outFeatures, inFeatures);
    const codes = await tensors.add(name, [inFeatures, outFeatures], transposed);
    return { inFeatures, outFeatures, codes, bits: 32, weightError: 0 };
  },
  prepare: (_, x) => ({ values: x }),
  multiply: (graph, x, { codes }) => graph.op("MatMul", [x.values, graph.tensor(codes)]),
};

/** Smallest row maximum that is divided by: keeps a row of zeros from becoming NaN. */
const SMALLEST_ROW = 1e-12;
const LARGEST_CODE = 127;

/**
 * Integer products: weights of 8 bits per output channel, activations of 8 bits per row (per token), so that a pair's
 * score does not depend on its batch-mates. Unsigned, for ONNX Runtime's unsigned kernel is the faster one in WASM.
 */
export const rowKernel: ProductKernel = {
  takesBias: false,
  async store(name, { inFeatures, outFeatures, weight }, tensors) {
    const quantized = quantizeBlocks(weight, inFeatures, 8);
    const transposed = transpose(quantized.codes, new Uint8Array(weight.length), outFeatures, inFeatures);
    return {
      inFeatures,
      outFeatures,
      codes: await tensors.add(`${name}.codes`, [inFeatures, outFeatures], transposed),
      scales: await tensors.add(`${name}.scales`, [outFeatures], quantized.scales),
      bits: 8,
      weightError: relativeError(quantized),
    };
  },
  prepare(graph, x) {
    const magnitudes = graph.op("ReduceMax", [graph.op("Abs", [x])], { axes: { ints: [-1] }, keepdims: { int: 1 } });
    const largest = graph.op("Max", [magnitudes, graph.float([SMALLEST_ROW])]);
    const scaled = graph.op("Mul", [x, graph.op("Div", [graph.float([LARGEST_CODE]), largest])]);
    return {
      values: graph.op("QuantizeLinear", [scaled, graph.float([1]), graph.byte(zeroPoint(8))]),
      rowScales: graph.op("Div", [largest, graph.float([LARGEST_CODE])]),
    };
  },
  multiply(graph, x, { codes, scales }) {
    const zero = graph.byte(zeroPoint(8));
    // The row's scale cannot go in here: this operator takes a scale per batch (scalar) for its left side.
    const product = graph.fused("MatMulIntegerToFloat", [
      x.values,
      graph.tensor(codes),
      graph.float([1]),
      scales ? graph.tensor(scales) : graph.float([1]),
      zero,
      zero,
    ]);
    return graph.op("Mul", [product, x.rowScales ?? graph.float([1])]);
  },
};

function relativeError({ squaredError, squaredSum }: QuantizedBlocks): number {
  return squaredSum === 0 ? 0 : Math.sqrt(squaredError / squaredSum);
}

/** In squares, for a large matrix read along its columns would miss the cache at every step. */
const SQUARE = 32;

/** @returns `target` as [columns, rows] */
function transpose<T extends Float32Array | Uint8Array>(values: T, target: T, rows: number, columns: number): T {
  for (let top = 0; top < rows; top += SQUARE) {
    for (let left = 0; left < columns; left += SQUARE) {
      for (let row = top; row < Math.min(rows, top + SQUARE); row++) {
        for (let column = left; column < Math.min(columns, left + SQUARE); column++) {
          target[column * rows + row] = values[row * columns + column] ?? 0;
        }
      }
    }
  }
  return target;
}
