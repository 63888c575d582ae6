/** The app without a page: real controllers around a reranker that answers when it is told to. */
import { expect, vi } from "vitest";
import { abortReason, RerankError } from "../../core/errors.ts";
import type { DownloadProgress, LoadedModel } from "../../core/protocol.ts";
import { rankDocuments } from "../../core/ranking.ts";
import type { PackageFile, StoredPackage, StoreUsage } from "../../core/store-protocol.ts";
import type { RankedDocument, RerankDocument, RerankOptions } from "../../core/types.ts";
import type { GivenFile } from "../../eval/dataset-protocol.ts";
import { createApp, type App, type AppEnvironment } from "../app.ts";
import type { PageLocks } from "../load-sentinel.ts";
import type { LoadableReranker, RerankerRequest } from "../model-controller.ts";
import type { ModelStore } from "../model-store.ts";
import { SameThreadDatasets } from "./workbench-doubles.ts";

const MODEL: LoadedModel = {
  id: "sunwi-mini",
  name: "Sunwi mini",
  licence: "MIT",
  device: "wasm",
  variant: "wasm",
  runtime: "wasm",
  threads: 1,
  adapter: "",
  softwareAdapter: false,
  downloadBytes: 1000,
  transferredBytes: 1000,
  storage: "opfs",
  maxTokens: 224,
  blendWeight: 10,
  selfTest: { pairs: 2, maxError: 0, tolerance: 0.1, key: "", elapsedMs: 1 },
  downgrades: [],
  loadMs: 1,
};
export const CSV = "question,answer,doc_id,doc\n배터리 보관,,d1,배터리 보관 방법\n환불,,d2,환불 방법 안내\n";

interface Call {
  readonly query: string;
  readonly documents: readonly RerankDocument[];
  readonly options: RerankOptions;
  readonly answer: (logits: readonly number[]) => void;
  readonly fail: (error: RerankError) => void;
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: RerankError) => void;
}

function defer<T>(): Deferred<T> {
  let settle: Omit<Deferred<T>, "promise"> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...(settle ?? expect.fail("never")) };
}

/** A reranker that does nothing until it is told to. */
class ToldReranker implements LoadableReranker {
  readonly name: string;
  readonly request: RerankerRequest;
  readonly calls: Call[] = [];
  readonly loading = defer<LoadedModel>();
  isDisposed = false;

  constructor(request: RerankerRequest) {
    this.name = request.name;
    this.request = request;
    this.loading.promise.catch(() => undefined);
  }

  load(): Promise<LoadedModel> {
    return this.loading.promise;
  }

  ready(): void {
    this.request.onState({ type: "ready", model: MODEL });
    this.loading.resolve(MODEL);
  }

  rerank(
    query: string,
    documents: readonly RerankDocument[],
    options: RerankOptions = {},
  ): Promise<readonly RankedDocument[]> {
    const { promise, resolve, reject } = defer<readonly RankedDocument[]>();
    const blendWeight = options.blend === false ? 0 : (MODEL.blendWeight ?? 0);
    options.signal?.addEventListener("abort", () => {
      reject(new RerankError("aborted", ""));
    });
    const answer = (logits: readonly number[]): void => {
      resolve(rankDocuments({ documents, logits, truncated: logits.map(() => 0), blendWeight }));
    };
    this.calls.push({ query, documents, options, answer, fail: reject });
    return promise;
  }

  scorePairs(): Promise<never> {
    return Promise.reject(new RerankError("inference", "No test asks for bare scores."));
  }

  dispose(): Promise<void> {
    this.isDisposed = true;
    this.request.onState({ type: "disposed" });
    return Promise.resolve();
  }
}

export const file = (name: string, text: string): readonly GivenFile[] => [{ path: name, file: new Blob([text]) }];

export const MODEL_URL = "https://models.test/large/";

/** A package of which `storedBytes` of 200 bytes are here. */
export function storedPackage(modelUrl = MODEL_URL, storedBytes = 200): StoredPackage {
  return {
    modelUrl,
    id: "large",
    name: "Large",
    licence: "MIT",
    source: "owner/large",
    parameters: 1000,
    variants: [{ id: "wasm", device: "wasm", precision: "8-bit", bytes: 200, storedBytes }],
    storedBytes,
  };
}

interface Job {
  /** Undefined for files that were handed over. */
  readonly modelUrl: string | undefined;
  readonly files: readonly PackageFile[];
  readonly tell: (progress: DownloadProgress) => void;
  /** Lets the package be here, and ends the work. */
  readonly finish: (stored: StoredPackage) => void;
  readonly fail: (error: RerankError) => void;
}

/** A store that downloads when it is told to. */
class ToldStore implements ModelStore {
  packages: readonly StoredPackage[] = [];
  storage: StoreUsage["storage"] = "opfs";
  readonly jobs: Job[] = [];

  list(): Promise<readonly StoredPackage[]> {
    return Promise.resolve(this.packages);
  }

  usage(): Promise<StoreUsage> {
    const usedBytes = this.packages.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
    return Promise.resolve({ storage: this.storage, usedBytes, freeBytes: 1000 });
  }

  download({ modelUrl }: { readonly modelUrl: string }, options: StoreCall): Promise<StoredPackage> {
    return this.#work(modelUrl, [], options);
  }

  importPackage(files: readonly PackageFile[], options: StoreCall): Promise<StoredPackage> {
    return this.#work(undefined, files, options);
  }

  remove(modelUrl: string): Promise<void> {
    this.packages = this.packages.filter((stored) => stored.modelUrl !== modelUrl);
    return Promise.resolve();
  }

  #work(
    modelUrl: string | undefined,
    files: readonly PackageFile[],
    { signal, onProgress }: StoreCall,
  ): Promise<StoredPackage> {
    const { promise, resolve, reject } = defer<StoredPackage>();
    signal?.addEventListener("abort", () => {
      reject(abortReason(signal));
    });
    const finish = (stored: StoredPackage): void => {
      this.packages = [...this.packages.filter((other) => other.modelUrl !== stored.modelUrl), stored];
      resolve(stored);
    };
    this.jobs.push({ modelUrl, files, tell: (progress) => onProgress?.(progress), finish, fail: reject });
    return promise;
  }
}

type StoreCall = Parameters<ModelStore["download"]>[1];

/** What a browser would keep beyond the page. */
export class KeptStorage implements Storage {
  [name: string]: unknown;
  readonly #entries = new Map<string, string>();

  get length(): number {
    return this.#entries.size;
  }

  key(index: number): string | null {
    return [...this.#entries.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.#entries.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#entries.set(key, value);
  }

  removeItem(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** The locks of one browser; `crash` frees those of a page that died. */
export class ToldLocks {
  readonly held = new Set<string>();

  readonly api: PageLocks = {
    request: async (name: string, ...rest: unknown[]): Promise<never> => {
      this.held.add(name);
      await (rest.at(-1) as () => Promise<unknown>)();
      this.held.delete(name);
      return undefined as never;
    },
    query: () => Promise.resolve({ held: [...this.held].map((name) => ({ name })), pending: [] }),
  };

  crash(pageId: string): void {
    for (const name of this.held) if (name.endsWith(pageId)) this.held.delete(name);
  }
}

interface Stage {
  readonly app: App;
  readonly datasets: SameThreadDatasets;
  readonly rerankers: ToldReranker[];
  readonly store: ToldStore;
  /** The reranker in use. */
  readonly current: () => ToldReranker;
}

export async function stage(
  fetchSample: typeof fetch = () => Promise.resolve(new Response(CSV)),
  changes: Partial<AppEnvironment> = {},
  packages: readonly StoredPackage[] = [],
): Promise<Stage> {
  const rerankers: ToldReranker[] = [];
  const store = new ToldStore();
  const datasets = new SameThreadDatasets();
  store.packages = packages;
  const app = createApp({
    createReranker: (request) => {
      const reranker = new ToldReranker(request);
      rerankers.push(reranker);
      return reranker;
    },
    store,
    datasets,
    showWorkbench: () => undefined,
    detectGpu: () => Promise.resolve("none"),
    gpuFeatures: () => Promise.resolve(new Set()),
    isPersistent: () => Promise.resolve(false),
    now: () => 0,
    storage: undefined,
    locks: undefined,
    pageId: "page",
    sampleUrl: "samples/sample.csv",
    pageUrl: "https://page.test/",
    hubUrl: "https://hub.test/",
    fetch: fetchSample,
    ...changes,
  });
  await app.datasets.useSample();
  return {
    app,
    rerankers,
    store,
    datasets,
    current: () => rerankers.at(-1) ?? expect.fail("no reranker"),
  };
}

export const nextCall = async ({ current }: Stage, count = 1): Promise<Call> => {
  await vi.waitFor(() => {
    expect(current().calls).toHaveLength(count);
  });
  return current().calls[count - 1] ?? expect.fail("no call");
};
