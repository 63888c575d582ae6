/** Writes an encoder's tensors into shards; what comes back is all that the graphs need to know of them. */
import type { ModelInput } from "../src/model/manifest.ts";
import type { Architecture } from "./architecture.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { ClassifierHead, EmbeddingTables, EncoderLayer, EncoderWeights, LayerNorm } from "./encoder-weights.ts";
import type { OnnxTensor } from "./onnx-model.ts";
import { BLOCK_SIZE, type ProductKernel, type StoredProduct } from "./product-kernels.ts";
import { packCodes, quantizeBlocks, type Bits } from "./quantize.ts";
import type { WeightShard } from "./weight-shard.ts";

export type LinearName = "query" | "key" | "value" | "attentionOutput" | "intermediate" | "output";

export interface StoredNorm {
  readonly weight: OnnxTensor;
  readonly bias: OnnxTensor;
}

export interface StoredEmbeddings {
  readonly bits: Bits;
  readonly codes: OnnxTensor;
  readonly scales: OnnxTensor;
  /** [positionOffset + maxTokens, hiddenSize]; where there is one token type only, it is added in. */
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
  /** One set per variant, in the variants' order. */
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

/** A variant's way to multiply, and the file for its products. */
export interface ProductStore {
  readonly kernel: ProductKernel;
  readonly shard: WeightShard;
}

/** Stores what all variants share in `shared`, and each variant's products in its own shard, layer by layer. */
export async function storeEncoder(
  { architecture, input, weights }: Pick<Checkpoint, "architecture" | "input" | "weights">,
  shared: WeightShard,
  stores: readonly ProductStore[],
  embeddingBits: Bits,
): Promise<StoredEncoder> {
  const embeddings = await storeEmbeddings(await weights.embeddings(), architecture, input, shared, embeddingBits);
  const layers = await storeLayers(weights, architecture.layers, shared, stores);
  return { architecture, embeddings, layers, head: await storeHead(await weights.head(), shared) };
}

async function storeEmbeddings(
  tables: EmbeddingTables,
  { hiddenSize, vocabularySize, tokenTypeRows }: Architecture,
  input: ModelInput,
  shard: WeightShard,
  bits: Bits,
): Promise<StoredEmbeddings> {
  const words = quantizeBlocks(tables.words, BLOCK_SIZE, bits);
  const rows = input.positionOffset + input.maxTokens;
  const positions = tables.positions.slice(0, rows * hiddenSize);
  const hasTypes = input.tokenTypes !== "none";
  if (!hasTypes) positions.forEach((value, at) => (positions[at] = value + (tables.tokenTypes[at % hiddenSize] ?? 0)));
  return {
    bits,
    codes: await shard.add("words.codes", [vocabularySize, (hiddenSize * bits) / 8], packCodes(words)),
    scales: await shard.add("words.scales", [vocabularySize, hiddenSize / BLOCK_SIZE], words.scales),
    positions: await shard.add("positions", [rows, hiddenSize], positions),
    ...(hasTypes && {
      tokenTypes: await shard.add("token_types", [tokenTypeRows, hiddenSize], tables.tokenTypes),
    }),
    norm: await storeNorm("embeddings.norm", tables.norm, shard),
  };
}

async function storeLayers(
  weights: EncoderWeights,
  count: number,
  shared: WeightShard,
  stores: readonly ProductStore[],
): Promise<readonly StoredLayer[]> {
  const layers: StoredLayer[] = [];
  for (let index = 0; index < count; index++) {
    layers.push(await storeLayer(`layer.${String(index)}`, await weights.layer(index), shared, stores));
  }
  return layers;
}

async function storeLayer(
  name: string,
  layer: EncoderLayer,
  shared: WeightShard,
  stores: readonly ProductStore[],
): Promise<StoredLayer> {
  const biases = await forEachLinear((linear) => {
    const { bias } = layer[linear];
    return shared.add(`${name}.${linear}.bias`, [bias.length], bias);
  });
  const products: LayerProducts[] = [];
  for (const { kernel, shard } of stores) {
    products.push(await forEachLinear((linear) => kernel.store(`${name}.${linear}`, layer[linear], shard)));
  }
  return {
    biases,
    attentionNorm: await storeNorm(`${name}.attention_norm`, layer.attentionNorm, shared),
    outputNorm: await storeNorm(`${name}.output_norm`, layer.outputNorm, shared),
    products,
  };
}

/** One after another, so that a shard's order is always the same. */
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

async function storeNorm(name: string, { weight, bias }: LayerNorm, shard: WeightShard): Promise<StoredNorm> {
  return {
    weight: await shard.add(`${name}.weight`, [weight.length], weight),
    bias: await shard.add(`${name}.bias`, [bias.length], bias),
  };
}

async function storeHead({ dense, projection }: ClassifierHead, shard: WeightShard): Promise<StoredHead> {
  const { outFeatures, inFeatures } = dense;
  return {
    denseWeight: await shard.add("head.dense.weight", [outFeatures, inFeatures], dense.weight),
    denseBias: await shard.add("head.dense.bias", [outFeatures], dense.bias),
    projectionWeight: await shard.add("head.projection.weight", [1, projection.inFeatures], projection.weight),
    projectionBias: await shard.add("head.projection.bias", [1], projection.bias),
  };
}
