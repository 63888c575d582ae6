/** The app without a page: real controllers around a reranker that answers when it is told to. */
import { expect, vi } from "vitest";
import { RerankError } from "../../core/errors.ts";
import type { LoadedModel } from "../../core/protocol.ts";
import { rankDocuments } from "../../core/ranking.ts";
import type { RankedDocument, RerankDocument, RerankOptions } from "../../core/types.ts";
import { createApp, type App } from "../app.ts";
import type { LoadableReranker, RerankerRequest } from "../model-controller.ts";

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

  dispose(): Promise<void> {
    this.isDisposed = true;
    this.request.onState({ type: "disposed" });
    return Promise.resolve();
  }
}

export const file = (name: string, text: string) => Object.assign(new Blob([text]), { name });

interface Stage {
  readonly app: App;
  readonly rerankers: ToldReranker[];
  /** The reranker in use. */
  readonly current: () => ToldReranker;
}

export async function stage(fetchSample: typeof fetch = () => Promise.resolve(new Response(CSV))): Promise<Stage> {
  const rerankers: ToldReranker[] = [];
  const app = createApp({
    createReranker: (request) => {
      const reranker = new ToldReranker(request);
      rerankers.push(reranker);
      return reranker;
    },
    storage: undefined,
    sampleUrl: "samples/sample.csv",
    pageUrl: "https://page.test/",
    fetch: fetchSample,
    loadReportView: () => Promise.resolve(),
  });
  await app.datasets.useSample();
  return {
    app,
    rerankers,
    current: () => rerankers.at(-1) ?? expect.fail("no reranker"),
  };
}

export const nextCall = async ({ current }: Stage, count = 1): Promise<Call> => {
  await vi.waitFor(() => {
    expect(current().calls).toHaveLength(count);
  });
  return current().calls[count - 1] ?? expect.fail("no call");
};
