import { abortReason, RerankError, throwIfAborted } from "../core/errors.ts";
import type {
  DeviceChoice,
  DownloadPatience,
  LoadedModel,
  LoadEvent,
  LoadRequest,
  Scores,
  ScoringWorkerApi,
} from "../core/protocol.ts";
import { aggregateWindows } from "../core/aggregation.ts";
import type { PairScorer, PairScores, PairScoringOptions } from "../core/pair-scores.ts";
import { rankDocuments } from "../core/ranking.ts";
import type { RankedDocument, RerankDocument, Reranker, RerankOptions } from "../core/types.ts";
import { resolveModelUrl } from "./model-url.ts";
import type { RerankerState } from "./reranker-state.ts";
import { passedSelfTests, rememberSelfTest } from "./self-test-memory.ts";
import { spawnScoringWorker } from "./spawn-worker.ts";
import { callback, WorkerLife } from "./worker-life.ts";

export interface WorkerRerankerOptions {
  /** The model's id, as a table shows it. */
  readonly name: string;
  /** Folder of the model package; relative URLs are resolved against the page. */
  readonly modelUrl: string;
  /** Absolute URLs of the package's files by name. @default all in `modelUrl` */
  readonly modelFiles?: LoadRequest["modelFiles"];
  /** For a worker whose build does not know where ONNX Runtime lies. */
  readonly runtimeFiles?: LoadRequest["runtimeFiles"];
  /** @default "auto" */
  readonly device?: DeviceChoice;
  /** Threads for WASM. @default half the cores, 2 to 4; 1 where the page is not cross-origin isolated */
  readonly threads?: number;
  readonly patience?: DownloadPatience;
  /** Told of each change of state, in order. */
  readonly onState?: (state: RerankerState) => void;
  /** Makes the worker. @default the scoring worker of this build */
  readonly spawn?: () => Worker;
  /** How long a new worker may take to answer, in milliseconds. @default 60000 */
  readonly startLimitMs?: number;
}

type ScoreOptions = Pick<RerankOptions, "signal" | "onProgress"> &
  Pick<PairScoringOptions, "maxDocumentTokens"> & { readonly windows: boolean };

type ScoringLife = WorkerLife<ScoringWorkerApi>;

interface LoadedLife {
  readonly life: ScoringLife;
  readonly model: LoadedModel;
}

/**
 * A reranker that runs in a worker of its own, which it starts on the first call, watches, and starts again on the
 * next call after a death or a lost GPU. Every call settles, however the worker ends.
 */
export class WorkerReranker implements Reranker, PairScorer {
  readonly name: string;
  readonly #options: WorkerRerankerOptions;
  readonly #newest = new Map<string, AbortController>();
  #state: RerankerState = { type: "idle" };
  #life: ScoringLife | undefined;
  #loaded: Promise<LoadedLife> | undefined;

  constructor(options: WorkerRerankerOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get state(): RerankerState {
    return this.#state;
  }

  /**
   * Starts the worker and loads the model; at once where both have happened. A failed load is tried anew.
   * @param options.maxDownloadBytes what a load that this call begins may download. @default no limit
   */
  async load({ maxDownloadBytes }: Pick<LoadRequest, "maxDownloadBytes"> = {}): Promise<LoadedModel> {
    return (await this.#ensureLoaded(maxDownloadBytes)).model;
  }

  async rerank(
    query: string,
    documents: readonly RerankDocument[],
    options: RerankOptions = {},
  ): Promise<readonly RankedDocument[]> {
    checkInput(query, documents, options);
    const { supersedeKey, blend = true, topN, longDocuments = "first" } = options;
    const newest = supersedeKey === undefined ? undefined : this.#supersede(supersedeKey);
    const signals = [options.signal, newest?.signal].filter((signal) => signal !== undefined);
    const signal = AbortSignal.any(signals);
    try {
      throwIfAborted(signal);
      if (documents.length === 0) return [];
      const { life, model } = await raceAbort(this.#ensureLoaded(), signal);
      throwIfAborted(signal);
      const texts = documents.map(({ text }) => text);
      const windows = longDocuments !== "first";
      const scores = await this.#score(life, query, texts, { ...options, signal, windows });
      // A cancel may have crossed the answer on its way: a stale result is dropped.
      throwIfAborted(signal);
      const { truncated } = scores;
      const logits = aggregateWindows(scores.logits, scores.windows, longDocuments);
      const blendWeight = blend ? (model.blendWeight ?? 0) : 0;
      return rankDocuments({ documents, logits, truncated, blendWeight, ...(topN !== undefined && { topN }) });
    } finally {
      if (supersedeKey !== undefined && this.#newest.get(supersedeKey) === newest) this.#newest.delete(supersedeKey);
    }
  }

  /** The logits alone, a document's windows one by one. @throws RerankError */
  async scorePairs(
    query: string,
    documents: readonly string[],
    { windows = false, maxDocumentTokens, signal }: PairScoringOptions = {},
  ): Promise<PairScores> {
    throwIfAborted(signal);
    const { life } = await (signal ? raceAbort(this.#ensureLoaded(), signal) : this.#ensureLoaded());
    const scores = await this.#score(life, query, documents, {
      windows,
      ...(maxDocumentTokens !== undefined && { maxDocumentTokens }),
      ...(signal && { signal }),
    });
    throwIfAborted(signal);
    return scores;
  }

  dispose(): Promise<void> {
    const disposed = new RerankError("disposed", "The reranker was disposed.");
    this.#setState({ type: "disposed" });
    this.#life?.end(disposed);
    return Promise.resolve();
  }

  /** Cancels the call that holds `key`, and takes its place. */
  #supersede(key: string): AbortController {
    this.#newest.get(key)?.abort(new RerankError("superseded", "A newer call took this one's place."));
    const controller = new AbortController();
    this.#newest.set(key, controller);
    return controller;
  }

  async #score(
    life: ScoringLife,
    query: string,
    documents: readonly string[],
    { windows, maxDocumentTokens, signal, onProgress }: ScoreOptions,
  ): Promise<Scores> {
    let settled = false;
    const tell = callback((scored: number) => {
      // Progress takes another way than the result, and may come after it.
      if (!settled) onProgress?.(scored, documents.length);
    });
    try {
      return await life.callWithCancel(
        (api, requestId) =>
          api.score(
            { requestId, query, documents, windows, ...(maxDocumentTokens !== undefined && { maxDocumentTokens }) },
            tell,
          ),
        signal,
      );
    } catch (error) {
      if (error instanceof RerankError && FATAL.has(error.code)) life.end(error);
      throw error;
    } finally {
      settled = true;
    }
  }

  #ensureLoaded(maxDownloadBytes?: number): Promise<LoadedLife> {
    if (this.#state.type === "disposed") {
      return Promise.reject(new RerankError("disposed", "The reranker was disposed; make a new one."));
    }
    this.#loaded ??= this.#startAndLoad(maxDownloadBytes);
    return this.#loaded;
  }

  async #startAndLoad(maxDownloadBytes: number | undefined): Promise<LoadedLife> {
    if (!("Worker" in globalThis)) {
      throw new RerankError("worker-crashed", "There are no Web Workers here: rerank in a browser, not on a server.", {
        details: { reason: "no Web Workers" },
      });
    }
    this.#setState({ type: "loading" });
    const { modelUrl, device = "auto", threads, patience, spawn = spawnScoringWorker, startLimitMs } = this.#options;
    const { modelFiles, runtimeFiles } = this.#options;
    const life: ScoringLife = new WorkerLife(spawn(), (error) => {
      this.#forget(life, error);
    });
    this.#life = life;
    const request = {
      modelUrl: resolveModelUrl(modelUrl),
      device,
      passedSelfTests: passedSelfTests(),
      ...(threads !== undefined && { threads }),
      ...(patience && { patience }),
      ...(modelFiles && { modelFiles }),
      ...(runtimeFiles && { runtimeFiles }),
      ...(maxDownloadBytes !== undefined && { maxDownloadBytes }),
    };
    const onEvent = (event: LoadEvent): void => {
      if (this.#state.type === "loading") this.#setState({ type: "loading", event });
    };
    try {
      await life.start(startLimitMs);
      const model = await life.call((api) => api.load(request, callback(onEvent)));
      if (model.selfTest.pairs > 2) rememberSelfTest(model.selfTest.key);
      this.#setState({ type: "ready", model });
      return { life, model };
    } catch (error) {
      // Nothing failed is kept: the next call starts from nothing.
      life.end(
        error instanceof RerankError ? error : new RerankError("session-create", String(error), { cause: error }),
      );
      throw error;
    }
  }

  /** After a worker's end the next call starts a new one. */
  #forget(life: ScoringLife, error: RerankError): void {
    if (this.#life !== life) return;
    this.#life = undefined;
    this.#loaded = undefined;
    if (this.#state.type !== "disposed") this.#setState({ type: "failed", error });
  }

  #setState(state: RerankerState): void {
    this.#state = state;
    this.#options.onState?.(state);
  }
}

/** After these ONNX Runtime does not recover: only a new worker helps. */
const FATAL: ReadonlySet<string> = new Set(["device-lost", "inference"]);

function checkInput(query: string, documents: readonly RerankDocument[], { topN }: RerankOptions): void {
  const problem =
    query.trim() === ""
      ? "the query is empty"
      : documents.some(({ score }) => score !== undefined && !(Number.isFinite(score) && score >= 0))
        ? "a document's score is not a number of 0 or more"
        : topN !== undefined && !(Number.isInteger(topN) && topN >= 0)
          ? "topN is not a whole number of 0 or more"
          : undefined;
  if (problem !== undefined) {
    throw new RerankError("invalid-input", `Nothing was reranked: ${problem}.`, { details: { problem } });
  }
}

/** The promise's result, unless `signal` aborts first. */
async function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(abortReason(signal));
    };
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
