/** What the benchmark times in the page: ours and transformers.js behind one interface, each in a worker of its own. */
import { WorkerReranker } from "../../src/client/worker-reranker.ts";
import type { DeviceChoice } from "../../src/core/protocol.ts";
import type { PeakRequest } from "./workers/product-peak.ts";
import type { PeerLoad, PeerScore } from "./workers/transformers-peer.ts";

export type SystemChoice =
  | {
      readonly type: "sunwi";
      readonly modelUrl: string;
      readonly device: DeviceChoice;
      readonly threads: number;
    }
  | (Omit<PeerLoad, "type"> & { readonly type: "transformers.js" });

/** Documents to be ordered for one query. */
export interface ScoringTask {
  readonly query: string;
  readonly documents: readonly string[];
}

export interface TimedRun {
  readonly ms: number;
  /** One per document, task after task. */
  readonly logits: readonly number[];
}

interface System {
  score(task: ScoringTask): Promise<readonly number[]>;
  dispose(): Promise<void>;
}

const systems = new Map<string, System>();

/** @returns milliseconds until a first pair was scored */
export async function openSystem(name: string, choice: SystemChoice, first: ScoringTask): Promise<number> {
  const startedAt = performance.now();
  const system = choice.type === "sunwi" ? await openSunwi(name, choice) : await openPeer(choice);
  await system.score(first);
  systems.set(name, system);
  return performance.now() - startedAt;
}

export async function timeSystem(name: string, tasks: readonly ScoringTask[]): Promise<TimedRun> {
  const system = systems.get(name);
  if (system === undefined) throw new Error(`no system "${name}"`);
  const logits: number[] = [];
  const startedAt = performance.now();
  for (const task of tasks) logits.push(...(await system.score(task)));
  return { ms: performance.now() - startedAt, logits };
}

/** @returns milliseconds of the longest task on this thread meanwhile; 0 where none took 50 */
export async function longestTask(name: string, tasks: readonly ScoringTask[]): Promise<number> {
  let longest = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
  });
  observer.observe({ type: "longtask" });
  await timeSystem(name, tasks);
  // Entries come a little later.
  await new Promise((resolve) => setTimeout(resolve, 200));
  observer.disconnect();
  return longest;
}

export async function closeSystem(name: string): Promise<void> {
  await systems.get(name)?.dispose();
  systems.delete(name);
}

async function openSunwi(name: string, choice: SystemChoice & { readonly type: "sunwi" }): Promise<System> {
  const { modelUrl, device, threads } = choice;
  const reranker = new WorkerReranker({ name, modelUrl, device, threads });
  await reranker.load();
  return {
    async score({ query, documents }) {
      const texts = documents.map((text) => ({ text }));
      const ranked = await reranker.rerank(query, texts, { blend: false });
      const logits = new Array<number>(documents.length).fill(Number.NaN);
      for (const { index, logit } of ranked) logits[index] = logit;
      return logits;
    },
    dispose: () => reranker.dispose(),
  };
}

async function openPeer(choice: SystemChoice & { readonly type: "transformers.js" }): Promise<System> {
  const worker = new Worker(new URL("./workers/transformers-peer.ts", import.meta.url), { type: "module" });
  const askPeer = async (message: PeerLoad | PeerScore): Promise<readonly number[]> =>
    (await ask<{ readonly logits: readonly number[] }>(worker, message)).logits;
  await askPeer({ ...choice, type: "load" });
  return {
    score: (task) => askPeer({ ...task, type: "score" }),
    dispose: () => {
      worker.terminate();
      return Promise.resolve();
    },
  };
}

/** @returns milliseconds of each run of a graph of plain matrix products */
export async function timeProducts(request: PeakRequest): Promise<readonly number[]> {
  const worker = new Worker(new URL("./workers/product-peak.ts", import.meta.url), { type: "module" });
  try {
    return (await ask<{ readonly times: readonly number[] }>(worker, request)).times;
  } finally {
    worker.terminate();
  }
}

/** One message, one answer. */
function ask<Answer extends object>(worker: Worker, message: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Answer | { readonly error: string }>) => {
      if ("error" in data) reject(new Error(data.error));
      else resolve(data);
    };
    worker.onerror = (event) => {
      reject(new Error(event.message));
    };
    worker.postMessage(message);
  });
}
