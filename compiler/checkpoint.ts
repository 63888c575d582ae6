/** A checkpoint's config.json and tensors, as an encoder the compiler knows. */
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { RerankError } from "../src/core/errors.ts";
import type { ModelInput } from "../src/model/manifest.ts";
import type { Architecture, Family } from "./architecture.ts";
import { EncoderWeights } from "./encoder-weights.ts";
import { SafetensorsFile } from "./safetensors.ts";

const CONFIG = "config.json";
const TENSORS = "model.safetensors";
const TOKENIZER = "tokenizer.json";

const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const tokenId = v.pipe(v.number(), v.integer(), v.minValue(0));

const configSchema = v.object({
  hidden_act: v.literal("gelu"),
  hidden_size: positive,
  num_hidden_layers: positive,
  num_attention_heads: positive,
  intermediate_size: positive,
  vocab_size: positive,
  max_position_embeddings: positive,
  type_vocab_size: positive,
  layer_norm_eps: v.number(),
  bos_token_id: tokenId,
  eos_token_id: tokenId,
  pad_token_id: tokenId,
  position_embedding_type: v.optional(v.literal("absolute")),
  /** Ours only: limits the model was trained with. */
  position_offset: v.optional(tokenId),
  max_length: v.optional(positive),
  max_query_length: v.optional(positive),
});
type Config = v.InferOutput<typeof configSchema>;

export interface Checkpoint {
  readonly architecture: Architecture;
  readonly input: ModelInput;
  readonly weights: EncoderWeights;
  /** The parsed tokenizer.json. */
  readonly tokenizer: object;
  close(): Promise<void>;
}

/**
 * Opens a checkpoint folder: `config.json`, `model.safetensors`, `tokenizer.json`.
 * @throws RerankError `invalid-input` for a missing file, `model-invalid` for an architecture or tensors that the
 *   compiler does not know
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  await requireFiles(folder);
  const json = await readJson(join(folder, CONFIG));
  const family = familyOf(json);
  const config = parseConfig(json);
  const architecture = architectureOf(family, config);
  const tokenizer = await readJson(join(folder, TOKENIZER));
  const file = await SafetensorsFile.open(join(folder, TENSORS));
  try {
    const weights = new EncoderWeights(file, architecture);
    return { architecture, input: inputOf(family, config), weights, tokenizer, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function requireFiles(folder: string): Promise<void> {
  for (const file of [CONFIG, TENSORS, TOKENIZER]) {
    if (await exists(join(folder, file))) continue;
    throw new RerankError(
      "invalid-input",
      `${folder} holds no ${file}. A checkpoint folder needs ${CONFIG}, ${TENSORS} and ${TOKENIZER}, as ` +
        "save_pretrained() of Hugging Face's transformers writes them.",
      { details: { folder, file } },
    );
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

async function readJson(path: string): Promise<object> {
  const json: unknown = await readFile(path, "utf8").then(JSON.parse, (cause: unknown) => {
    throw invalid(`${path} cannot be read: ${String(cause)}.`);
  });
  if (typeof json === "object" && json !== null) return json;
  throw invalid(`${path} is not a JSON object.`);
}

function familyOf(json: object): Family {
  const modelType: unknown = "model_type" in json ? json.model_type : undefined;
  if (modelType === "xlm-roberta" || modelType === "sunwi-mini") return modelType;
  throw invalid(
    `The architecture "${String(modelType)}" (model_type in ${CONFIG}) is not one the compiler knows: xlm-roberta and ` +
      "sunwi-mini. Choose a reranker that was fine-tuned from XLM-RoBERTa.",
  );
}

function parseConfig(json: object): Config {
  const result = v.safeParse(configSchema, json);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw invalid(`${CONFIG} does not fit: ${v.getDotPath(issue) ?? "the file"}: ${issue.message}.`);
}

function architectureOf(family: Family, config: Config): Architecture {
  if (config.hidden_size % config.num_attention_heads !== 0) {
    throw invalid(`${CONFIG} does not fit: hidden_size is not a multiple of num_attention_heads.`);
  }
  return {
    family,
    layers: config.num_hidden_layers,
    hiddenSize: config.hidden_size,
    attentionHeads: config.num_attention_heads,
    intermediateSize: config.intermediate_size,
    vocabularySize: config.vocab_size,
    positions: config.max_position_embeddings,
    tokenTypeRows: config.type_vocab_size,
    layerNormEpsilon: config.layer_norm_eps,
  };
}

/** How the family reads a pair. XLM-RoBERTa's positions start behind the padding id. */
function inputOf(family: Family, config: Config): ModelInput {
  const xlm = family === "xlm-roberta";
  const positionOffset = xlm ? config.pad_token_id + 1 : (config.position_offset ?? 0);
  const maxTokens = Math.min(config.max_length ?? Infinity, config.max_position_embeddings - positionOffset);
  return {
    clsTokenId: config.bos_token_id,
    sepTokenId: config.eos_token_id,
    padTokenId: config.pad_token_id,
    middleSeparators: xlm ? 2 : 1,
    positionOffset,
    maxTokens,
    // FlagEmbedding's rerankers, the source of most XLM-RoBERTa ones, give the query three quarters at most.
    maxQueryTokens: config.max_query_length ?? Math.floor(maxTokens * 0.75),
    tokenTypes: xlm ? "none" : "match-marks",
  };
}

function invalid(message: string): RerankError {
  return new RerankError("model-invalid", message, { details: { problem: message } });
}
