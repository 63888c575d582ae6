/** What the npm package offers, for any build: the package's own files, or the app's. */
import type { RerankerState } from "../client/reranker-state.ts";
import { WorkerReranker } from "../client/worker-reranker.ts";
import { abortReason, RerankError, throwIfAborted } from "../core/errors.ts";
import type { LoadedModel, LoadRequest } from "../core/protocol.ts";
import { cohereResponse, readCohereRequest, type RerankRequest, type RerankResponse } from "./cohere.ts";
import type { LoadRerankerOptions } from "./load-options.ts";
import { CachingReranker, type LoadedReranker } from "./loaded-reranker.ts";
import { ScoreCache } from "./score-cache.ts";

/** Where a build keeps what the library starts. */
export interface LibraryBuild {
  /** The model that is used unless another is named. */
  readonly defaultModel: () => { readonly modelUrl: string; readonly modelFiles?: LoadRequest["modelFiles"] };
  readonly runtimeFiles?: () => LoadRequest["runtimeFiles"];
}

export interface Library {
  /**
   * Loads a model, or joins those who have loaded it: one worker per page, model and device.
   * @throws RerankError
   */
  loadReranker(options?: LoadRerankerOptions): Promise<LoadedReranker>;
  /** One call in the shape of Cohere's `POST /v2/rerank`, whose names it takes and returns. @throws RerankError */
  rerank(request: RerankRequest): Promise<RerankResponse>;
}

interface Shared {
  readonly worker: WorkerReranker;
  readonly listeners: Set<(state: RerankerState) => void>;
  users: number;
}

export function createLibrary(build: LibraryBuild): Library {
  const shared = new Map<string, Shared>();
  const cache = new ScoreCache();

  const loadReranker = async (options: LoadRerankerOptions = {}): Promise<LoadedReranker> => {
    const { signal, onState } = options;
    throwIfAborted(signal);
    const key = JSON.stringify([options.model, options.device, options.threads]);
    const one = shared.get(key) ?? share(build, options);
    shared.set(key, one);
    one.users += 1;
    const release = async (): Promise<void> => {
      one.users -= 1;
      if (one.users > 0 || shared.get(key) !== one) return;
      shared.delete(key);
      await one.worker.dispose();
    };
    if (onState) one.listeners.add(onState);
    try {
      const model = await raceAbort(loadWithin(one.worker, options.maxDownloadBytes), signal);
      return new CachingReranker(model, one.worker, cache, release);
    } catch (error) {
      await release();
      throw error;
    } finally {
      if (onState) one.listeners.delete(onState);
    }
  };

  return {
    loadReranker,
    rerank: async (request) => {
      const { query, documents, load, options, returnDocuments } = readCohereRequest(request);
      // Kept for the next call: a page that reranks once does so again.
      const reranker = await loadReranker(load);
      const startMs = performance.now();
      const ranked = await reranker.rerank(query, documents, options);
      return cohereResponse(ranked, {
        documents,
        returnDocuments,
        model: reranker.model,
        ms: performance.now() - startMs,
      });
    },
  };
}

function share({ defaultModel, runtimeFiles }: LibraryBuild, options: LoadRerankerOptions): Shared {
  const { model, device, threads } = options;
  const listeners = new Set<(state: RerankerState) => void>();
  const files = runtimeFiles?.();
  const worker = new WorkerReranker({
    name: model ?? "default",
    ...(model === undefined ? defaultModel() : { modelUrl: model }),
    ...(files && { runtimeFiles: files }),
    ...(device !== undefined && { device }),
    ...(threads !== undefined && { threads }),
    onState: (state) => {
      for (const listener of listeners) listener(state);
    },
  });
  return { worker, listeners, users: 0 };
}

/** A load that others began may have had a lower limit: it is tried once more with this one. */
async function loadWithin(worker: WorkerReranker, maxDownloadBytes: number | undefined): Promise<LoadedModel> {
  const limit = maxDownloadBytes === undefined ? {} : { maxDownloadBytes };
  try {
    return await worker.load(limit);
  } catch (error) {
    const isRefused = error instanceof RerankError && error.code === "consent-needed";
    if (!isRefused || Number(error.details["bytes"]) > (maxDownloadBytes ?? Number.POSITIVE_INFINITY)) throw error;
    return await worker.load(limit);
  }
}

async function raceAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise;
  return await new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      reject(abortReason(signal));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", onAbort);
    });
  });
}
