/** Writes the encoder as an ONNX graph in fused operators, without shape arithmetic. */
import type { ModelInput } from "../src/model/manifest.ts";
import { GraphBuilder } from "./graph-builder.ts";
import type { OnnxTensor } from "./onnx-model.ts";
import { BLOCK_SIZE, type ProductKernel } from "./product-kernels.ts";
import type {
  LayerProducts,
  StoredEmbeddings,
  StoredEncoder,
  StoredHead,
  StoredLayer,
  StoredNorm,
} from "./stored-encoder.ts";

/** What the layers of one graph have in common. */
interface LayerContext {
  readonly graph: GraphBuilder;
  readonly kernel: ProductKernel;
  /** Which of a layer's `products` are this kernel's. */
  readonly productSet: number;
  readonly heads: number;
  readonly epsilon: number;
  /** [batch, 1, 1, tokens] */
  readonly keyBias: string;
  /** [batch, 1, tokens, tokens] */
  readonly attentionBias: string;
}

/**
 * Inputs: `input_ids` int32 [batch, tokens], `token_type_ids` int32 [batch, tokens] where the model has token types,
 * `position_ids` int32 [tokens], `key_bias` fp32 [batch, 1, 1, tokens] (0, or very negative at padding),
 * `query_zeros` fp32 [1, 1, tokens, 1], whose only use is its shape. Output: `logits` fp32 [batch, 1].
 * @param productSet which of each layer's `products` the kernel stored
 * @returns the bytes of the `.onnx` file
 */
export function encodeEncoderGraph(
  name: string,
  { architecture, embeddings, layers, head }: StoredEncoder,
  input: ModelInput,
  kernel: ProductKernel,
  productSet: number,
): Uint8Array {
  const graph = new GraphBuilder(name);
  const epsilon = architecture.layerNormEpsilon;
  const embedded = embed(graph, embeddings, input, epsilon);
  const keyBias = graph.input("key_bias", "float32", ["batch", 1, 1, "tokens"]);
  const queryZeros = graph.input("query_zeros", "float32", [1, 1, "tokens", 1]);
  const context: LayerContext = {
    graph,
    kernel,
    productSet,
    heads: architecture.attentionHeads,
    epsilon,
    keyBias,
    attentionBias: layers.length > 1 ? graph.op("Add", [keyBias, queryZeros]) : keyBias,
  };
  const hidden = layers.reduce((x, layer, index) => addLayer(context, layer, x, index === layers.length - 1), embedded);
  graph.output("logits", classify(graph, head, hidden), ["batch", 1]);
  return graph.encode();
}

function embed(graph: GraphBuilder, tables: StoredEmbeddings, input: ModelInput, epsilon: number): string {
  const ids = graph.input("input_ids", "int32", ["batch", "tokens"]);
  const positionIds = graph.input("position_ids", "int32", ["tokens"]);
  const words = graph.fused("GatherBlockQuantized", [graph.tensor(tables.codes), ids, graph.tensor(tables.scales)], {
    bits: { int: tables.bits },
    block_size: { int: BLOCK_SIZE },
    gather_axis: { int: 0 },
    quantize_axis: { int: 1 },
  });
  const positions = graph.op("Gather", [graph.tensor(tables.positions), positionIds]);
  const sum = graph.op("Add", [words, positions]);
  if (tables.tokenTypes === undefined || input.tokenTypes === "none") {
    return graph.op("LayerNormalization", [sum, ...normInputs(graph, tables.norm)], { epsilon: { float: epsilon } });
  }
  const typeIds = graph.input("token_type_ids", "int32", ["batch", "tokens"]);
  const types = graph.op("Gather", [graph.tensor(tables.tokenTypes), typeIds]);
  return addAndNormalize(graph, types, sum, tables.norm, epsilon);
}

/** One encoder layer; of the last one only the first token is wanted: [batch, 1, hiddenSize]. */
function addLayer(context: LayerContext, layer: StoredLayer, x: string, last: boolean): string {
  const { graph, kernel, productSet, epsilon } = context;
  const products = layer.products[productSet];
  if (products === undefined) throw new RangeError(`no products of set ${productSet}`);
  const { biases } = layer;
  const queries = last ? graph.op("Gather", [x, graph.int([0], [1])], { axis: { int: 1 } }) : x;

  const attended = attend(context, products, biases, queries, x);
  const projected = kernel.multiply(graph, kernel.prepare(graph, attended), products.attentionOutput);
  const middle = addAndNormalize(graph, projected, queries, layer.attentionNorm, epsilon, biases.attentionOutput);

  const wide = kernel.multiply(graph, kernel.prepare(graph, middle), products.intermediate);
  const activated = graph.fused("BiasGelu", [wide, graph.tensor(biases.intermediate)]);
  const narrow = kernel.multiply(graph, kernel.prepare(graph, activated), products.output);
  return addAndNormalize(graph, narrow, middle, layer.outputNorm, epsilon, biases.output);
}

/** Softmax(q kᵀ / √headSize + bias) v for all heads. @param queries x itself, or its first token */
function attend(
  context: LayerContext,
  products: LayerProducts,
  biases: StoredLayer["biases"],
  queries: string,
  x: string,
): string {
  const { graph, kernel, heads, keyBias, attentionBias } = context;
  const keyOperand = kernel.prepare(graph, x);
  const queryOperand = queries === x ? keyOperand : kernel.prepare(graph, queries);
  const multiply = (name: "query" | "key" | "value"): string =>
    kernel.multiply(
      graph,
      name === "query" ? queryOperand : keyOperand,
      products[name],
      ...(kernel.takesBias ? [biases[name]] : []),
    );
  const joinedBias = kernel.takesBias ? "" : joinBiases(graph, [biases.query, biases.key, biases.value]);
  return graph.fused(
    "MultiHeadAttention",
    [multiply("query"), multiply("key"), multiply("value"), joinedBias, "", queries === x ? attentionBias : keyBias],
    { num_heads: { int: heads } },
  );
}

/** Folded into a constant when the graph is loaded. */
function joinBiases(graph: GraphBuilder, biases: readonly OnnxTensor[]): string {
  const parts = biases.map((bias) => graph.tensor(bias));
  return graph.op("Concat", parts, { axis: { int: 0 } });
}

/** LayerNorm(x + skip + bias) */
function addAndNormalize(
  graph: GraphBuilder,
  x: string,
  skip: string,
  norm: StoredNorm,
  epsilon: number,
  bias?: OnnxTensor,
): string {
  const inputs = [x, skip, ...normInputs(graph, norm), ...(bias === undefined ? [] : [graph.tensor(bias)])];
  return graph.fused("SkipLayerNormalization", inputs, { epsilon: { float: epsilon } });
}

function normInputs(graph: GraphBuilder, { weight, bias }: StoredNorm): [string, string] {
  return [graph.tensor(weight), graph.tensor(bias)];
}

/** outProj(tanh(dense(x))), fp32. @param x [batch, 1, hiddenSize] */
function classify(graph: GraphBuilder, head: StoredHead, x: string): string {
  const first = graph.op("Gather", [x, graph.int([0])], { axis: { int: 1 } });
  const dense = linear(graph, first, head.denseWeight, head.denseBias);
  return linear(graph, graph.op("Tanh", [dense]), head.projectionWeight, head.projectionBias);
}

/** x Wᵀ + b, x [batch, inFeatures] */
function linear(graph: GraphBuilder, x: string, weight: OnnxTensor, bias: OnnxTensor): string {
  return graph.op("Gemm", [x, graph.tensor(weight), graph.tensor(bias)], { transB: { int: 1 } });
}
