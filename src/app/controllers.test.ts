import { describe, expect, it, vi } from "vitest";
import { RerankError } from "../core/errors.ts";
import type { LoadedModel } from "../core/protocol.ts";
import { rankDocuments } from "../core/ranking.ts";
import type { RankedDocument, RerankDocument, RerankOptions } from "../core/types.ts";
import { createApp, type App } from "./app.ts";
import type { LoadableReranker, RerankerRequest } from "./model-controller.ts";

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
  maxTokens: 224,
  blendWeight: 10,
  selfTest: { pairs: 2, maxError: 0, tolerance: 0.1, key: "" },
  downgrades: [],
  loadMs: 1,
};
const CSV = "question,answer,doc_id,doc\n배터리 보관,,d1,배터리 보관 방법\n환불,,d2,환불 방법 안내\n";

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

const file = (name: string, text: string) => Object.assign(new Blob([text]), { name });

interface Stage {
  readonly app: App;
  readonly rerankers: ToldReranker[];
  /** The reranker in use. */
  readonly current: () => ToldReranker;
}

async function stage(fetchSample: typeof fetch = () => Promise.resolve(new Response(CSV))): Promise<Stage> {
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

const nextCall = async ({ current }: Stage, count = 1): Promise<Call> => {
  await vi.waitFor(() => {
    expect(current().calls).toHaveLength(count);
  });
  return current().calls[count - 1] ?? expect.fail("no call");
};

describe("SearchController", () => {
  it("shows the first stage at once, waits for the model, then shows the new order", async () => {
    const { app, current, ...rest } = await stage();
    app.search.search("방법 안내");
    expect(app.search.state.value).toMatchObject({ type: "results", reranking: { type: "waiting" } });
    current().ready();
    const call = await nextCall({ app, current, ...rest });
    expect(call.options).toMatchObject({ supersedeKey: "search", blend: true });
    expect(call.documents.map(({ score }) => typeof score)).toEqual(["number", "number"]);
    call.options.onProgress?.(1, 2);
    expect(app.search.state.value).toMatchObject({ reranking: { type: "scoring", scored: 1 } });
    call.answer([0, 20]);
    await vi.waitFor(() => {
      expect(app.search.state.value).toMatchObject({ reranking: { type: "done", blended: true } });
    });
  });

  it("marks the answer where the query is a question of the dataset", async () => {
    const { app } = await stage();
    app.search.search("환불");
    expect(app.search.state.value).toMatchObject({ hits: [{ id: "d2", isAnswer: true }] });
    app.search.search("안내");
    expect(app.search.state.value).toMatchObject({ hits: [{ id: "d2", isAnswer: false }] });
  });

  it("drops what an older query brings, silently", async () => {
    const all = await stage();
    const { app, current } = all;
    current().ready();
    app.search.search("배터리");
    const older = await nextCall(all);
    app.search.search("환불");
    const newer = await nextCall(all, 2);
    expect(older.options.signal?.aborted).toBe(true);
    older.answer([1]);
    newer.fail(new RerankError("superseded", ""));
    await new Promise((resolve) => setTimeout(resolve));
    expect(app.search.state.value).toMatchObject({ query: "환불", reranking: { type: "scoring" } });
  });

  it("shows a failure and tries again on request", async () => {
    const all = await stage();
    all.current().ready();
    all.app.search.search("환불");
    (await nextCall(all)).fail(new RerankError("device-lost", ""));
    await vi.waitFor(() => {
      expect(all.app.search.state.value).toMatchObject({ reranking: { type: "failed" } });
    });
    all.app.search.retry();
    (await nextCall(all, 2)).answer([1]);
    await vi.waitFor(() => {
      expect(all.app.search.state.value).toMatchObject({ reranking: { type: "done" } });
    });
  });

  it("shows why the model did not load", async () => {
    const { app, current } = await stage();
    app.search.search("환불");
    current().loading.reject(new RerankError("model-download", ""));
    await vi.waitFor(() => {
      expect(app.search.state.value).toMatchObject({
        reranking: { type: "failed", error: { code: "model-download" } },
      });
    });
  });

  it("scores anew after a change of device, and of blending", async () => {
    const all = await stage();
    all.current().ready();
    all.app.search.search("환불");
    await nextCall(all);
    all.app.preferences.change({ blend: false });
    expect((await nextCall(all, 2)).options.blend).toBe(false);
    all.app.models.selectDevice("wasm");
    expect(all.rerankers).toHaveLength(2);
    expect(all.rerankers[0]?.isDisposed).toBe(true);
    all.current().ready();
    (await nextCall(all)).answer([1]);
    await vi.waitFor(() => {
      expect(all.app.search.state.value).toMatchObject({ reranking: { blended: false } });
    });
  });

  it("has states for nothing typed, nothing found, and no dataset yet", async () => {
    const { app } = await stage();
    app.search.search("zzz");
    expect(app.search.state.value).toEqual({ type: "no-results", query: "zzz" });
    app.search.search("  ");
    expect(app.search.state.value).toEqual({ type: "idle" });
    const early = await stage(() => Promise.reject(new TypeError("offline")));
    early.app.search.search("환불");
    expect(early.app.search.state.value).toEqual({ type: "pending" });
    await early.app.datasets.useFile(file("a.csv", CSV));
    expect(early.app.search.state.value.type).toBe("results");
  });

  it("waits for a pause in typing", async () => {
    const { app } = await stage();
    vi.useFakeTimers();
    try {
      app.search.type("환");
      app.search.type("환불");
      expect(app.search.state.value.type).toBe("idle");
      vi.runAllTimers();
      expect(app.search.state.value).toMatchObject({ query: "환불" });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("DatasetController", () => {
  it("keeps what it has when a file is broken, and says what was wrong", async () => {
    const { app } = await stage();
    const before = app.datasets.state.value;
    await app.datasets.useFile(file("wrong.csv", "a,b\n1,2\n"));
    expect(app.datasets.state.value).toBe(before);
    expect(app.datasets.intake.value).toMatchObject({ type: "rejected", name: "wrong.csv" });
    await app.datasets.useSample();
    expect(app.datasets.intake.value.type).toBe("none");
  });

  it("lets the newest of two files win", async () => {
    const { app } = await stage();
    const first = app.datasets.useFile(file("first.csv", CSV));
    const second = app.datasets.useFile(file("second.csv", CSV));
    await Promise.all([first, second]);
    expect(app.datasets.state.value).toMatchObject({ source: "file", loaded: { dataset: { name: "second.csv" } } });
  });

  it("empties the search, whose question was for other documents", async () => {
    const { app } = await stage();
    app.search.search("환불");
    await app.datasets.useFile(file("a.csv", CSV));
    expect(app.search.query.value).toBe("");
    expect(app.search.state.value).toEqual({ type: "idle" });
  });

  it("reports a sample that cannot be had, and fetches it again", async () => {
    let isOnline = false;
    const { app } = await stage(() =>
      isOnline ? Promise.resolve(new Response(CSV)) : Promise.resolve(new Response("", { status: 503 })),
    );
    expect(app.datasets.state.value).toMatchObject({
      type: "failed",
      error: { code: "invalid-input", details: { reason: "unreachable", status: 503 } },
    });
    isOnline = true;
    await app.datasets.useSample();
    expect(app.datasets.state.value.type).toBe("ready");
  });
});

describe("EvaluationController", () => {
  it("measures the dataset and keeps the report", async () => {
    const all = await stage();
    all.current().ready();
    const done = all.app.evaluation.run();
    // The first question is asked twice: once to warm up.
    for (const count of [1, 2, 3]) {
      const call = await nextCall(all, count);
      call.answer(call.documents.map(() => 1));
    }
    await done;
    expect(all.app.evaluation.state.value).toEqual({ type: "done" });
    expect(all.app.evaluation.report.value).toMatchObject({
      dataset: { questions: 2, documents: 2 },
      runs: [{ kind: "first-stage" }, { kind: "logit", model: "sunwi-mini" }, { kind: "blended" }],
    });
  });

  it("stops without a result, on request and on a change of data", async () => {
    const all = await stage();
    all.current().ready();
    const done = all.app.evaluation.run();
    await nextCall(all);
    all.app.evaluation.stop();
    await done;
    expect(all.app.evaluation.state.value).toEqual({ type: "stopped" });
    expect(all.app.evaluation.report.value).toBeUndefined();
    void all.app.evaluation.run();
    await nextCall(all, 2);
    await all.app.datasets.useFile(file("a.csv", CSV));
    expect(all.app.evaluation.state.value).toEqual({ type: "stopped" });
  });
});

describe("PassageController", () => {
  it("scores the filled passages without blending and names their fields", async () => {
    const all = await stage();
    const { passages } = all.app;
    all.current().ready();
    passages.write(0, "하나");
    passages.write(1, "  ");
    const done = passages.score();
    const call = await nextCall(all);
    expect(call.options.blend).toBe(false);
    expect(call.documents).toHaveLength(2);
    call.answer([-1, 3]);
    await done;
    expect(passages.state.value).toMatchObject({
      type: "done",
      scored: [
        { position: 3, rank: 1, logit: 3 },
        { position: 1, rank: 2, text: "하나" },
      ],
    });
  });

  it("says what is missing", async () => {
    const { app } = await stage();
    app.passages.question.set(" ");
    await app.passages.score();
    expect(app.passages.state.value).toEqual({ type: "incomplete", missing: "question" });
    app.passages.question.set("질문");
    for (const { id } of app.passages.passages.value) app.passages.remove(id);
    await app.passages.score();
    expect(app.passages.state.value).toEqual({ type: "incomplete", missing: "passage" });
  });
});

describe("PackageInquiry", () => {
  it("downloads nothing but the manifest before the user agrees", async () => {
    const { app, rerankers } = await stage();
    const fetched: string[] = [];
    vi.stubGlobal("fetch", (url: string) => {
      fetched.push(url);
      return Promise.resolve(new Response("{}"));
    });
    try {
      app.inquiry.open();
      await app.inquiry.ask("models/other");
      expect(fetched).toEqual(["https://page.test/models/other/manifest.json"]);
      expect(app.inquiry.state.value).toMatchObject({ type: "refused", error: { code: "model-invalid" } });
      await app.inquiry.ask("javascript:alert(1)");
      expect(app.inquiry.state.value).toMatchObject({ type: "refused", error: { details: { reason: "address" } } });
      app.inquiry.accept();
      expect(rerankers).toHaveLength(1);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
