import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { throwIfAborted } from "../src/core/errors.ts";
import { parseManifest, type ModelManifest } from "../src/model/manifest.ts";
import type { EncodedPair } from "../src/model/pair-encoding.ts";
import { openCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { encoderGraph } from "./encoder-graph.ts";
import { describeFiles } from "./file-facts.ts";
import { encodePairs, quickPairsFirst, type TextPair } from "./golden-pairs.ts";
import { checkpointLayers, storedLayers } from "./layered-run.ts";
import { MANIFEST, writePackageFolder } from "./package-folder.ts";
import type { Bits } from "./quantize.ts";
import { describeReport, type CompileReport } from "./report.ts";
import { scoreGolden, type GoldenScores, type LayerError } from "./score-golden.ts";
import { storeEmbeddings, storeHead, storeLayer, type StoredEncoder, type StoredLayer } from "./stored-encoder.ts";
import { storeWords, type EmbeddingBits } from "./stored-words.ts";
import { planPackage, type PackagePlan, type WeightChoice } from "./variant-plans.ts";
import { trimVocabulary, type TrimmedVocabulary, type VocabularyChoice } from "./vocabulary.ts";
import { WeightShards } from "./weight-shards.ts";

const TOKENIZER = "tokenizer.json";
/** Embeddings, LayerNorms, biases and head: the same for every variant. */
const SHARED = "shared";
/** Digits kept of a logit: far finer than any tolerance, and short to read. */
const LOGIT_DECIMALS = 6;
/** For models whose logits hardly differ; the last digit kept must not fail a test. */
const LEAST_TOLERANCE = 1e-4;

/** How far a compilation has come; stages come in this order. */
export interface CompileProgress {
  readonly stage: "embeddings" | "layers" | "golden";
  /** Rows of embeddings, or layers. */
  readonly done: number;
  readonly total: number;
}

export interface CompileOptions {
  readonly checkpointFolder: string;
  /** Created where it does not exist; an older package in it is replaced when the new one is whole. */
  readonly outputFolder: string;
  readonly golden: readonly TextPair[];
  /** What the manifest says of the model; nothing of it changes the weights. */
  readonly about: Pick<ModelManifest, "id" | "name" | "licence" | "source" | "blend">;
  /** @default "q8" */
  readonly weights?: WeightChoice;
  /** Bits of the word embeddings. @default 4 for q4, 8 for q8, fp32 for f32 */
  readonly embeddings?: Bits;
  /** @default "all" */
  readonly vocabulary?: VocabularyChoice;
  /** Most tokens of a pair. @default what the checkpoint says, else 512 */
  readonly maxTokens?: number;
  /** Layers, from 0, that keep 8 bits in a 4-bit package. @default none */
  readonly eightBitLayers?: readonly number[];
  /** Looked at between two layers. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CompileProgress) => void;
  /** Asked for, the errors of each layer are measured too, which takes about half as long again. */
  readonly onReport?: (report: CompileReport) => void;
}

/** What all steps of a compilation need. */
interface Compilation {
  readonly options: CompileOptions;
  readonly checkpoint: Checkpoint;
  readonly vocabulary: TrimmedVocabulary;
  readonly plan: PackagePlan;
  readonly folder: string;
}

/**
 * Writes a model package: graphs, weights, tokenizer and manifest. The same checkpoint and options give the same bytes.
 * Memory holds one layer, or some thousand rows of embeddings, at a time.
 * @returns the manifest as written
 * @throws RerankError `invalid-input`, `model-invalid`, `storage-full`, `aborted`
 */
export async function compileModel(options: CompileOptions): Promise<ModelManifest> {
  const { checkpointFolder, outputFolder, maxTokens, vocabulary: choice = "all" } = options;
  const checkpoint = await openCheckpoint(checkpointFolder, maxTokens);
  try {
    const { tokenizer, input, architecture } = checkpoint;
    const vocabulary = trimVocabulary(choice, tokenizer, input, architecture.vocabularySize);
    const { weights = "q8", eightBitLayers = [] } = options;
    const plan = planPackage(weights, embeddingBits(options), new Set(eightBitLayers));
    return await writePackageFolder(outputFolder, (folder) =>
      compileInto({ options, checkpoint, vocabulary, plan, folder }),
    );
  } finally {
    await checkpoint.close();
  }
}

async function compileInto(
  compilation: Compilation,
): Promise<{ readonly files: readonly string[]; readonly result: ModelManifest }> {
  const { options, vocabulary, plan, folder } = compilation;
  const given = encodePairs(vocabulary.tokenizer, vocabulary.input, options.golden);
  const order = quickPairsFirst(given);
  const golden = order.flatMap((index) => options.golden[index] ?? []);
  const pairs = order.flatMap((index) => given[index] ?? []);

  const { encoder, shared, products } = await writeWeights(compilation);
  for (const [productSet, { name, kernel }] of plan.productSets.entries()) {
    await writeFile(join(folder, `${name}.onnx`), encoderGraph(name, encoder, { kernel, productSet }).encode());
  }
  await writeFile(join(folder, TOKENIZER), JSON.stringify(vocabulary.tokenizer));

  const scores = await score(compilation, encoder, pairs);
  const weights = products.map((files) => [...shared, ...files]);
  const files = [TOKENIZER, ...new Set(weights.flat()), ...plan.productSets.map(({ name }) => `${name}.onnx`)];
  const result = parseManifest({
    formatVersion: 1,
    ...options.about,
    architecture: describeArchitecture(compilation),
    vocabulary: options.vocabulary ?? "all",
    input: vocabulary.input,
    tokenizer: TOKENIZER,
    files: await describeFiles(folder, files),
    variants: describeVariants(plan, weights, scores),
    golden: golden.map((pair, index) => ({ ...pair, logit: roundLogit(scores.reference[index]) })),
  });
  await writeFile(join(folder, MANIFEST), `${JSON.stringify(result, null, 2)}\n`);
  return { files, result };
}

interface WrittenWeights {
  readonly encoder: StoredEncoder;
  /** Files that every variant needs. */
  readonly shared: readonly string[];
  /** Files of each product set. */
  readonly products: readonly (readonly string[])[];
}

async function writeWeights(compilation: Compilation): Promise<WrittenWeights> {
  const { folder, plan } = compilation;
  const shared = new WeightShards(folder, SHARED);
  const stores = plan.productSets.map(({ name, kernel }) => ({ kernel, tensors: new WeightShards(folder, name) }));
  try {
    const encoder = await storeEncoder(compilation, shared, stores);
    return { encoder, shared: shared.files, products: stores.map(({ tensors }) => tensors.files) };
  } finally {
    await Promise.all([shared, ...stores.map(({ tensors }) => tensors)].map((shards) => shards.close()));
  }
}

async function storeEncoder(
  { options, checkpoint, vocabulary }: Compilation,
  shared: WeightShards,
  stores: Parameters<typeof storeLayer>[3],
): Promise<StoredEncoder> {
  const { weights, architecture } = checkpoint;
  const { keptIds, input } = vocabulary;
  const { onProgress, signal } = options;
  const words = await storeWords(weights, keptIds, architecture.hiddenSize, embeddingBits(options), shared, (done) => {
    throwIfAborted(signal);
    onProgress?.({ stage: "embeddings", done, total: keptIds.length });
  });
  const embeddings = await storeEmbeddings(words, await weights.embeddings(), architecture, input, shared);
  const layers: StoredLayer[] = [];
  for (let index = 0; index < architecture.layers; index++) {
    throwIfAborted(signal);
    layers.push(await storeLayer(index, await weights.layer(index), shared, stores));
    onProgress?.({ stage: "layers", done: index + 1, total: architecture.layers });
  }
  return { architecture, embeddings, layers, head: await storeHead(await weights.head(), shared) };
}

async function score(
  { options, checkpoint, vocabulary, plan, folder }: Compilation,
  encoder: StoredEncoder,
  pairs: readonly EncodedPair[],
): Promise<GoldenScores> {
  const { weights, architecture } = checkpoint;
  const { input, keptIds } = vocabulary;
  const { onReport, onProgress, signal } = options;
  const errors: LayerError[] = [];
  const scores = await scoreGolden({
    pairs,
    reference: checkpointLayers(weights, architecture, input, keptIds),
    compiled: plan.productSets.map(({ kernel }, productSet) =>
      storedLayers(folder, encoder, input, { kernel, productSet }),
    ),
    signal,
    onLayer: (done) => onProgress?.({ stage: "golden", done, total: architecture.layers }),
    ...(onReport && { onError: (error) => errors.push(error) }),
  });
  onReport?.(describeReport(plan, encoder, errors, scores));
  return scores;
}

function describeVariants(
  { variants, productSets }: PackagePlan,
  weights: readonly (readonly string[])[],
  { compiled, reference }: GoldenScores,
): readonly object[] {
  const spread = standardDeviation(reference);
  return variants.map(({ productSet, toleratedShare, ...variant }) => ({
    ...variant,
    graph: `${productSets[productSet]?.name ?? ""}.onnx`,
    weights: weights[productSet],
    expectedLogits: compiled[productSet]?.map(roundLogit),
    tolerance: roundLogit(Math.max(LEAST_TOLERANCE, toleratedShare * spread)),
  }));
}

function describeArchitecture({ checkpoint, vocabulary }: Compilation): ModelManifest["architecture"] {
  const { family, layers, hiddenSize, attentionHeads, intermediateSize } = checkpoint.architecture;
  const vocabularySize = vocabulary.keptIds.length;
  const dropped = (checkpoint.architecture.vocabularySize - vocabularySize) * hiddenSize;
  const parameters = checkpoint.weights.parameters - dropped;
  return { family, layers, hiddenSize, attentionHeads, intermediateSize, vocabularySize, parameters };
}

function embeddingBits({ weights = "q8", embeddings }: CompileOptions): EmbeddingBits {
  return embeddings ?? ({ q4: 4, q8: 8, f32: 32 } as const)[weights];
}

function standardDeviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function roundLogit(logit = Number.NaN): number {
  return Number(logit.toFixed(LOGIT_DECIMALS));
}
