/** The thread that reads files, indexes and searches them, and judges models on them. */
import { toWireResult } from "../src/core/errors.ts";
import type { DatasetWorkerApi, GivenFile } from "../src/eval/dataset-protocol.ts";
import type { InputFile } from "../src/eval/input-files.ts";
import { DatasetSession } from "../src/dataset/dataset-session.ts";
import { withEventsFirst } from "./events-first.ts";
import { SerialQueue } from "./serial-queue.ts";
import { serveApi } from "./serve-api.ts";

const queue = new SerialQueue();
const session = new DatasetSession({
  unzip: async (bytes) => (await import("../src/eval/unzip.ts")).unzipFiles(bytes),
  readParquet: async (bytes, name) => (await import("../src/eval/parquet-table.ts")).readParquetTable(bytes, name),
});

/** Reading takes its turn; what asks of the data set in use does not wait for the next one to be read. */
serveApi<DatasetWorkerApi>({
  open: (files) => toWireResult(() => queue.run(async () => session.open(await readAll(files))), "invalid-input"),

  use: (request, onProgress) =>
    toWireResult(
      () => queue.run(() => withEventsFirst(onProgress, (tell) => session.use(request, tell))),
      "invalid-input",
    ),

  search: (query, limit) =>
    answer(() => {
      const start = performance.now();
      const found = session.search(query, limit);
      return { found, ms: performance.now() - start };
    }),

  tasks: (request) =>
    answer(() => (request.protocol === "origin" ? session.origin.tasks(request) : session.tasks(request))),

  check: () => answer(() => session.check()),
  questions: (candidates) => answer(() => session.judging.questions(candidates)),

  putScores: (model, scores, protocol) =>
    answer(() => {
      (protocol === "origin" ? session.origin : session.judging).putScores(model, scores);
      return null;
    }),

  judge: (request) => answer(() => session.judge(request)),
  orders: (question) => answer(() => session.judging.orders(question)),
  trecRun: (key, tag) => answer(() => session.judging.trecRun(key, tag)),

  cancel() {
    // Nothing here is long enough to be left off half-way.
  },
});

function answer<T>(body: () => T | Promise<T>): ReturnType<typeof toWireResult<T>> {
  return toWireResult(() => Promise.resolve().then(body), "worker-crashed");
}

function readAll(files: readonly GivenFile[]): Promise<readonly InputFile[]> {
  return Promise.all(files.map(async ({ path, file }) => ({ path, bytes: new Uint8Array(await file.arrayBuffer()) })));
}
