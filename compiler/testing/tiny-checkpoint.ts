/**
 * A checkpoint of 2 layers × 32 with random but always equal weights, for tests. `fixtures/tiny-<family>.json` holds
 * what PyTorch makes of it:
 *
 *     npx tsx -e 'import { writeTinyCheckpoint } from "./compiler/testing/tiny-checkpoint.ts";
 *       void writeTinyCheckpoint("/tmp/tiny", "sunwi-mini");'
 *     python compiler/reference/make_reference.py /tmp/tiny compiler/testing/tiny-pairs.json \
 *       compiler/fixtures/tiny-sunwi-mini.json
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Architecture, Family } from "../architecture.ts";
import { expectedShapes } from "../encoder-weights.ts";
import { lehmer } from "./lehmer.ts";

export interface StoredValues {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export const TINY_WORDS =
  "가 나 다 라 마 바 사 아 자 차 카 타 파 하 서울 부산 기차 휴가 사과 바다 the sea train 7 15".split(" ");
const VOCABULARY = ["<s>", "<pad>", "</s>", "<unk>", "▁", ...TINY_WORDS.map((word) => `▁${word}`), ...TINY_WORDS];

/** @returns config.json as Hugging Face's transformers would write it */
export function tinyConfig(family: Family): Record<string, string | number> {
  const xlm = family === "xlm-roberta";
  return {
    model_type: family,
    hidden_act: "gelu",
    hidden_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 64,
    vocab_size: VOCABULARY.length,
    max_position_embeddings: 72,
    type_vocab_size: xlm ? 1 : 6,
    layer_norm_eps: 1e-5,
    bos_token_id: 0,
    pad_token_id: 1,
    eos_token_id: 2,
    ...(!xlm && { position_offset: 0, max_length: 64, max_query_length: 20 }),
  };
}

function tinyArchitecture(family: Family): Architecture {
  return {
    family,
    layers: 2,
    hiddenSize: 32,
    attentionHeads: 2,
    intermediateSize: 64,
    vocabularySize: VOCABULARY.length,
    positions: 72,
    tokenTypeRows: family === "xlm-roberta" ? 1 : 6,
    layerNormEpsilon: 1e-5,
  };
}

/** Random weights in (−0.5, 0.5), LayerNorm weights around 1: enough for logits that differ. */
export function tinyTensors(family: Family): Map<string, StoredValues> {
  const random = lehmer(family.length);
  const tensors = new Map<string, StoredValues>();
  for (const [name, shape] of expectedShapes(tinyArchitecture(family))) {
    const around = name.endsWith("LayerNorm.weight") ? 1 : 0;
    const count = shape.reduce((product, length) => product * length, 1);
    const values = Float32Array.from({ length: count }, () => around + random() - 0.5);
    tensors.set(name, { dtype: "F32", shape, bytes: new Uint8Array(values.buffer) });
  }
  return tensors;
}

/** A unigram tokenizer of some two dozen words. */
export function tinyTokenizer(): object {
  const metaspace = { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true };
  const vocab = VOCABULARY.map((piece, index) => [piece, -1 - index / 100]);
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: metaspace,
    post_processor: null,
    decoder: metaspace,
    model: { type: "Unigram", unk_id: 3, vocab, byte_fallback: false },
  };
}

/** Writes the whole folder; `tensors` replaces the usual ones. */
export async function writeTinyCheckpoint(
  folder: string,
  family: Family,
  tensors = tinyTensors(family),
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "config.json"), JSON.stringify(tinyConfig(family)));
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(tinyTokenizer()));
  await writeFile(join(folder, "model.safetensors"), encodeSafetensors(tensors));
}

export function encodeSafetensors(tensors: ReadonlyMap<string, StoredValues>): Uint8Array {
  let end = 0;
  const entries = [...tensors].map(([name, { dtype, shape, bytes }]) => {
    end += bytes.length;
    return [name, { dtype, shape, data_offsets: [end - bytes.length, end] }] as const;
  });
  const header = JSON.stringify({ __metadata__: { format: "pt" }, ...Object.fromEntries(entries) });
  const padded = new TextEncoder().encode(header.padEnd(Math.ceil(header.length / 8) * 8));
  const length = new Uint8Array(BigUint64Array.of(BigInt(padded.length)).buffer);
  return Buffer.concat([length, padded, ...[...tensors.values()].map(({ bytes }) => bytes)]);
}
