/** A checkpoint's config.json, tokenizer and tensors, as an encoder the compiler knows. */
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { RerankError } from "../src/core/errors.ts";
import type { ModelInput } from "../src/model/manifest.ts";
import type { Architecture } from "./architecture.ts";
import { CONFIG, familyOf, readConfig } from "./checkpoint-config.ts";
import { EncoderWeights } from "./encoder-weights.ts";
import { SafetensorsFile, type TensorSource } from "./safetensors.ts";
import { ShardedTensors } from "./sharded-tensors.ts";
import { parseTokenizerJson, type TokenizerJson } from "./tokenizer-json.ts";

const TENSORS = "model.safetensors";
const TENSOR_INDEX = "model.safetensors.index.json";
const PYTORCH_TENSORS = "pytorch_model.bin";
const TOKENIZER = "tokenizer.json";

export interface Checkpoint {
  readonly architecture: Architecture;
  readonly input: ModelInput;
  readonly weights: EncoderWeights;
  readonly tokenizer: TokenizerJson;
  close(): Promise<void>;
}

/**
 * Opens a checkpoint folder: `config.json`, `tokenizer.json`, and `model.safetensors` or its index of shards.
 * @param maxTokens most tokens of a pair. @default what the checkpoint says, else 512
 * @throws RerankError `invalid-input` for a missing file, `model-invalid` for an architecture or tensors that the
 *   compiler does not know
 */
export async function openCheckpoint(folder: string, maxTokens?: number): Promise<Checkpoint> {
  await requireFile(folder, CONFIG);
  const json = await readJson(join(folder, CONFIG));
  familyOf(json);
  await requireTensors(folder);
  await requireFile(folder, TOKENIZER);
  const tokenizer = parseTokenizerJson(await readJson(join(folder, TOKENIZER)));
  const { architecture, input } = readConfig(json, tokenizer, maxTokens);
  const tensors = await openTensors(folder);
  try {
    const weights = new EncoderWeights(tensors, architecture);
    return { architecture, input, weights, tokenizer, close: () => tensors.close() };
  } catch (error) {
    await tensors.close();
    throw error;
  }
}

async function openTensors(folder: string): Promise<TensorSource> {
  if (await exists(join(folder, TENSORS))) return await SafetensorsFile.open(join(folder, TENSORS));
  return await ShardedTensors.open(join(folder, TENSOR_INDEX));
}

async function requireTensors(folder: string): Promise<void> {
  if ((await exists(join(folder, TENSORS))) || (await exists(join(folder, TENSOR_INDEX)))) return;
  if (!(await exists(join(folder, PYTORCH_TENSORS)))) throw missing(folder, TENSORS);
  throw new RerankError(
    "invalid-input",
    `${folder} holds its weights as ${PYTORCH_TENSORS} only, a format that can run code and is not read. Convert it: ` +
      'python -c "from transformers import AutoModelForSequenceClassification as M; ' +
      `M.from_pretrained('${folder}').save_pretrained('${folder}', safe_serialization=True)"`,
    { details: { folder, file: TENSORS } },
  );
}

async function requireFile(folder: string, file: string): Promise<void> {
  if (!(await exists(join(folder, file)))) throw missing(folder, file);
}

function missing(folder: string, file: string): RerankError {
  const hint =
    file === TOKENIZER
      ? " Where the model comes with a slow tokenizer only, AutoTokenizer.from_pretrained(…).save_pretrained(…) writes it."
      : "";
  return new RerankError(
    "invalid-input",
    `${folder} holds no ${file}. A checkpoint folder needs ${CONFIG}, ${TENSORS} (or ${TENSOR_INDEX} with its files) ` +
      `and ${TOKENIZER}, as save_pretrained() of Hugging Face's transformers writes them.${hint}`,
    { details: { folder, file } },
  );
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

function invalid(message: string): RerankError {
  return new RerankError("model-invalid", message, { details: { problem: message } });
}
