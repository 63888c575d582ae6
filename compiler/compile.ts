import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseManifest, type ModelInput, type ModelManifest, type ModelVariant } from "../src/model/manifest.ts";
import type { EncodedPair } from "../src/model/pair-encoding.ts";
import { openCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { encodeEncoderGraph } from "./encoder-graph.ts";
import { describeFiles } from "./file-facts.ts";
import { checkQuickPairs, encodePairs, type TextPair } from "./golden-pairs.ts";
import { OnnxSession } from "./onnx-session.ts";
import type { Bits } from "./quantize.ts";
import { referenceLogits } from "./reference-forward.ts";
import { storeEncoder, type StoredEncoder } from "./stored-encoder.ts";
import { planVariants, SHARED_WEIGHTS, type VariantPlan } from "./variant-plans.ts";
import { WeightShard } from "./weight-shard.ts";

const MANIFEST = "manifest.json";
const TOKENIZER = "tokenizer.json";
/** Digits kept of a logit: far finer than any tolerance, and short to read. */
const LOGIT_DECIMALS = 6;
/** For models whose logits hardly differ; the last digit kept must not fail a test. */
const LEAST_TOLERANCE = 1e-4;

export interface CompileOptions {
  readonly checkpointFolder: string;
  /** Created where it does not exist; files of the same names are overwritten. */
  readonly outputFolder: string;
  readonly golden: readonly TextPair[];
  /** What the manifest says of the model; nothing of it changes the weights. */
  readonly about: Pick<ModelManifest, "id" | "name" | "licence" | "source" | "blend">;
  /** @default 8 */
  readonly embeddingBits?: Bits;
  /** Bits of the WebGPU variant's matrix products. @default 8 */
  readonly webgpuBits?: Bits;
}

/**
 * Writes a model package: graphs, weights, tokenizer and manifest. The same checkpoint and options give the same bytes.
 * @returns the manifest as written
 * @throws RerankError `invalid-input`, `model-invalid`
 */
export async function compileModel(options: CompileOptions): Promise<ModelManifest> {
  const checkpoint = await openCheckpoint(options.checkpointFolder);
  try {
    return await compileCheckpoint(checkpoint, options);
  } finally {
    await checkpoint.close();
  }
}

async function compileCheckpoint(checkpoint: Checkpoint, options: CompileOptions): Promise<ModelManifest> {
  const { input, tokenizer } = checkpoint;
  const { outputFolder: folder, golden, about, embeddingBits = 8, webgpuBits = 8 } = options;
  const pairs = encodePairs(tokenizer, input, golden);
  checkQuickPairs(pairs);
  await mkdir(folder, { recursive: true });

  const plans = planVariants(webgpuBits);
  const stored = await writeWeights(checkpoint, plans, folder, embeddingBits);
  await writeGraphs(stored, input, plans, folder);
  await writeFile(join(folder, TOKENIZER), JSON.stringify(tokenizer));

  const goldenWithLogits = await addLogits(golden, pairs, checkpoint);
  const spread = standardDeviation(goldenWithLogits.map(({ logit }) => logit));
  const manifest = parseManifest({
    formatVersion: 1,
    ...about,
    architecture: describeArchitecture(checkpoint),
    input,
    tokenizer: TOKENIZER,
    files: await describeFiles(folder, [TOKENIZER, ...fileNames(plans)]),
    variants: await runVariants(plans, folder, input, pairs, spread),
    golden: goldenWithLogits,
  });
  await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

async function writeWeights(
  checkpoint: Checkpoint,
  plans: readonly VariantPlan[],
  folder: string,
  embeddingBits: Bits,
): Promise<StoredEncoder> {
  const shared = await WeightShard.create(join(folder, SHARED_WEIGHTS));
  const stores = await Promise.all(
    plans.map(async ({ id, kernel }) => ({ kernel, shard: await WeightShard.create(join(folder, `${id}.bin`)) })),
  );
  try {
    return await storeEncoder(checkpoint, shared, stores, embeddingBits);
  } finally {
    await Promise.all([shared, ...stores.map(({ shard }) => shard)].map((shard) => shard.close()));
  }
}

async function writeGraphs(
  stored: StoredEncoder,
  input: ModelInput,
  plans: readonly VariantPlan[],
  folder: string,
): Promise<void> {
  for (const [productSet, { graph, id, kernel }] of plans.entries()) {
    await writeFile(join(folder, graph), encodeEncoderGraph(id, stored, input, kernel, productSet));
  }
}

/**
 * Runs each variant's graph, one pair at a time, and keeps its logits as what it should give elsewhere.
 * @param spread standard deviation of the golden logits
 */
async function runVariants(
  plans: readonly VariantPlan[],
  folder: string,
  input: ModelInput,
  pairs: readonly EncodedPair[],
  spread: number,
): Promise<readonly ModelVariant[]> {
  const variants: ModelVariant[] = [];
  for (const { id, device, requires, precision, graph, weights, toleratedShare } of plans) {
    const tolerance = roundLogit(Math.max(LEAST_TOLERANCE, toleratedShare * spread));
    const session = await OnnxSession.open(folder, { graph, weights }, input);
    const expectedLogits = (await session.score(pairs, 1)).map(roundLogit);
    await session.release();
    variants.push({ id, device, requires, precision, graph, weights, expectedLogits, tolerance });
  }
  return variants;
}

async function addLogits(
  golden: readonly TextPair[],
  pairs: readonly EncodedPair[],
  { weights, architecture, input }: Checkpoint,
): Promise<ModelManifest["golden"]> {
  const logits = await referenceLogits(weights, architecture, input, pairs);
  return golden.map(({ query, document }, index) => ({ query, document, logit: roundLogit(logits[index]) }));
}

function describeArchitecture({ architecture, weights }: Checkpoint): ModelManifest["architecture"] {
  const { family, layers, hiddenSize, attentionHeads, intermediateSize, vocabularySize } = architecture;
  const { parameters } = weights;
  return { family, layers, hiddenSize, attentionHeads, intermediateSize, vocabularySize, parameters };
}

function fileNames(plans: readonly VariantPlan[]): ReadonlySet<string> {
  return new Set(plans.flatMap(({ graph, weights }) => [graph, ...weights]));
}

function standardDeviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function roundLogit(logit = Number.NaN): number {
  return Number(logit.toFixed(LOGIT_DECIMALS));
}
