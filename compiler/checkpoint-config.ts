/** What config.json says, as an encoder the compiler knows. */
import * as v from "valibot";
import { RerankError } from "../src/core/errors.ts";
import type { ModelInput } from "../src/model/manifest.ts";
import type { Architecture, Family } from "./architecture.ts";
import { tokenIds, type TokenizerJson } from "./tokenizer-json.ts";

export const CONFIG = "config.json";
/** Most tokens of a pair where the checkpoint does not say: what rerankers of both families are trained with. */
const USUAL_MAX_TOKENS = 512;

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
  pad_token_id: tokenId,
  bos_token_id: v.optional(v.nullable(tokenId)),
  eos_token_id: v.optional(v.nullable(tokenId)),
  position_embedding_type: v.optional(v.literal("absolute")),
  /** Ours only: limits the model was trained with. */
  position_offset: v.optional(tokenId),
  max_length: v.optional(positive),
  max_query_length: v.optional(positive),
});
type Config = v.InferOutput<typeof configSchema>;

export interface CheckpointConfig {
  readonly architecture: Architecture;
  readonly input: ModelInput;
}

/**
 * @param json the parsed config.json
 * @param maxTokens most tokens of a pair; longer ones are cut. @default what the checkpoint says, else 512
 * @throws RerankError `model-invalid` for an architecture the compiler does not know, `invalid-input` for `maxTokens`
 */
export function readConfig(json: object, tokenizer: TokenizerJson, maxTokens?: number): CheckpointConfig {
  const family = familyOf(json);
  const config = parseConfig(json);
  return { architecture: architectureOf(family, config), input: inputOf(family, config, tokenizer, maxTokens) };
}

const FAMILIES: Readonly<Record<Family, string>> = {
  "xlm-roberta": "XLM-RoBERTa",
  bert: "BERT",
  "sunwi-mini": "Sunwi's own",
};

/** Before the weights are even looked at: their absence would be a riddle for a model that could not be compiled. */
export function familyOf(json: object): Family {
  const modelType: unknown = "model_type" in json ? json.model_type : undefined;
  const families = Object.keys(FAMILIES) as Family[];
  const family = families.find((known) => known === modelType);
  if (family !== undefined) return family;
  const known = families.map((name) => `${name} (${FAMILIES[name]})`).join(", ");
  throw invalid(
    `The architecture "${String(modelType)}" (model_type in ${CONFIG}) is not one the compiler knows: ${known}. ` +
      "Choose a cross-encoder that was fine-tuned from one of these, with one logit; ModernBERT, DeBERTa and " +
      "decoder models such as Qwen or Gemma cannot be compiled.",
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
function inputOf(family: Family, config: Config, tokenizer: TokenizerJson, wanted?: number): ModelInput {
  const positionOffset = family === "xlm-roberta" ? config.pad_token_id + 1 : (config.position_offset ?? 0);
  const possible = config.max_position_embeddings - positionOffset;
  if (wanted !== undefined && wanted > possible) {
    throw new RerankError("invalid-input", `The model reads at most ${String(possible)} tokens of a pair.`);
  }
  const maxTokens = Math.min(wanted ?? config.max_length ?? USUAL_MAX_TOKENS, possible);
  return {
    ...specialTokens(family, config, tokenizer),
    padTokenId: config.pad_token_id,
    middleSeparators: family === "xlm-roberta" ? 2 : 1,
    positionOffset,
    maxTokens,
    // FlagEmbedding's rerankers, the source of most XLM-RoBERTa ones, give the query three quarters at most.
    maxQueryTokens: Math.min(config.max_query_length ?? Infinity, Math.floor(maxTokens * 0.75)),
    tokenTypes: tokenTypesOf(family, config),
  };
}

function tokenTypesOf(family: Family, config: Config): ModelInput["tokenTypes"] {
  if (family === "sunwi-mini") return "match-marks";
  return family === "bert" && config.type_vocab_size > 1 ? "segments" : "none";
}

/** BERT's config does not name them; its vocabulary does. */
function specialTokens(
  family: Family,
  { bos_token_id, eos_token_id }: Config,
  tokenizer: TokenizerJson,
): Pick<ModelInput, "clsTokenId" | "sepTokenId"> {
  const ids = family === "bert" ? tokenIds(tokenizer) : undefined;
  const clsTokenId = ids ? ids.get("[CLS]") : bos_token_id;
  const sepTokenId = ids ? ids.get("[SEP]") : eos_token_id;
  if (typeof clsTokenId === "number" && typeof sepTokenId === "number") return { clsTokenId, sepTokenId };
  throw invalid(
    family === "bert"
      ? "tokenizer.json has no [CLS] or no [SEP], which a BERT cross-encoder needs."
      : `${CONFIG} does not fit: bos_token_id and eos_token_id must be numbers.`,
  );
}

function invalid(message: string): RerankError {
  return new RerankError("model-invalid", message, { details: { problem: message } });
}
