/** The only place that names the worker; nothing imports its code. */
export function spawnScoringWorker(): Worker {
  return new Worker(new URL("../../worker/scoring-worker.ts", import.meta.url), { type: "module", name: "sunwi" });
}
