/** Writes an encoder's tensors; what comes back is all that the graphs need to know of them. */
import type { ModelInput } from "../src/model/manifest.ts";
import type { Architecture } from "./architecture.ts";
import type { ClassifierHead, EmbeddingTables, EncoderLayer, LayerNorm } from "./encoder-weights.ts";
import type { OnnxTensor } from "./onnx-model.ts";
import type { ProductKernel, StoredProduct } from "./product-kernels.ts";
import type { TensorStore } from "./weight-shards.ts";
import type { StoredWords } from "./stored-words.ts";

export type LinearName = "query" | "key" | "value" | "attentionOutput" | "intermediate" | "output";

export interface StoredNorm {
  readonly weight: OnnxTensor;
  readonly bias: OnnxTensor;
}

export interface StoredEmbeddings {
  readonly words: StoredWords;
  /** [positionOffset + maxTokens, hiddenSize]; where the graph takes no token types, the only one is added in. */
  readonly positions: OnnxTensor;
  /** Absent where the graph takes no token types. */
  readonly tokenTypes?: OnnxTensor;
  readonly norm: StoredNorm;
}

export type LayerProducts = Readonly<Record<LinearName, StoredProduct>>;

export interface StoredLayer {
  readonly biases: Readonly<Record<LinearName, OnnxTensor>>;
  readonly attentionNorm: StoredNorm;
  readonly outputNorm: StoredNorm;
  /** One set per kernel, in the kernels' order. */
  readonly products: readonly LayerProducts[];
}

export interface StoredHead {
  readonly denseWeight: OnnxTensor;
  readonly denseBias: OnnxTensor;
  readonly projectionWeight: OnnxTensor;
  readonly projectionBias: OnnxTensor;
}

export interface StoredEncoder {
  readonly architecture: Architecture;
  readonly embeddings: StoredEmbeddings;
  readonly layers: readonly StoredLayer[];
  readonly head: StoredHead;
}

/** A way to multiply, and where its products go. */
export interface ProductStore {
  readonly kernel: ProductKernel;
  readonly tensors: TensorStore;
}

export async function storeEmbeddings(
  words: StoredWords,
  tables: EmbeddingTables,
  { hiddenSize, tokenTypeRows }: Architecture,
  input: ModelInput,
  tensors: TensorStore,
): Promise<StoredEmbeddings> {
  const rows = input.positionOffset + input.maxTokens;
  const positions = tables.positions.slice(0, rows * hiddenSize);
  const hasTypes = input.tokenTypes !== "none";
  if (!hasTypes) positions.forEach((value, at) => (positions[at] = value + (tables.tokenTypes[at % hiddenSize] ?? 0)));
  return {
    words,
    positions: await tensors.add("positions", [rows, hiddenSize], positions),
    ...(hasTypes && {
      tokenTypes: await tensors.add("token_types", [tokenTypeRows, hiddenSize], tables.tokenTypes),
    }),
    norm: await storeNorm("embeddings.norm", tables.norm, tensors),
  };
}

/** Stores what all kernels share in `shared`, and each kernel's products where it wants them. */
export async function storeLayer(
  index: number,
  layer: EncoderLayer,
  shared: TensorStore,
  stores: readonly ProductStore[],
): Promise<StoredLayer> {
  const name = `layer.${String(index)}`;
  const biases = await forEachLinear((linear) => {
    const { bias } = layer[linear];
    return shared.add(`${name}.${linear}.bias`, [bias.length], bias);
  });
  const products: LayerProducts[] = [];
  for (const { kernel, tensors } of stores) {
    products.push(await forEachLinear((linear) => kernel.store(`${name}.${linear}`, layer[linear], tensors, index)));
  }
  return {
    biases,
    attentionNorm: await storeNorm(`${name}.attention_norm`, layer.attentionNorm, shared),
    outputNorm: await storeNorm(`${name}.output_norm`, layer.outputNorm, shared),
    products,
  };
}

/** One after another, so that a file's order is always the same. */
async function forEachLinear<T>(store: (linear: LinearName) => Promise<T>): Promise<Record<LinearName, T>> {
  return {
    query: await store("query"),
    key: await store("key"),
    value: await store("value"),
    attentionOutput: await store("attentionOutput"),
    intermediate: await store("intermediate"),
    output: await store("output"),
  };
}

async function storeNorm(name: string, { weight, bias }: LayerNorm, tensors: TensorStore): Promise<StoredNorm> {
  return {
    weight: await tensors.add(`${name}.weight`, [weight.length], weight),
    bias: await tensors.add(`${name}.bias`, [bias.length], bias),
  };
}

export async function storeHead({ dense, projection }: ClassifierHead, tensors: TensorStore): Promise<StoredHead> {
  const { outFeatures, inFeatures } = dense;
  return {
    denseWeight: await tensors.add("head.dense.weight", [outFeatures, inFeatures], dense.weight),
    denseBias: await tensors.add("head.dense.bias", [outFeatures], dense.bias),
    projectionWeight: await tensors.add("head.projection.weight", [1, projection.inFeatures], projection.weight),
    projectionBias: await tensors.add("head.projection.bias", [1], projection.bias),
  };
}
