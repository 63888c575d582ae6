/**
 * The encoder in plain fp32 TypeScript: slow and obvious, what the compiler's own fp32 run is compared with. Follows Hugging Face's
 * `modeling_roberta.py` (RobertaForSequenceClassification). Sums are doubles; what is stored between steps is fp32.
 */
import type { ModelInput } from "../../src/model/manifest.ts";
import type { EncodedPair } from "../../src/model/pair-encoding.ts";
import type { Architecture } from "../architecture.ts";
import type { EmbeddingTables, EncoderLayer, EncoderWeights, LayerNorm, Linear } from "../encoder-weights.ts";

/** [tokens][features] */
type Rows = readonly Float32Array[];

/** One logit per pair. */
export async function referenceLogits(
  weights: EncoderWeights,
  architecture: Architecture,
  input: ModelInput,
  pairs: readonly EncodedPair[],
): Promise<number[]> {
  const tables = await weights.embeddings();
  const words = await weights.wordRows(0, architecture.vocabularySize);
  let hidden = pairs.map((pair) => embed(words, tables, architecture, input, pair));
  for (let index = 0; index < architecture.layers; index++) {
    const layer = await weights.layer(index);
    hidden = hidden.map((x) => runLayer(layer, architecture, x));
  }
  const { dense, projection } = await weights.head();
  return hidden.map((x) => {
    const first = apply(dense, row(x, 0)).map(Math.tanh);
    return apply(projection, first)[0] ?? Number.NaN;
  });
}

function embed(
  words: Float32Array,
  tables: EmbeddingTables,
  { hiddenSize, layerNormEpsilon }: Architecture,
  { positionOffset }: ModelInput,
  { inputIds, tokenTypeIds }: EncodedPair,
): Rows {
  return Array.from(inputIds, (id, position) => {
    const word = tableRow(words, id, hiddenSize);
    const place = tableRow(tables.positions, position + positionOffset, hiddenSize);
    const type = tableRow(tables.tokenTypes, tokenTypeIds?.[position] ?? 0, hiddenSize);
    return normalize(add(add(word, place), type), tables.norm, layerNormEpsilon);
  });
}

function runLayer(layer: EncoderLayer, architecture: Architecture, x: Rows): Rows {
  const epsilon = architecture.layerNormEpsilon;
  const query = x.map((token) => apply(layer.query, token));
  const key = x.map((token) => apply(layer.key, token));
  const value = x.map((token) => apply(layer.value, token));
  return x.map((token, at) => {
    const attended = attend(row(query, at), key, value, architecture);
    const middle = normalize(add(token, apply(layer.attentionOutput, attended)), layer.attentionNorm, epsilon);
    const wide = apply(layer.intermediate, middle).map(gelu);
    return normalize(add(middle, apply(layer.output, wide)), layer.outputNorm, epsilon);
  });
}

/** Softmax(q kᵀ / √headSize) v, head after head, for one query. */
function attend(
  query: Float32Array,
  keys: Rows,
  values: Rows,
  { hiddenSize, attentionHeads }: Architecture,
): Float32Array {
  const headSize = hiddenSize / attentionHeads;
  const attended = new Float32Array(hiddenSize);
  for (let start = 0; start < hiddenSize; start += headSize) {
    const end = start + headSize;
    const head = query.subarray(start, end);
    const shares = softmax(keys.map((key) => dot(head, key.subarray(start, end)) / Math.sqrt(headSize)));
    for (let at = start; at < end; at++) {
      attended[at] = values.reduce((sum, value, token) => sum + (shares[token] ?? 0) * (value[at] ?? 0), 0);
    }
  }
  return attended;
}

function softmax(scores: readonly number[]): number[] {
  const largest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** x Wᵀ + b */
function apply({ inFeatures, weight, bias }: Linear, x: Float32Array): Float32Array {
  return bias.map((start, out) => start + dot(x, weight.subarray(out * inFeatures, (out + 1) * inFeatures)));
}

function normalize(x: Float32Array, { weight, bias }: LayerNorm, epsilon: number): Float32Array {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  const deviation = Math.sqrt(variance + epsilon);
  return x.map((value, at) => ((value - mean) / deviation) * (weight[at] ?? 0) + (bias[at] ?? 0));
}

/** x/2 · (1 + erf(x/√2)) */
function gelu(x: number): number {
  return (x / 2) * (1 + erf(x / Math.SQRT2));
}

/** Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26; off by at most 1.5e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - series * Math.exp(-x * x));
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}

function add(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, at) => value + (b[at] ?? 0));
}

function tableRow(table: Float32Array, index: number, columns: number): Float32Array {
  return table.subarray(index * columns, (index + 1) * columns);
}

function row(rows: Rows, index: number): Float32Array {
  const found = rows[index];
  if (found === undefined) throw new RangeError(`no row ${index}`);
  return found;
}
