import { proxy, wrap, type Remote } from "comlink";
import { fromWireResult, RerankError } from "../core/errors.ts";
import type { LoadedModel, LoadEvent, LoadRequest, Scores, ScoreRequest, ScoringWorkerApi } from "../core/protocol.ts";

/**
 * One worker from spawn to end. comlink leaves calls pending for ever when a worker dies, so every call here races
 * `ended`, which rejects on any death: a script that fails to load or never answers, an uncaught error, an unreadable
 * message, `close()` from inside (seen by the lock it gives back), and our own `end`.
 */
export class WorkerLife {
  readonly #worker: Worker;
  readonly #api: Remote<ScoringWorkerApi>;
  readonly #ended: Promise<never>;
  readonly #endedSignal = new AbortController();
  #rejectEnded!: (error: RerankError) => void;

  constructor(worker: Worker, onEnd: (error: RerankError) => void) {
    this.#worker = worker;
    this.#api = wrap<ScoringWorkerApi>(worker);
    this.#ended = new Promise((_, reject) => {
      this.#rejectEnded = reject;
    });
    this.#ended.catch(onEnd);
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.end(crashed(event.message || "its script could not be loaded"));
    });
    worker.addEventListener("messageerror", () => {
      this.end(crashed("a message could not be read"));
    });
  }

  /**
   * Resolves once the worker answers.
   * @param limitMs how long that may take: a slow phone needs seconds, a dead script never answers
   * @throws RerankError `worker-crashed`
   */
  async start(limitMs = 60_000): Promise<void> {
    const timer = setTimeout(() => {
      this.end(crashed(`no answer within ${limitMs} ms`));
    }, limitMs);
    try {
      const { lockName } = fromWireResult(await this.#race(this.#api.hello()));
      if (lockName !== "") this.#endWithLock(lockName);
    } finally {
      clearTimeout(timer);
    }
  }

  async load(request: LoadRequest, onEvent: (event: LoadEvent) => void): Promise<LoadedModel> {
    return fromWireResult(await this.#race(this.#api.load(request, proxy(onEvent))));
  }

  async score(request: ScoreRequest, onProgress: (scored: number) => void): Promise<Scores> {
    return fromWireResult(await this.#race(this.#api.score(request, proxy(onProgress))));
  }

  /** Asks the worker to leave off a request; the request's own call then rejects. */
  cancel(requestId: number): void {
    void this.#api.cancel(requestId);
  }

  /** The call's result, or the worker's end, whichever comes first. */
  async #race<P extends Promise<unknown>>(call: P): Promise<Awaited<P>> {
    return await Promise.race([call, this.#ended]);
  }

  /** Stops the worker; every open call rejects with `error`. The first end counts. */
  end(error: RerankError): void {
    this.#worker.terminate();
    this.#endedSignal.abort();
    this.#rejectEnded(error);
  }

  /** The worker holds this lock as long as it lives: getting it means that the worker is gone. */
  #endWithLock(lockName: string): void {
    navigator.locks
      .request(lockName, { signal: this.#endedSignal.signal }, () => {
        this.end(crashed("it stopped by itself"));
      })
      .catch(() => undefined);
  }
}

function crashed(reason: string): RerankError {
  return new RerankError("worker-crashed", `The scoring worker stopped: ${reason}. The next call starts a new one.`, {
    details: { reason },
  });
}
