/** The table of word embeddings: by far the largest tensor, so it is read, quantized and written in pieces. */
import type { EncoderWeights } from "./encoder-weights.ts";
import { bytesOf } from "./graph-builder.ts";
import type { OnnxTensor } from "./onnx-model.ts";
import { BLOCK_SIZE } from "./product-kernels.ts";
import { packCodes, packScales, quantizeBlocks, type Bits } from "./quantize.ts";
import { inlineTensors, type WeightShards } from "./weight-shards.ts";

/** 32 is fp32, not quantized. */
export type EmbeddingBits = Bits | 32;

export interface StoredWords {
  readonly bits: EmbeddingBits;
  /** [rows, hiddenSize × bits ÷ 8] bytes, or fp32 [rows, hiddenSize]. */
  readonly codes: OnnxTensor;
  /** Half numbers [rows, hiddenSize ÷ 32]; absent for fp32. */
  readonly scales?: OnnxTensor;
}

/** Rows read at once; 16 MB of fp32 for the widest models. */
const ROWS_AT_ONCE = 4096;
const CODES = "words.codes";
const SCALES = "words.scales";

/**
 * Writes the rows that stay.
 * @param keptIds their ids in the checkpoint, ascending
 * @param onRows told after each piece how many rows are written
 */
export async function storeWords(
  weights: EncoderWeights,
  keptIds: Int32Array,
  hiddenSize: number,
  bits: EmbeddingBits,
  shards: WeightShards,
  onRows: (rows: number) => void,
): Promise<StoredWords> {
  const rows = keptIds.length;
  if (bits === 32) {
    const parts = mapParts(keptRows(weights, keptIds, hiddenSize), hiddenSize, onRows, bytesOf);
    return {
      bits,
      codes: await shards.addInParts(CODES, [rows, hiddenSize], "float32", rows * hiddenSize * 4, parts),
    };
  }
  const rowBytes = (hiddenSize * bits) / 8;
  const scales: Uint16Array[] = [];
  const parts = mapParts(keptRows(weights, keptIds, hiddenSize), hiddenSize, onRows, (part) => {
    const quantized = quantizeBlocks(part, BLOCK_SIZE, bits, "float16");
    scales.push(packScales(quantized.scales));
    return packCodes(quantized);
  });
  return {
    bits,
    codes: await shards.addInParts(CODES, [rows, rowBytes], "uint8", rows * rowBytes, parts),
    scales: await shards.add(SCALES, [rows, hiddenSize / BLOCK_SIZE], join(scales)),
  };
}

/** A few rows in fp32, for a graph that runs once. @param ids in the checkpoint */
export async function inlineWords(
  weights: EncoderWeights,
  ids: readonly number[],
  hiddenSize: number,
): Promise<StoredWords> {
  const table = new Float32Array(ids.length * hiddenSize);
  for (const [row, id] of ids.entries()) table.set(await weights.wordRows(id, 1), row * hiddenSize);
  return { bits: 32, codes: await inlineTensors.add(CODES, [ids.length, hiddenSize], table) };
}

async function* mapParts(
  parts: AsyncIterable<Float32Array>,
  hiddenSize: number,
  onRows: (rows: number) => void,
  change: (part: Float32Array) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  let rows = 0;
  for await (const part of parts) {
    yield change(part);
    rows += part.length / hiddenSize;
    onRows(rows);
  }
}

/** The kept rows in order, piece by piece; the checkpoint's table is read from front to back. */
async function* keptRows(
  weights: EncoderWeights,
  keptIds: Int32Array,
  hiddenSize: number,
): AsyncGenerator<Float32Array> {
  for (let from = 0; from < keptIds.length;) {
    const first = keptIds[from] ?? 0;
    let to = from;
    while (to < keptIds.length && (keptIds[to] ?? 0) < first + ROWS_AT_ONCE) to++;
    const ids = keptIds.subarray(from, to);
    const read = await weights.wordRows(first, (ids.at(-1) ?? first) - first + 1);
    const kept = new Float32Array(ids.length * hiddenSize);
    ids.forEach((id, row) => {
      const start = (id - first) * hiddenSize;
      kept.set(read.subarray(start, start + hiddenSize), row * hiddenSize);
    });
    yield kept;
    from = to;
  }
}

function join(parts: readonly Uint16Array[]): Uint16Array {
  const joined = new Uint16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
