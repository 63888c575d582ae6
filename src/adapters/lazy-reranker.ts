import { abortReason, throwIfAborted } from "../core/errors.ts";
import type { LoadedModel } from "../core/protocol.ts";
import type { LoadedReranker } from "../library/loaded-reranker.ts";
import type { DocumentReranker } from "./document-reranker.ts";

/** Something whose model loads at the first call that needs it. */
export interface Loadable {
  /**
   * Loads the model before a call needs it; one that is loaded or loading is not loaded again.
   * @throws RerankError
   */
  readonly load: () => Promise<LoadedModel>;
  /** Lets go of the model. A later call loads it once more. */
  readonly dispose: () => Promise<void>;
}

export interface LazyReranker extends DocumentReranker, Loadable {
  readonly model: LoadedModel | undefined;
}

/**
 * A reranker that `start`s when it is first needed. A failed start rejects the calls that waited for it, and the next
 * call tries again. A signal ends the wait of its own call; the load goes on for the others.
 */
export function lazyReranker(start: () => Promise<LoadedReranker>): LazyReranker {
  let loading: Promise<LoadedReranker> | undefined;
  let model: LoadedModel | undefined;

  const loaded = (): Promise<LoadedReranker> => {
    if (loading) return loading;
    const current = start();
    loading = current;
    current.then(
      (reranker) => {
        if (loading === current) model = reranker.model;
      },
      () => {
        if (loading === current) loading = undefined;
      },
    );
    return current;
  };

  return {
    get model() {
      return model;
    },
    load: async () => (await loaded()).model,
    rerank: async (query, documents, options = {}) => {
      throwIfAborted(options.signal);
      const reranker = await unlessAborted(loaded(), options.signal);
      return await reranker.rerank(query, documents, options);
    },
    dispose: async () => {
      const current = loading;
      loading = undefined;
      model = undefined;
      // A start that failed left nothing to let go of, and whoever began it has been told.
      const reranker = await current?.catch(() => undefined);
      await reranker?.dispose();
    },
  };
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
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
