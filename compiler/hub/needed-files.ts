/** Which files of a repository the compiler needs, and why a repository cannot be compiled. */
import { RerankError } from "../../src/core/errors.ts";
import { CONFIG } from "../checkpoint-config.ts";
import type { HubFile, HubRepository } from "./repository.ts";

const TENSORS = "model.safetensors";
const TENSOR_INDEX = "model.safetensors.index.json";
const PYTORCH = /^pytorch_model(-\d+-of-\d+)?\.bin$/;
const TOKENIZER = "tokenizer.json";
const OPTIONAL = ["tokenizer_config.json", "special_tokens_map.json"];

/** The files that say what a checkpoint is, by what they are for. */
export interface NeededFiles {
  /** Tokenizer files. */
  readonly tokenizer: readonly HubFile[];
  /** One file, or the index that names several. */
  readonly weights: HubFile;
  readonly isIndex: boolean;
}

/** @throws RerankError `model-invalid` where there is no config.json: of what the repository holds instead */
export function findConfig(repository: string, { files }: HubRepository): HubFile {
  const config = files.find(({ path }) => path === CONFIG);
  if (config !== undefined) return config;
  const instead = otherFormat(files) ?? "is no checkpoint of Hugging Face's transformers";
  throw refused(repository, `${repository} holds no ${CONFIG}: it ${instead}. ${TAKE_ORIGINAL}`);
}

/** @throws RerankError `model-invalid` where weights or tokenizer are missing, or there in another format only */
export function findNeeded(repository: string, { files, commit }: HubRepository): NeededFiles {
  const find = (name: string): HubFile | undefined => files.find(({ path }) => path === name);
  const weights = find(TENSORS) ?? find(TENSOR_INDEX);
  if (weights === undefined) throw refused(repository, withoutTensors(repository, commit, files));
  const tokenizer = find(TOKENIZER);
  if (tokenizer === undefined) throw refused(repository, withoutTokenizer(repository, commit));
  return {
    tokenizer: [tokenizer, ...OPTIONAL.flatMap((name) => find(name) ?? [])],
    weights,
    isIndex: weights.path === TENSOR_INDEX,
  };
}

/**
 * The files that an index of shards names.
 * @param index the parsed index
 * @throws RerankError `model-invalid` for an index of another form, or one that names what is not there
 */
export function findShards(repository: string, { files }: HubRepository, index: unknown): readonly HubFile[] {
  const map: unknown = typeof index === "object" && index !== null && "weight_map" in index ? index.weight_map : {};
  const names = new Set(Object.values(map as object).filter((name) => typeof name === "string"));
  if (names.size === 0) throw refused(repository, `${TENSOR_INDEX} of ${repository} names no files; it is damaged.`);
  return [...names].map((name) => {
    const file = files.find(({ path }) => path === name);
    // In the root only: the file's name becomes a path on this disk.
    if (file !== undefined && /^[\w-][\w.-]*\.safetensors$/.test(name)) return file;
    const problem = `${TENSOR_INDEX} of ${repository} names ${name}, which the repository does not hold`;
    throw refused(repository, `${problem}. Its upload was not finished; ask its owner, or take another revision.`);
  });
}

const TAKE_ORIGINAL = "Take the repository that it was made from, with config.json and model.safetensors.";

function otherFormat(files: readonly HubFile[]): string | undefined {
  const has = (pattern: RegExp): boolean => files.some(({ path }) => pattern.test(path));
  if (has(/(^|\/)adapter_(model|config)\./)) return "holds an adapter only, which has to be merged into its base model";
  if (has(/\.gguf$/i)) return "holds GGUF files, which are for llama.cpp";
  if (has(/\.onnx$/i)) return "holds ONNX files, which are compiled already";
  if (has(/^(tf_model\.h5|flax_model\.msgpack)$/)) return "holds TensorFlow or Flax weights";
  return undefined;
}

function withoutTensors(repository: string, commit: string, files: readonly HubFile[]): string {
  if (files.some(({ path }) => PYTORCH.test(path))) {
    return (
      `${repository} holds its weights as pytorch_model.bin only, a format that can run code and is not read. ` +
      `Convert it, then compile the folder:\n${convertLines(repository, commit)}`
    );
  }
  const instead = otherFormat(files);
  return `${repository} holds no ${TENSORS}${instead === undefined ? "" : `: it ${instead}`}. ${TAKE_ORIGINAL}`;
}

function withoutTokenizer(repository: string, commit: string): string {
  return (
    `${repository} holds no ${TOKENIZER}: it comes with a slow tokenizer only. Make the fast one, then compile the ` +
    `folder:\n${convertLines(repository, commit)}`
  );
}

/** Writes all that a checkpoint folder needs, whichever part was missing. */
function convertLines(repository: string, commit: string): string {
  const folder = repository.split("/").at(-1) ?? "checkpoint";
  return [
    "  pip install torch transformers sentencepiece protobuf",
    "  python - <<'END'",
    "  from transformers import AutoModelForSequenceClassification, AutoTokenizer",
    `  source = dict(pretrained_model_name_or_path="${repository}", revision="${commit}")`,
    `  AutoModelForSequenceClassification.from_pretrained(**source).save_pretrained("${folder}")`,
    `  AutoTokenizer.from_pretrained(**source).save_pretrained("${folder}")`,
    "  END",
    `  npm run compile-model -- ${folder} --out DIR`,
  ]
    .map((line) => line.replace(/^ {2}/, ""))
    .join("\n");
}

function refused(repository: string, message: string): RerankError {
  return new RerankError("model-invalid", message, { details: { repository, problem: message } });
}
