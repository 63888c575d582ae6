import type { LoadedModel, ScoringWorkerApi } from "../../../src/core/protocol.ts";

const model: LoadedModel = {
  id: "none",
  name: "none",
  licence: "MIT",
  device: "wasm",
  variant: "wasm",
  runtime: "wasm",
  threads: 1,
  adapter: "",
  softwareAdapter: false,
  downloadBytes: 0,
  transferredBytes: 0,
  storage: "memory",
  maxTokens: 8,
  selfTest: { pairs: 2, maxError: 0, tolerance: 0, key: "none", elapsedMs: 0 },
  downgrades: [],
  loadMs: 0,
};

/** The worker's contract around a `score` that ends the worker in its own way. */
export function lifelessApi(endWorker: () => void): ScoringWorkerApi {
  return {
    hello: async () => {
      const lockName = `lifeless-${crypto.randomUUID()}`;
      await new Promise<void>((granted) => {
        void navigator.locks.request(lockName, () => {
          granted();
          return new Promise<never>(() => undefined);
        });
      });
      return { ok: true, value: { lockName } };
    },
    load: () => Promise.resolve({ ok: true, value: model }),
    score: () => {
      endWorker();
      return new Promise<never>(() => undefined);
    },
    cancel: () => undefined,
  };
}
