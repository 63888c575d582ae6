/** The contract of the scoring worker: shapes only. Page and worker both import it, never each other. */
import type { WireResult } from "./errors.ts";
import type { PairScores } from "./pair-scores.ts";

export type Device = "webgpu" | "wasm";

/**
 * Which device to run on. `auto` takes hardware WebGPU where there is some, else WASM; a software adapter counts as
 * no GPU. `webgpu` takes any adapter and fails without one.
 */
export type DeviceChoice = "auto" | Device;

/** What every worker answers, beside its own calls. */
export interface WorkerApi {
  /** Answers at once; the page learns by it that the worker's script runs. */
  hello(): Promise<WireResult<{ readonly lockName: string }>>;
  /** Asks to leave off the request of that number, whose own call then rejects with `aborted`. */
  cancel(requestId: number): void;
}

/** How long a download keeps trying. */
export interface DownloadPatience {
  /** Requests for one file that may fail in a row, before the download fails. @default 5 */
  readonly tries?: number;
  /** Pause after a first failure in milliseconds, doubled after each further one. @default 500 */
  readonly firstPauseMs?: number;
  /** Milliseconds without a byte, after which a request is given up and sent anew. @default 20000 */
  readonly stallMs?: number;
}

/** Builds of ONNX Runtime: WebGPU through JSPI or Asyncify, or plain WASM. */
export type RuntimeName = "jspi" | "asyncify" | "wasm";

/** Absolute URLs of one build of ONNX Runtime. */
export interface RuntimeFiles {
  /** Its JavaScript, without the loader. */
  readonly module: string;
  /** Starts the WASM, on every thread. */
  readonly loader: string;
  readonly wasm: string;
}

export interface LoadRequest {
  /**
   * Absolute URL of the model package's folder, ending in a slash; or `local:<name>/` for one that was imported; or, for
   * a repository of the Hugging Face hub that transformers.js is to load,
   * `transformers:<dtype>:<hub>/<owner>/<name>/resolve/<revision>/` with `dtype` one of fp32, fp16, q8, int8, uint8, q4,
   * q4f16 and bnb4 (see `model/hub-model-url.ts`).
   */
  readonly modelUrl: string;
  /** Absolute URLs of the package's files by name, for one that a bundler tore apart. @default all in `modelUrl` */
  readonly modelFiles?: Readonly<Record<string, string>>;
  /** For a worker whose build does not know where ONNX Runtime lies. */
  readonly runtimeFiles?: Readonly<Record<RuntimeName, RuntimeFiles>>;
  readonly device: DeviceChoice;
  /** Most bytes of model files to download; a variant that needs more is refused with `consent-needed`. */
  readonly maxDownloadBytes?: number;
  readonly patience?: DownloadPatience;
  /** Threads for WASM. @default half the cores, 2 to 4; 1 where the page is not cross-origin isolated */
  readonly threads?: number;
  /** Keys of self-tests this browser has passed in full before; such a load repeats two short pairs only. */
  readonly passedSelfTests: readonly string[];
}

/** How far a variant's files have come. `storedBytes + transferredBytes` grows to `totalBytes`. */
export interface DownloadProgress {
  /** Bytes of all files of the variant. */
  readonly totalBytes: number;
  /** Of these, bytes that were on this device already: `totalBytes` for a warm load. */
  readonly storedBytes: number;
  /** Bytes received over the network, this time; less is possible again where a file proved wrong and starts anew. */
  readonly transferredBytes: number;
  /** True while another tab downloads what this one needs. */
  readonly isWaiting: boolean;
}

/** Where model files lie: `memory` forgets them with the worker. */
export type StorageKind = "opfs" | "cache" | "memory";

/** What happens while a model loads, in the order in which it happens. */
export type LoadEvent =
  | { readonly type: "manifest"; readonly modelName: string; readonly downloadBytes: number }
  | { readonly type: "device"; readonly device: Device; readonly variant: string }
  | ({ readonly type: "download" } & DownloadProgress)
  | { readonly type: "session" }
  | { readonly type: "self-test"; readonly scoredPairs: number; readonly totalPairs: number }
  | { readonly type: "downgrade"; readonly from: string; readonly reason: string };

export interface SelfTestReport {
  /** Golden pairs scored. */
  readonly pairs: number;
  /** Largest absolute difference between a logit and what this variant should give. */
  readonly maxError: number;
  /** The difference up to which the variant is accepted. */
  readonly tolerance: number;
  /** Identifies model, variant, runtime and adapter; pass it in `passedSelfTests` next time. */
  readonly key: string;
  readonly elapsedMs: number;
}

export interface LoadedModel {
  readonly id: string;
  readonly name: string;
  readonly licence: string;
  readonly device: Device;
  readonly variant: string;
  /** Which build of ONNX Runtime runs. */
  readonly runtime: RuntimeName;
  /** WASM threads; 1 where SharedArrayBuffer is missing. */
  readonly threads: number;
  /** The GPU as WebGPU names it, empty on WASM. */
  readonly adapter: string;
  /** True where the GPU is emulated by the CPU: right, but very slow. */
  readonly softwareAdapter: boolean;
  /** Bytes of model files this variant needs (manifest excluded, runtime excluded). */
  readonly downloadBytes: number;
  /** Of these, bytes that came over the network for this load: 0 for a warm one. */
  readonly transferredBytes: number;
  /** Where the files lie now; `memory` where the browser keeps nothing, or has no room. */
  readonly storage: StorageKind;
  readonly maxTokens: number;
  /** Weight of the normalised first-stage score; absent where the model ranks better alone. */
  readonly blendWeight?: number;
  readonly selfTest: SelfTestReport;
  /** Why faster variants were refused, in the order in which they were tried. */
  readonly downgrades: readonly { readonly from: string; readonly reason: string }[];
  readonly loadMs: number;
}

export interface ScoreRequest {
  /** Chosen by the page; `cancel` names it. */
  readonly requestId: number;
  readonly query: string;
  readonly documents: readonly string[];
  /** Whether a document that is longer than the model reads is scored in overlapping windows, or cut. */
  readonly windows: boolean;
  /** Tokens of each document that are read, at most; the model's own limit holds besides. @default as many as fit */
  readonly maxDocumentTokens?: number;
}

export interface Scores extends PairScores {
  /** Tokens run through the model, padding included. */
  readonly tokens: number;
  readonly elapsedMs: number;
}

export interface ScoringWorkerApi extends WorkerApi {
  /** All events are told before the result; the worker awaits what `onEvent` answers. */
  load(request: LoadRequest, onEvent: (event: LoadEvent) => unknown): Promise<WireResult<LoadedModel>>;
  /**
   * Scores pairs of the query with each document. Requests run one after another; a `cancel` takes effect between two
   * batches, for a running batch cannot be interrupted.
   */
  score(request: ScoreRequest, onProgress: (scored: number) => void): Promise<WireResult<Scores>>;
}
