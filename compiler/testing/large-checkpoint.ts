/**
 * A checkpoint of XLM-RoBERTa-large's shape (ko-reranker, bge-reranker-large: 560 million parameters, fp32) with random
 * but always equal weights, written piece by piece.
 */
import { mkdir, open, writeFile, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Architecture } from "../architecture.ts";
import { expectedShapes } from "../encoder-weights.ts";
import { LARGE_VOCABULARY, largeTokenizer } from "./large-vocabulary.ts";
import { lehmer } from "./lehmer.ts";

const LARGE: Architecture = {
  family: "xlm-roberta",
  layers: 24,
  hiddenSize: 1024,
  attentionHeads: 16,
  intermediateSize: 4096,
  vocabularySize: LARGE_VOCABULARY,
  positions: 514,
  tokenTypeRows: 1,
  layerNormEpsilon: 1e-5,
};

/** Wide enough that what a pair says still shows behind 24 layers. */
const DEVIATION = 0.025;
/** The pool that all weights are cut from; a prime, so that rows of any length start elsewhere. */
const POOL = 1_048_573;

export async function writeLargeCheckpoint(folder: string, architecture = LARGE): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "config.json"), JSON.stringify(configOf(architecture)));
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(largeTokenizer(architecture.vocabularySize)));
  const handle = await open(join(folder, "model.safetensors"), "w");
  try {
    await writeTensors(handle, expectedShapes(architecture));
  } finally {
    await handle.close();
  }
}

function configOf(architecture: Architecture): object {
  return {
    model_type: architecture.family,
    hidden_act: "gelu",
    hidden_size: architecture.hiddenSize,
    num_hidden_layers: architecture.layers,
    num_attention_heads: architecture.attentionHeads,
    intermediate_size: architecture.intermediateSize,
    vocab_size: architecture.vocabularySize,
    max_position_embeddings: architecture.positions,
    type_vocab_size: architecture.tokenTypeRows,
    layer_norm_eps: architecture.layerNormEpsilon,
    bos_token_id: 0,
    pad_token_id: 1,
    eos_token_id: 2,
  };
}

async function writeTensors(handle: FileHandle, shapes: ReadonlyMap<string, readonly number[]>): Promise<void> {
  let end = 0;
  const entries = [...shapes].map(([name, shape]) => {
    const start = end;
    end += 4 * sizeOf(shape);
    return [name, { dtype: "F32", shape, data_offsets: [start, end] }] as const;
  });
  const header = JSON.stringify(Object.fromEntries(entries));
  const padded = Buffer.from(header.padEnd(Math.ceil(header.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  await handle.write(Buffer.concat([length, padded]));
  const random = lehmer(11);
  const pool = normalNumbers(random);
  for (const [name, shape] of shapes) {
    for (const part of values(name, sizeOf(shape), pool, random)) await handle.write(part);
  }
}

function* values(name: string, count: number, pool: Float32Array, random: () => number): Generator<Uint8Array> {
  const scale = name.endsWith("out_proj.weight") ? 4 : name.includes("word_embeddings") ? 25 : 1;
  const around = name.endsWith("LayerNorm.weight") ? 1 : 0;
  for (let done = 0; done < count;) {
    const start = Math.floor(random() * pool.length);
    const part = pool.slice(start, start + count - done).map((value) => around + value * scale);
    yield new Uint8Array(part.buffer, 0, part.byteLength);
    done += part.length;
  }
}

/** The sum of 12 uniform numbers is close to normal, and enough here. */
function normalNumbers(random: () => number): Float32Array {
  return Float32Array.from({ length: POOL }, () => {
    let sum = -6;
    for (let draw = 0; draw < 12; draw++) sum += random();
    return sum * DEVIATION;
  });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
