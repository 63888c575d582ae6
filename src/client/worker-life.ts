import { wrap, type Remote } from "comlink";
import { abortReason, fromWireResult, RerankError, throwIfAborted, type WireResult } from "../core/errors.ts";
import type { WorkerApi } from "../core/protocol.ts";

/** Marks a callback as one to be called from the worker. */
export { proxy as callback } from "comlink";

/**
 * One worker from spawn to end. comlink leaves calls pending for ever when a worker dies, so every call here races
 * `ended`, which rejects on any death: a script that fails to load or never answers, an uncaught error, an unreadable
 * message, `close()` from inside (seen by the lock it gives back), and our own `end`.
 */
export class WorkerLife<Api extends WorkerApi> {
  readonly #worker: Worker;
  readonly #api: Remote<Api>;
  readonly #greeting: Remote<WorkerApi>;
  readonly #ended: Promise<never>;
  readonly #endedSignal = new AbortController();
  #rejectEnded!: (error: RerankError) => void;
  #nextRequestId = 1;

  constructor(worker: Worker, onEnd: (error: RerankError) => void) {
    this.#worker = worker;
    this.#api = wrap<Api>(worker);
    // TypeScript cannot see through `Remote` of a type that is still open.
    this.#greeting = wrap<WorkerApi>(worker);
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
      const { lockName } = fromWireResult(await this.#race(this.#greeting.hello()));
      if (lockName !== "") this.#endWithLock(lockName);
    } finally {
      clearTimeout(timer);
    }
  }

  /** One call's value. @throws RerankError the call's own, or the one the worker ended with */
  async call<T>(send: (api: Remote<Api>) => Promise<WireResult<T>>): Promise<T> {
    return fromWireResult(await this.#race(send(this.#api)));
  }

  /** A call that the worker is asked to leave off when `signal` aborts; it then rejects with the signal's reason. */
  async callWithCancel<T>(
    send: (api: Remote<Api>, requestId: number) => Promise<WireResult<T>>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    throwIfAborted(signal);
    const requestId = this.#nextRequestId++;
    const cancel = (): void => {
      void this.#greeting.cancel(requestId);
    };
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      return await this.call((api) => send(api, requestId));
    } catch (error) {
      if (signal?.aborted === true) throw abortReason(signal);
      throw error;
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
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
  return new RerankError("worker-crashed", `The worker stopped: ${reason}. The next call starts a new one.`, {
    details: { reason },
  });
}
