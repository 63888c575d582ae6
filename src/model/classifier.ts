/** What must hold of a sequence-classification model before its numbers are taken for relevance. */
import * as v from "valibot";
import { RerankError } from "../core/errors.ts";
import type { ModelInput } from "./manifest.ts";

const configSchema = v.object({
  architectures: v.optional(v.nullable(v.array(v.string()))),
  model_type: v.string(),
  num_labels: v.optional(v.number()),
  id2label: v.optional(v.nullable(v.record(v.string(), v.unknown()))),
  max_position_embeddings: v.optional(v.nullable(v.number())),
  pad_token_id: v.optional(v.nullable(v.number())),
});

/** What `config.json` says that matters here. */
export interface ClassifierConfig {
  /** Absent where the file does not say; the graph's output then decides. */
  readonly labels?: number;
  /** Tokens that the model has positions for. */
  readonly positions: number;
  readonly padTokenId?: number;
}

/** These count positions from the padding token's id + 1, so that so many fewer tokens fit. */
const OFFSET_FAMILIES = new Set(["roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "longformer", "mpnet"]);

/**
 * Reads `config.json`.
 * @throws RerankError `model-invalid` where the model is no reranker that could be used: another head, or other labels
 */
export function readClassifierConfig(json: unknown): ClassifierConfig {
  const config = v.safeParse(configSchema, json);
  if (!config.success) throw unusable("config.json", "The repository's config.json is not that of a model.");
  const { architectures, model_type, num_labels, id2label, max_position_embeddings, pad_token_id } = config.output;
  const [architecture] = architectures ?? [];
  if (architecture !== undefined && !architecture.endsWith("ForSequenceClassification")) {
    throw unusable(architecture, `${architecture} is no reranker: a model for sequence classification is needed.`, {
      reason: "architecture",
      expected: "…ForSequenceClassification",
      found: architecture,
    });
  }
  const labels = id2label ? Object.keys(id2label).length : num_labels;
  if (labels !== undefined) checkLabels(labels);
  const positions = max_position_embeddings ?? Number.POSITIVE_INFINITY;
  return {
    ...(labels !== undefined && { labels }),
    positions: OFFSET_FAMILIES.has(model_type) ? positions - (pad_token_id ?? 1) - 1 : positions,
    ...(typeof pad_token_id === "number" && { padTokenId: pad_token_id }),
  };
}

/**
 * One number per pair. A single label's logit is taken as it is; of two labels it is the second's less the first's:
 * the log-odds that the pair fits, with the second label for "relevant" as all such rerankers have it.
 * @param values [rows, labels]
 * @throws RerankError `model-invalid` for any other number of labels
 */
export function relevanceLogits(values: Float32Array, rows: number): Float32Array {
  const labels = values.length / rows;
  checkLabels(labels);
  if (labels === 1) return Float32Array.from(values);
  return Float32Array.from({ length: rows }, (_, row) => (values[2 * row + 1] ?? NaN) - (values[2 * row] ?? NaN));
}

function checkLabels(labels: number): void {
  if (labels === 1 || labels === 2) return;
  throw unusable(`num_labels: ${labels}`, `A reranker has one label or two, this model has ${labels}.`, {
    reason: "labels",
    expected: "1, 2",
    found: labels,
  });
}

/** What a tokenizer makes of one pair, beside what it makes of the two texts. */
export interface ProbedPair {
  /** With special tokens. */
  readonly pair: readonly number[];
  /** Absent where the model takes none. */
  readonly tokenTypes?: readonly number[];
  /** Without special tokens. */
  readonly query: readonly number[];
  readonly document: readonly number[];
}

/**
 * How a tokenizer joins pairs, found out from one: `[first] query [separator]… document [separator]`.
 * @throws RerankError `model-invalid` where it joins them in another way
 */
export function pairFormatOf({
  pair,
  tokenTypes,
  query,
  document,
}: ProbedPair): Pick<ModelInput, "clsTokenId" | "sepTokenId" | "middleSeparators" | "tokenTypes"> {
  const [clsTokenId = -1] = pair;
  const sepTokenId = pair.at(-1) ?? -1;
  const middleSeparators = pair.length - query.length - document.length - 2;
  const separators = Array<number>(Math.max(0, middleSeparators)).fill(sepTokenId);
  const joined = [clsTokenId, ...query, ...separators, ...document, sepTokenId];
  const documentStart = 1 + query.length + separators.length;
  const segments = pair.map((_, place) => (place < documentStart ? 0 : 1));
  const types = tokenTypes?.every((type) => type === 0) === false ? tokenTypes : undefined;
  const isKnown =
    (middleSeparators === 1 || middleSeparators === 2) &&
    isSame(pair, joined) &&
    (types === undefined || isSame(types, segments));
  if (!isKnown) {
    throw unusable("tokenizer.json", "The tokenizer joins query and document in a way that is not known here.");
  }
  return { clsTokenId, sepTokenId, middleSeparators, tokenTypes: types ? "segments" : "none" };
}

/** Longer pairs would need gigabytes for their attention alone. */
const MOST_TOKENS = 2048;

/** Tokens of a pair: what the tokenizer allows, the model has positions for, and a browser can bear. */
export function pairTokens({ positions }: ClassifierConfig, tokenizerLimit: number): number {
  return Math.min(tokenizerLimit, positions, MOST_TOKENS);
}

function isSame(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((value, place) => value === others[place]);
}

function unusable(
  problem: string,
  message: string,
  details: Readonly<Record<string, string | number>> = {},
): RerankError {
  return new RerankError("model-invalid", message, { details: { problem, ...details } });
}
