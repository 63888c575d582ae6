/** The one file that knows transformers.js: it brings the tokenizer and the model of a hub repository. */
import type * as TransformersJs from "@huggingface/transformers";
import type * as Ort from "onnxruntime-web";
import { RerankError } from "../src/core/errors.ts";
import type { Device, RuntimeName } from "../src/core/protocol.ts";
import type { PackedBatch } from "../src/model/batching.ts";
import { pairFormatOf, pairTokens, relevanceLogits, type ClassifierConfig } from "../src/model/classifier.ts";
import type { DtypeOption } from "../src/model/hub-files.ts";
import { HUB_CACHE, type HubModelAddress } from "../src/model/hub-model-url.ts";
import type { ModelInput } from "../src/model/manifest.ts";
import type { TextTokenizer } from "../src/model/pair-encoding.ts";
import { asRunError, chooseProvider, type ScoringSession } from "./session.ts";
import { rememberingTokenizer } from "./tokenizer.ts";

type Library = typeof TransformersJs;
type Tokenizer = Awaited<ReturnType<Library["AutoTokenizer"]["from_pretrained"]>>;
type Model = Awaited<ReturnType<Library["AutoModelForSequenceClassification"]["from_pretrained"]>>;

export interface TransformersRequest {
  readonly address: HubModelAddress;
  readonly option: DtypeOption;
  readonly config: ClassifierConfig;
  readonly device: Device;
  readonly runtime: RuntimeName;
  readonly ort: typeof Ort;
  /** Asks for the repository's files. */
  readonly fetch: typeof fetch;
  /** Told of each piece of a file: its path, and how many of its bytes are here. */
  readonly onFile: (path: string, loadedBytes: number) => void;
  /** All files are here. */
  readonly onSession: () => void;
}

export interface TransformersModel {
  readonly session: ScoringSession;
  readonly tokenizer: TextTokenizer;
  readonly input: ModelInput;
}

/**
 * Loads tokenizer and model through transformers.js, on the runtime that the worker has started.
 * @throws RerankError `model-download`, `model-integrity`, `model-invalid`, `session-create`
 */
export async function openTransformersModel(request: TransformersRequest): Promise<TransformersModel> {
  const { address, option, config, device, ort } = request;
  const library = await bringLibrary(request);
  const files = {
    progress_callback: (progress: { status: string; file?: string; loaded?: number }) => {
      if (progress.status === "progress") request.onFile(progress.file ?? "", progress.loaded ?? 0);
      // The graph comes last, and the session is made of it at once.
      if (progress.status === "done" && progress.file?.endsWith(".onnx") === true) request.onSession();
    },
  };
  const place = await chooseProvider(device, ort);
  try {
    const tokenizer = await library.AutoTokenizer.from_pretrained(address.repository, files);
    const model = await library.AutoModelForSequenceClassification.from_pretrained(address.repository, {
      ...files,
      // Of the runtime it was given it knows no devices; the provider says which.
      device: "auto",
      dtype: option.dtype,
      subfolder: option.folder,
      use_external_data_format: option.dataFiles,
      session_options: { executionProviders: [place.provider] },
    });
    const { lost } = await place.watch();
    return {
      tokenizer: rememberingTokenizer((text) => tokenizer.encode(text, { add_special_tokens: false })),
      input: inputOf(tokenizer, model, config),
      session: classifierSession(library, model, request, lost),
    };
  } catch (cause) {
    if (cause instanceof RerankError) throw cause;
    throw new RerankError("session-create", `transformers.js could not load the model: ${String(cause)}`, {
      cause,
      details: { device, reason: String(cause) },
    });
  }
}

/** What the library computes with, for good: it looks once, when it is imported. */
let taken: typeof Ort | undefined;

async function bringLibrary({ address, ort, fetch }: TransformersRequest): Promise<Library> {
  if (taken !== undefined && taken !== ort) {
    throw new RerankError("session-create", "transformers.js holds another runtime: start a new worker.");
  }
  taken = ort;
  // See https://github.com/huggingface/transformers.js/blob/4.3.1/packages/transformers/src/backends/onnx.js
  Object.assign(globalThis, { [Symbol.for("onnxruntime")]: ort });
  const library = await import("@huggingface/transformers");
  const { env, LogLevel } = library;
  env.logLevel = LogLevel.ERROR;
  env.allowLocalModels = false;
  env.cacheKey = HUB_CACHE;
  // The runtime has started by itself already.
  env.useWasmCache = false;
  env.remoteHost = address.host;
  // Without "{revision}", in whose place some of its requests have "main".
  env.remotePathTemplate = `{model}/resolve/${encodeURIComponent(address.revision)}/`;
  env.fetch = fetch;
  return library;
}

/** Texts that any tokenizer makes something of. */
const PROBE = { query: "질문 a", document: "문서 b" };

function inputOf(tokenizer: Tokenizer, model: Model, config: ClassifierConfig): ModelInput {
  const { query, document } = PROBE;
  // Typed as always there; a tokenizer without padding has none.
  const padTokenId = tokenizer.pad_token_id as number | undefined;
  const joined = tokenizer(query, { text_pair: document, return_tensor: false, return_token_type_ids: true });
  const maxTokens = pairTokens(config, Number(tokenizer.model_max_length));
  return {
    ...pairFormatOf({
      pair: joined.input_ids,
      ...(takesSegments(model) && joined.token_type_ids && { tokenTypes: joined.token_type_ids }),
      query: tokenizer.encode(query, { add_special_tokens: false }),
      document: tokenizer.encode(document, { add_special_tokens: false }),
    }),
    padTokenId: padTokenId ?? config.padTokenId ?? 0,
    positionOffset: 0,
    maxTokens,
    // The document is what gets cut; a query that long is none.
    maxQueryTokens: Math.floor(maxTokens / 2),
  };
}

function takesSegments(model: Model): boolean {
  const session = model.sessions["model"] as Ort.InferenceSession;
  return session.inputNames.includes("token_type_ids");
}

function classifierSession(
  library: Library,
  model: Model,
  { ort, runtime, config }: TransformersRequest,
  lost: Promise<never>,
): ScoringSession {
  return {
    runtime,
    version: ort.env.versions.web ?? ort.env.versions.common,
    threads: ort.env.wasm.numThreads ?? 1,
    async run(batch) {
      try {
        const output = (await Promise.race([model(feeds(library, batch)), lost])) as Record<string, Logits | undefined>;
        return logitsOf(output["logits"], batch, config);
      } catch (cause) {
        throw asRunError(cause);
      }
    },
    release: async () => {
      await model.dispose();
    },
  };
}

type Logits = InstanceType<Library["Tensor"]>;

function logitsOf(logits: Logits | undefined, { pairs }: PackedBatch, { labels }: ClassifierConfig): Float32Array {
  const values: unknown = logits?.to("float32").data;
  if (!(values instanceof Float32Array) || (labels !== undefined && values.length !== pairs * labels)) {
    const found = logits === undefined ? "no logits" : `logits of shape [${logits.dims.join(", ")}]`;
    throw new RerankError("model-invalid", `The model gives ${found} for ${pairs} pairs.`, {
      details: { problem: found },
    });
  }
  return relevanceLogits(values, pairs);
}

/** int64, as all exporters have it. */
function feeds({ Tensor }: Library, { pairs, tokens, inputIds, keyBias, tokenTypeIds }: PackedBatch) {
  const tensor = (values: Iterable<number>): Logits =>
    new Tensor("int64", BigInt64Array.from(values as ArrayLike<number> & Iterable<number>, BigInt), [pairs, tokens]);
  return {
    input_ids: tensor(inputIds),
    attention_mask: tensor(keyBias.map((bias) => (bias === 0 ? 1 : 0))),
    ...(tokenTypeIds && { token_type_ids: tensor(tokenTypeIds) }),
  };
}
