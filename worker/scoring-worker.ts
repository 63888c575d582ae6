/** The thread that scores. It exposes its calls at once: messages sent before that would be lost. */
import { expose } from "comlink";
import { RerankError, throwIfAborted, toWireResult } from "../src/core/errors.ts";
import type {
  LoadedModel,
  LoadEvent,
  LoadRequest,
  Scores,
  ScoreRequest,
  ScoringWorkerApi,
} from "../src/core/protocol.ts";
import { loadModel, type ReadyModel } from "./load-model.ts";
import { SerialQueue } from "./serial-queue.ts";

const queue = new SerialQueue();
const cancellations = new Map<number, AbortController>();
let model: ReadyModel | undefined;

const api: ScoringWorkerApi = {
  hello: () => toWireResult(holdLifeLock, "worker-crashed"),

  load: (request, onEvent) => toWireResult(() => queue.run(() => loadAnew(request, onEvent)), "session-create"),

  score: (request, onProgress) => toWireResult(() => scoreInTurn(request, onProgress), "inference"),

  cancel(requestId) {
    cancellations.get(requestId)?.abort();
  },
};
expose(api);

async function loadAnew(request: LoadRequest, onEvent: (event: LoadEvent) => unknown): Promise<LoadedModel> {
  await model?.encoder.dispose();
  model = undefined;
  let lastTold: unknown;
  try {
    model = await loadModel(request, (event) => {
      lastTold = onEvent(event);
    });
    return model.info;
  } finally {
    // Events travel by a port of their own; without this the result could overtake the last ones.
    await Promise.resolve(lastTold).catch(() => undefined);
  }
}

async function scoreInTurn(request: ScoreRequest, onProgress: (scored: number) => void): Promise<Scores> {
  const cancellation = new AbortController();
  cancellations.set(request.requestId, cancellation);
  try {
    return await queue.run(async () => {
      throwIfAborted(cancellation.signal);
      if (model === undefined) throw new RerankError("inference", "No model is loaded.");
      const pairs = request.documents.map((document) => ({ query: request.query, document }));
      return await model.encoder.score(pairs, { signal: cancellation.signal, onProgress });
    });
  } finally {
    cancellations.delete(request.requestId);
  }
}

/**
 * Takes a lock that only the end of this worker gives back, so that the page learns even of an end that raises no
 * event. Locks need a secure context; elsewhere the name is empty.
 */
async function holdLifeLock(): Promise<{ readonly lockName: string }> {
  const locks = navigator.locks as LockManager | undefined;
  if (locks === undefined) return { lockName: "" };
  const lockName = `sunwi-worker-${crypto.randomUUID()}`;
  await new Promise<void>((granted, refused) => {
    const untilTheEnd = locks.request(lockName, () => {
      granted();
      return new Promise<never>(() => undefined);
    });
    untilTheEnd.catch(refused);
  });
  return { lockName };
}
