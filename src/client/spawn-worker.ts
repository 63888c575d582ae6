/** The only place that names the workers; nothing imports their code. */
export function spawnScoringWorker(): Worker {
  return new Worker(new URL("../../worker/scoring-worker.ts", import.meta.url), { type: "module", name: "sunwi" });
}

export function spawnDatasetWorker(): Worker {
  return new Worker(new URL("../../worker/dataset-worker.ts", import.meta.url), {
    type: "module",
    name: "sunwi-dataset",
  });
}

export function spawnStoreWorker(): Worker {
  return new Worker(new URL("../../worker/store-worker.ts", import.meta.url), { type: "module", name: "sunwi-store" });
}
