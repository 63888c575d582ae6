/** The thread that scores. It serves its calls at once: messages sent before that would be lost. */
import { RerankError, throwIfAborted, toWireResult } from "../src/core/errors.ts";
import type {
  LoadedModel,
  LoadEvent,
  LoadRequest,
  Scores,
  ScoreRequest,
  ScoringWorkerApi,
} from "../src/core/protocol.ts";
import { parseHubModelUrl } from "../src/model/hub-model-url.ts";
import { STANDARD_WINDOWS } from "../src/model/windows.ts";
import { Cancellations } from "./cancellations.ts";
import { withEventsFirst } from "./events-first.ts";
import { loadModel, type ReadyModel } from "./load-model.ts";
import { SerialQueue } from "./serial-queue.ts";
import { serveApi } from "./serve-api.ts";

const queue = new SerialQueue();
const cancellations = new Cancellations();
let model: ReadyModel | undefined;

serveApi<ScoringWorkerApi>({
  load: (request, onEvent) => toWireResult(() => queue.run(() => loadAnew(request, onEvent)), "session-create"),

  score: (request, onProgress) => toWireResult(() => scoreInTurn(request, onProgress), "inference"),

  cancel(requestId) {
    cancellations.cancel(requestId);
  },
});

async function loadAnew(request: LoadRequest, onEvent: (event: LoadEvent) => unknown): Promise<LoadedModel> {
  await model?.encoder.dispose();
  model = undefined;
  model = await withEventsFirst(onEvent, (tell) => loadAny(request, tell));
  return model.info;
}

async function loadAny(request: LoadRequest, tell: (event: LoadEvent) => void): Promise<ReadyModel> {
  const address = parseHubModelUrl(request.modelUrl);
  if (address === undefined) return loadModel(request, tell);
  const { loadHubModel } = await import("./load-hub-model.ts");
  return loadHubModel(address, request, tell);
}

function scoreInTurn(request: ScoreRequest, onProgress: (scored: number) => void): Promise<Scores> {
  return cancellations.run(request.requestId, (signal) =>
    queue.run(async () => {
      throwIfAborted(signal);
      if (model === undefined) throw new RerankError("inference", "No model is loaded.");
      const pairs = request.documents.map((document) => ({ query: request.query, document }));
      const { windows, maxDocumentTokens } = request;
      return await model.encoder.score(pairs, {
        ...(windows && { windows: STANDARD_WINDOWS }),
        ...(maxDocumentTokens !== undefined && { maxDocumentTokens }),
        signal,
        onProgress,
      });
    }),
  );
}
