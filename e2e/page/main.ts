/** A page without an interface: the same modules as the app's, for tests and for the terminal to drive. */
import { DatasetClient } from "../../src/app/dataset-client.ts";
import { spawnScoringWorker, spawnStoreWorker } from "../../src/client/spawn-worker.ts";
import { ModelStoreClient } from "../../src/client/store-client.ts";
import { WorkerReranker } from "../../src/client/worker-reranker.ts";
import { RerankError } from "../../src/core/errors.ts";
import { decodeText } from "../../src/eval/decode-text.ts";
import { compareWeights } from "./blend-task.ts";
import { runComparison } from "./comparison-task.ts";
import { computeLogits } from "./logits-task.ts";
import { closeSystem, longestTask, openSystem, timeProducts, timeSystem } from "./speed-task.ts";

/** Workers that end in every way a worker can. */
const workers = {
  scoring: spawnScoringWorker,
  store: spawnStoreWorker,
  broken: () => new Worker(new URL("./workers/broken.ts", import.meta.url), { type: "module" }),
  silent: () => new Worker(new URL("./workers/silent.ts", import.meta.url), { type: "module" }),
  throwing: () => new Worker(new URL("./workers/throwing.ts", import.meta.url), { type: "module" }),
  closing: () => new Worker(new URL("./workers/closing.ts", import.meta.url), { type: "module" }),
  blobStoreChecks: () => new Worker(new URL("./workers/blob-store-checks.ts", import.meta.url), { type: "module" }),
  missing: () => new Worker(new URL("does-not-exist.js", location.href), { type: "module" }),
};

const sunwi = {
  DatasetClient,
  ModelStoreClient,
  RerankError,
  WorkerReranker,
  closeSystem,
  compareWeights,
  computeLogits,
  decodeText,
  longestTask,
  openSystem,
  runComparison,
  timeProducts,
  timeSystem,
  workers,
};

declare global {
  interface Window {
    sunwi: typeof sunwi;
  }
}
window.sunwi = sunwi;
