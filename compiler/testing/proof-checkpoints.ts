/**
 * Random but always equal checkpoints of several shapes, and what the compiler makes of them: the subject of the proof
 * against PyTorch, which `training/proof` computes and `proof.test.ts` repeats.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModelManifest } from "../../src/model/manifest.ts";
import type { Architecture } from "../architecture.ts";
import { compileModel, type CompileOptions } from "../compile.ts";
import { expectedShapes } from "../encoder-weights.ts";
import type { TextPair } from "../golden-pairs.ts";
import { floatToHalf } from "../half.ts";
import { lehmer } from "./lehmer.ts";
import { encodeSafetensors, TINY_WORDS, tinyTokenizer, type StoredValues } from "./tiny-checkpoint.ts";

type Dtype = "F32" | "F16" | "BF16";

export interface ProofCheckpoint {
  readonly name: string;
  readonly architecture: Architecture;
  readonly dtype: Dtype;
  /** Files the weights are spread over. */
  readonly shards: number;
}

const XLM_PIECES = (tinyTokenizer() as { model: { vocab: unknown[] } }).model.vocab.length;
const BERT_VOCABULARY = [
  ...["[PAD]", "[UNK]", "[CLS]", "[SEP]"],
  ...TINY_WORDS,
  ...TINY_WORDS.map((word) => `##${word}`),
];

function shape(
  family: "xlm-roberta" | "bert",
  layers: number,
  hiddenSize: number,
  attentionHeads: number,
): Architecture {
  const isBert = family === "bert";
  return {
    family,
    layers,
    hiddenSize,
    attentionHeads,
    intermediateSize: 2 * hiddenSize,
    vocabularySize: isBert ? BERT_VOCABULARY.length : XLM_PIECES,
    positions: 72,
    tokenTypeRows: isBert ? 2 : 1,
    layerNormEpsilon: isBert ? 1e-12 : 1e-5,
  };
}

export const PROOF_CHECKPOINTS: readonly ProofCheckpoint[] = [
  { name: "xlm-roberta-3x64", architecture: shape("xlm-roberta", 3, 64, 4), dtype: "F32", shards: 1 },
  { name: "xlm-roberta-4x128", architecture: shape("xlm-roberta", 4, 128, 4), dtype: "BF16", shards: 2 },
  { name: "bert-2x32", architecture: shape("bert", 2, 32, 2), dtype: "F32", shards: 1 },
  { name: "bert-3x96", architecture: shape("bert", 3, 96, 4), dtype: "F16", shards: 1 },
];

export const PROOF_CHOICES = {
  f32: { weights: "f32" },
  q8: { weights: "q8" },
  q4: { weights: "q4" },
} as const satisfies Readonly<Record<string, Pick<CompileOptions, "weights">>>;

/** Writes a checkpoint as save_pretrained() of Hugging Face's transformers would. */
export async function writeProofCheckpoint(folder: string, checkpoint: ProofCheckpoint): Promise<void> {
  const { architecture, shards } = checkpoint;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "config.json"), JSON.stringify(configOf(architecture)));
  const tokenizer = architecture.family === "bert" ? bertTokenizer() : tinyTokenizer();
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  const tensors = [...randomTensors(checkpoint)];
  if (shards === 1) {
    await writeFile(join(folder, "model.safetensors"), encodeSafetensors(new Map(tensors)));
    return;
  }
  const placeOf = (at: number): string => `model-${String((at % shards) + 1)}-of-${String(shards)}.safetensors`;
  for (let shard = 0; shard < shards; shard++) {
    const part = new Map(tensors.filter((_, at) => at % shards === shard));
    await writeFile(join(folder, placeOf(shard)), encodeSafetensors(part));
  }
  const index = { metadata: {}, weight_map: Object.fromEntries(tensors.map(([name], at) => [name, placeOf(at)])) };
  await writeFile(join(folder, "model.safetensors.index.json"), JSON.stringify(index));
}

/** Compiles a checkpoint that was written before. */
export function compileProof(
  checkpointFolder: string,
  outputFolder: string,
  choice: keyof typeof PROOF_CHOICES,
  golden: readonly TextPair[],
): Promise<ModelManifest> {
  return compileModel({
    checkpointFolder,
    outputFolder,
    golden,
    about: { id: "proof", name: "Proof", licence: "MIT", source: { repository: "none", revision: "0" } },
    ...PROOF_CHOICES[choice],
  });
}

function configOf({ family, ...sizes }: Architecture): object {
  const isBert = family === "bert";
  return {
    architectures: [isBert ? "BertForSequenceClassification" : "XLMRobertaForSequenceClassification"],
    model_type: family,
    num_labels: 1,
    id2label: { 0: "LABEL_0" },
    label2id: { LABEL_0: 0 },
    hidden_act: "gelu",
    hidden_size: sizes.hiddenSize,
    num_hidden_layers: sizes.layers,
    num_attention_heads: sizes.attentionHeads,
    intermediate_size: sizes.intermediateSize,
    vocab_size: sizes.vocabularySize,
    max_position_embeddings: sizes.positions,
    type_vocab_size: sizes.tokenTypeRows,
    layer_norm_eps: sizes.layerNormEpsilon,
    ...(isBert ? { pad_token_id: 0 } : { bos_token_id: 0, pad_token_id: 1, eos_token_id: 2 }),
  };
}

/** Uniform, and the smaller the wider a layer is, so that what a pair says shows in its logit at any width. */
function* randomTensors({ architecture, dtype, name: seed }: ProofCheckpoint): Generator<[string, StoredValues]> {
  const random = lehmer(seed.length);
  const width = Math.sqrt(32 / architecture.hiddenSize);
  for (const [name, dims] of expectedShapes(architecture)) {
    const around = name.endsWith("LayerNorm.weight") ? 1 : 0;
    const count = dims.reduce((product, length) => product * length, 1);
    const values = Float32Array.from({ length: count }, () => around + (random() - 0.5) * width);
    yield [name, { dtype, shape: dims, bytes: encodeValues(values, dtype) }];
  }
}

function encodeValues(values: Float32Array, dtype: Dtype): Uint8Array {
  if (dtype === "F32") return new Uint8Array(values.buffer);
  const bits = new Uint32Array(values.buffer);
  const halves = Uint16Array.from(values, (value, at) =>
    dtype === "F16" ? floatToHalf(value) : (bits[at] ?? 0) >>> 16,
  );
  return new Uint8Array(halves.buffer);
}

function bertTokenizer(): object {
  const special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special.map((content, id) => ({
      ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
    })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: false,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: { type: "BertProcessing", sep: ["[SEP]", 3], cls: ["[CLS]", 2] },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(BERT_VOCABULARY.map((piece, id) => [piece, id])),
    },
  };
}
