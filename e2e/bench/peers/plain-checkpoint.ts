/**
 * A checkpoint of the usual small cross-encoder's shape, with random but always equal weights: what Sunwi's compiler and a
 * peer's export are both made from, so that only the software differs.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Architecture } from "../../../compiler/architecture.ts";
import { writeLargeCheckpoint } from "../../../compiler/testing/large-checkpoint.ts";
import { PUBLIC_FOLDER } from "../../build-page.ts";

/** 6 layers × 384, as MiniLM's: 17 million parameters. It reads pairs of 512 tokens. */
export const PLAIN: Architecture = {
  family: "xlm-roberta",
  layers: 6,
  hiddenSize: 384,
  attentionHeads: 12,
  intermediateSize: 1536,
  vocabularySize: 16_000,
  positions: 514,
  tokenTypeRows: 1,
  layerNormEpsilon: 1e-5,
};
const PLAIN_MAX_TOKENS = 512;

/** Writes config.json, tokenizer.json (the embedded model's, with XLM-RoBERTa's pair format) and model.safetensors. */
export async function writePlainCheckpoint(folder: string): Promise<void> {
  await writeLargeCheckpoint(folder, PLAIN);
  const tokenizer = JSON.parse(await readFile(join(PUBLIC_FOLDER, "models/mini/tokenizer.json"), "utf8")) as object;
  const specialTokens = SPECIAL_TOKENS.map((content, id) => ({ id, content, ...SPECIAL }));
  const withPairs = { ...tokenizer, added_tokens: specialTokens, post_processor: PAIR_FORMAT };
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(withPairs));
  await writeFile(join(folder, "tokenizer_config.json"), JSON.stringify(TOKENIZER_CONFIG));
  const config = JSON.parse(await readFile(join(folder, "config.json"), "utf8")) as object;
  await writeFile(join(folder, "config.json"), JSON.stringify({ ...config, ...ONE_LOGIT }));
}

const SPECIAL_TOKENS = ["<s>", "<pad>", "</s>", "<unk>"];
const SPECIAL = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
const ONE_LOGIT = {
  architectures: ["XLMRobertaForSequenceClassification"],
  id2label: { 0: "LABEL_0" },
  label2id: { LABEL_0: 0 },
};
const TOKENIZER_CONFIG = {
  tokenizer_class: "XLMRobertaTokenizer",
  model_max_length: PLAIN_MAX_TOKENS,
  bos_token: "<s>",
  cls_token: "<s>",
  eos_token: "</s>",
  sep_token: "</s>",
  pad_token: "<pad>",
  unk_token: "<unk>",
};

const special = (id: string): object => ({ SpecialToken: { id, type_id: 0 } });
const text = (id: string): object => ({ Sequence: { id, type_id: 0 } });
/** <s> A </s></s> B </s> */
const PAIR_FORMAT = {
  type: "TemplateProcessing",
  single: [special("<s>"), text("A"), special("</s>")],
  pair: [special("<s>"), text("A"), special("</s>"), special("</s>"), text("B"), special("</s>")],
  special_tokens: {
    "<s>": { id: "<s>", ids: [0], tokens: ["<s>"] },
    "</s>": { id: "</s>", ids: [2], tokens: ["</s>"] },
  },
};
