/** Writes the encoder as an ONNX graph in fused operators, without shape arithmetic. */
import type { Architecture } from "./architecture.ts";
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
import type { StoredWords } from "./stored-words.ts";

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

/** A way to multiply, and which of each layer's `products` it stored. */
export interface GraphKernel {
  readonly kernel: ProductKernel;
  readonly productSet: number;
}

/**
 * The whole encoder. Inputs: `input_ids` int32 [batch, tokens], `token_type_ids` int32 [batch, tokens] where the model
 * has token types, `position_ids` int32 [tokens], `key_bias` fp32 [batch, 1, 1, tokens] (0, or very negative at
 * padding), `query_zeros` fp32 [1, 1, tokens, 1], whose only use is its shape. Output: `logits` fp32 [batch, 1].
 */
export function encoderGraph(name: string, encoder: StoredEncoder, kernel: GraphKernel): GraphBuilder {
  const { architecture, embeddings, layers, head } = encoder;
  const graph = new GraphBuilder(name);
  const embedded = embed(graph, embeddings, architecture.layerNormEpsilon);
  const context = layerContext(graph, architecture, kernel, layers.length > 1);
  const hidden = layers.reduce((x, layer, index) => addLayer(context, layer, x, index === layers.length - 1), embedded);
  graph.output("logits", classify(graph, head, hidden), ["batch", 1]);
  return graph;
}

/** The encoder up to its first layer: the whole's inputs but the biases → `hidden` fp32 [batch, tokens, hiddenSize]. */
export function embeddingGraph(
  embeddings: StoredEmbeddings,
  { layerNormEpsilon, hiddenSize }: Architecture,
): GraphBuilder {
  const graph = new GraphBuilder("embedding");
  graph.output("hidden_out", embed(graph, embeddings, layerNormEpsilon), ["batch", "tokens", hiddenSize]);
  return graph;
}

/** One layer: `hidden` fp32 [batch, tokens, hiddenSize] and the biases → `hidden_out` [batch, tokens or 1, hiddenSize]. */
export function layerGraph(
  layer: StoredLayer,
  isLast: boolean,
  architecture: Architecture,
  kernel: GraphKernel,
): GraphBuilder {
  const graph = new GraphBuilder("layer");
  const shape = ["batch", "tokens", architecture.hiddenSize];
  const hidden = graph.input("hidden", "float32", shape);
  const context = layerContext(graph, architecture, kernel, !isLast);
  graph.output(
    "hidden_out",
    addLayer(context, layer, hidden, isLast),
    isLast ? ["batch", 1, ...shape.slice(2)] : shape,
  );
  return graph;
}

/** The classification head: `hidden` fp32 [batch, 1, hiddenSize] → `logits` fp32 [batch, 1]. */
export function headGraph(head: StoredHead, { hiddenSize }: Architecture): GraphBuilder {
  const graph = new GraphBuilder("head");
  graph.output("logits", classify(graph, head, graph.input("hidden", "float32", ["batch", 1, hiddenSize])), [
    "batch",
    1,
  ]);
  return graph;
}

/** @param attendsFromAll whether any layer of the graph is not the last one */
function layerContext(
  graph: GraphBuilder,
  { attentionHeads, layerNormEpsilon }: Architecture,
  kernel: GraphKernel,
  attendsFromAll: boolean,
): LayerContext {
  const keyBias = graph.input("key_bias", "float32", ["batch", 1, 1, "tokens"]);
  const queryZeros = graph.input("query_zeros", "float32", [1, 1, "tokens", 1]);
  return {
    graph,
    ...kernel,
    heads: attentionHeads,
    epsilon: layerNormEpsilon,
    keyBias,
    attentionBias: attendsFromAll ? graph.op("Add", [keyBias, queryZeros]) : keyBias,
  };
}

function embed(graph: GraphBuilder, tables: StoredEmbeddings, epsilon: number): string {
  const ids = graph.input("input_ids", "int32", ["batch", "tokens"]);
  const positionIds = graph.input("position_ids", "int32", ["tokens"]);
  const words = lookUp(graph, tables.words, ids);
  const positions = graph.op("Gather", [graph.tensor(tables.positions), positionIds]);
  const sum = graph.op("Add", [words, positions]);
  if (tables.tokenTypes === undefined) {
    return graph.op("LayerNormalization", [sum, ...normInputs(graph, tables.norm)], { epsilon: { float: epsilon } });
  }
  const typeIds = graph.input("token_type_ids", "int32", ["batch", "tokens"]);
  const types = graph.op("Gather", [graph.tensor(tables.tokenTypes), typeIds]);
  return addAndNormalize(graph, types, sum, tables.norm, epsilon);
}

function lookUp(graph: GraphBuilder, { bits, codes, scales }: StoredWords, ids: string): string {
  if (bits === 32 || scales === undefined) return graph.op("Gather", [graph.tensor(codes), ids]);
  return graph.fused("GatherBlockQuantized", [graph.tensor(codes), ids, graph.widened(scales)], {
    bits: { int: bits },
    block_size: { int: BLOCK_SIZE },
    gather_axis: { int: 0 },
    quantize_axis: { int: 1 },
  });
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
