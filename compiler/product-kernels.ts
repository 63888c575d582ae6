/** How matrix products are stored and computed: one way per execution provider. */
import type { GraphBuilder } from "./graph-builder.ts";
import type { Linear } from "./encoder-weights.ts";
import type { OnnxTensor } from "./onnx-model.ts";
import { packCodes, quantizeBlocks, zeroPoint, type Bits } from "./quantize.ts";
import type { WeightShard } from "./weight-shard.ts";

/** A weight matrix as its kernel stored it. */
export interface StoredProduct {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly codes: OnnxTensor;
  readonly scales: OnnxTensor;
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
  store(name: string, linear: Linear, shard: WeightShard): Promise<StoredProduct>;
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

/** MatMulNBits: weights of 4 or 8 bits in blocks of 32, activations in fp32. Fast on WebGPU, as slow as fp32 in WASM. */
export function blockKernel(bits: Bits): ProductKernel {
  return {
    takesBias: true,
    async store(name, { inFeatures, outFeatures, weight }, shard) {
      const quantized = quantizeBlocks(weight, BLOCK_SIZE, bits);
      const blocks = inFeatures / BLOCK_SIZE;
      const dims = [outFeatures, blocks, (BLOCK_SIZE * bits) / 8];
      return {
        inFeatures,
        outFeatures,
        codes: await shard.add(`${name}.codes`, dims, packCodes(quantized)),
        scales: await shard.add(`${name}.scales`, [outFeatures, blocks], quantized.scales),
      };
    },
    prepare: (_, x) => ({ values: x }),
    multiply(graph, x, { inFeatures, outFeatures, codes, scales }, bias) {
      const inputs = [x.values, graph.tensor(codes), graph.tensor(scales)];
      return graph.fused("MatMulNBits", bias === undefined ? inputs : [...inputs, "", "", graph.tensor(bias)], {
        K: { int: inFeatures },
        N: { int: outFeatures },
        bits: { int: bits },
        block_size: { int: BLOCK_SIZE },
        accuracy_level: { int: ACCURACY_LEVEL_FP32 },
      });
    },
  };
}

/** Smallest row maximum that is divided by: keeps a row of zeros from becoming NaN. */
const SMALLEST_ROW = 1e-12;
const LARGEST_CODE = 127;

/**
 * Integer products: weights of 8 bits per output channel, activations of 8 bits per row (per token), so that a pair's
 * score does not depend on its batch-mates. Unsigned, for ONNX Runtime's unsigned kernel is the faster one in WASM.
 */
export const rowKernel: ProductKernel = {
  takesBias: false,
  async store(name, { inFeatures, outFeatures, weight }, shard) {
    const { codes, scales } = quantizeBlocks(weight, inFeatures, 8);
    const transposed = transpose(codes, outFeatures, inFeatures);
    return {
      inFeatures,
      outFeatures,
      codes: await shard.add(`${name}.codes`, [inFeatures, outFeatures], transposed),
      scales: await shard.add(`${name}.scales`, [outFeatures], scales),
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
      graph.tensor(scales),
      zero,
      zero,
    ]);
    return graph.op("Mul", [product, x.rowScales ?? graph.float([1])]);
  },
};

/** @returns [columns, rows] */
function transpose(values: Uint8Array, rows: number, columns: number): Uint8Array<ArrayBuffer> {
  const transposed = new Uint8Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      transposed[column * rows + row] = values[row * columns + column] ?? 0;
    }
  }
  return transposed;
}
