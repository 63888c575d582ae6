/** The manifest of a model package: what the compiler writes and the worker reads. */
import * as v from "valibot";
import { RerankError } from "../core/errors.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Browsers make no longer buffers; the compiler's own shards are far smaller. */
const MAX_FILE_BYTES = 2 ** 31;
/** All that WebAssembly can address. */
const MAX_VARIANT_BYTES = 2 ** 32;
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
/** A file of the package, relative to its folder; no way out of that folder. */
const fileName = v.pipe(v.string(), v.regex(/^(?!.*\.\.)[\w.-]+(\/[\w.-]+)*$/));

const FORMAT_VERSION = 1;

const variantSchema = v.object({
  /** "webgpu", "webgpu-f16", "wasm". Unique in the package; the worker tries variants in the listed order. */
  id: v.string(),
  device: v.picklist(["webgpu", "wasm"]),
  /** WebGPU features without which this variant does not run. */
  requires: v.array(v.string()),
  /** Weights, activations and embeddings in words, as a table shows them: "8-bit weights, fp32 activations". */
  precision: v.string(),
  /** The graph, without weights. */
  graph: fileName,
  /** ONNX external data. */
  weights: v.array(fileName),
  /** The logit a correct runtime gives for each golden pair, in the order of `golden`. */
  expectedLogits: v.array(v.number()),
  /** Largest difference from `expectedLogits` that the self-test accepts. */
  tolerance: v.pipe(v.number(), v.minValue(0)),
});

const manifestSchema = v.object({
  formatVersion: v.literal(FORMAT_VERSION),
  /** "sunwi-mini": fit for a file name and an option on a command line. */
  id: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]*$/)),
  name: v.string(),
  source: v.object({ repository: v.string(), revision: v.string() }),
  /** SPDX expression of the weights' licence. */
  licence: v.string(),
  architecture: v.object({
    family: v.picklist(["xlm-roberta", "bert", "sunwi-mini"]),
    layers: count,
    hiddenSize: count,
    attentionHeads: count,
    intermediateSize: count,
    vocabularySize: count,
    parameters: count,
  }),
  /** `ko-en` has no pieces for other languages, whose characters it reads as unknown. Absent: `all`. */
  vocabulary: v.optional(v.picklist(["all", "ko-en"])),
  input: v.object({
    clsTokenId: count,
    sepTokenId: count,
    padTokenId: count,
    /** Separators between query and document: 2 for XLM-RoBERTa, 1 for BERT and ours. */
    middleSeparators: v.picklist([1, 2]),
    /** Position id of the first token. */
    positionOffset: count,
    /** Tokens of a pair, special ones included. */
    maxTokens: v.pipe(count, v.minValue(8)),
    /** Query tokens kept; the document gets what is left. */
    maxQueryTokens: v.pipe(count, v.minValue(1)),
    /**
     * `none`: the graph takes no `token_type_ids`. `segments`, BERT's: 0 up to the separator behind the query, then 1.
     * `match-marks`, ours: 1 query token, 2 query token that the document also
     * holds, 3 document token, 4 document token that the query also holds, 0 special and padding.
     */
    tokenTypes: v.picklist(["none", "segments", "match-marks"]),
  }),
  /** Present where the model orders better with the first stage's score: see `blendScores`. */
  blend: v.optional(v.object({ weight: v.pipe(v.number(), v.minValue(0)), fittedOn: v.string() })),
  tokenizer: fileName,
  /** Every file of the package except this one. */
  files: v.record(fileName, v.object({ bytes: v.pipe(count, v.maxValue(MAX_FILE_BYTES)), sha256 })),
  variants: v.pipe(v.array(variantSchema), v.minLength(1)),
  /**
   * Pairs with the logit that the source model gives in fp32. The first two are for a quick test: short, yet with more
   * than 32 tokens, for below that ONNX Runtime's WebGPU provider runs another attention kernel.
   */
  golden: v.pipe(v.array(v.object({ query: v.string(), document: v.string(), logit: v.number() })), v.minLength(2)),
});

export type ModelManifest = v.InferOutput<typeof manifestSchema>;
export type ModelVariant = ModelManifest["variants"][number];
export type ModelInput = ModelManifest["input"];

/**
 * Checks a parsed `manifest.json`.
 * @throws RerankError `model-invalid`, naming the first field that is off
 */
export function parseManifest(json: unknown): ModelManifest {
  const version: unknown =
    typeof json === "object" && json !== null && "formatVersion" in json ? json.formatVersion : 0;
  if (typeof version === "number" && version > FORMAT_VERSION) {
    throw invalid(`it has format ${String(version)}; load a newer release of this page`);
  }
  const result = v.safeParse(manifestSchema, json);
  if (!result.success) {
    const [issue] = result.issues;
    throw invalid(`${v.getDotPath(issue) ?? "the manifest"}: ${issue.message}`);
  }
  const manifest = result.output;
  const problem = findInconsistency(manifest);
  if (problem !== undefined) throw invalid(problem);
  return manifest;
}

/** Files a page downloads to run a variant: tokenizer, graph and weights. */
export function variantFiles(manifest: ModelManifest, variant: ModelVariant): readonly string[] {
  return [manifest.tokenizer, variant.graph, ...variant.weights];
}

/** Bytes of `variantFiles`. */
export function variantBytes(manifest: ModelManifest, variant: ModelVariant): number {
  return variantFiles(manifest, variant).reduce((sum, file) => sum + (manifest.files[file]?.bytes ?? 0), 0);
}

function findInconsistency(manifest: ModelManifest): string | undefined {
  const names = Object.keys(manifest.files).map((name) => name.toLowerCase());
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) return `the file "${twice}" is listed twice`;
  const ids = new Set<string>();
  for (const variant of manifest.variants) {
    if (ids.has(variant.id)) return `two variants are called "${variant.id}"`;
    ids.add(variant.id);
    if (variant.expectedLogits.length !== manifest.golden.length) {
      return `variant "${variant.id}" expects ${String(variant.expectedLogits.length)} logits for ${String(manifest.golden.length)} golden pairs`;
    }
    const missing = variantFiles(manifest, variant).find((file) => manifest.files[file] === undefined);
    if (missing !== undefined) return `"${missing}" of variant "${variant.id}" is not among the files`;
    const files = variantFiles(manifest, variant);
    if (new Set(files).size < files.length) return `variant "${variant.id}" names a file twice`;
    if (variantBytes(manifest, variant) > MAX_VARIANT_BYTES) return `variant "${variant.id}" is larger than 4 GiB`;
  }
  return undefined;
}

function invalid(problem: string): RerankError {
  return new RerankError("model-invalid", `This is not a Sunwi model package of format 1: ${problem}.`, {
    details: { problem },
  });
}
