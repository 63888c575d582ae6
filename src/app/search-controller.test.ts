import { describe, expect, it, vi } from "vitest";
import { RerankError } from "../core/errors.ts";
import { CSV, file, nextCall, stage } from "./testing/stage.ts";

describe("SearchController", () => {
  it("shows the first stage at once, waits for the model, then shows the new order", async () => {
    const { app, current, ...rest } = await stage();
    app.search.search("방법 안내");
    await vi.waitFor(() => {
      expect(app.search.state.value).toMatchObject({ type: "results", reranking: { type: "waiting" } });
    });
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
    await vi.waitFor(() => {
      expect(app.search.state.value).toMatchObject({ hits: [{ id: "d2", isAnswer: true }] });
    });
    app.search.search("안내");
    await vi.waitFor(() => {
      expect(app.search.state.value).toMatchObject({ hits: [{ id: "d2", isAnswer: false }] });
    });
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
    await all.app.models.selectDevice("wasm");
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
    await vi.waitFor(() => {
      expect(app.search.state.value).toEqual({ type: "no-results", query: "zzz" });
    });
    app.search.search("  ");
    expect(app.search.state.value).toEqual({ type: "idle" });
    const early = await stage(() => Promise.reject(new TypeError("offline")));
    early.app.search.search("환불");
    expect(early.app.search.state.value).toEqual({ type: "pending" });
    await early.app.datasets.useFiles(file("a.csv", CSV));
    await vi.waitFor(() => {
      expect(early.app.search.state.value.type).toBe("results");
    });
  });

  it("shows that the first stage failed, and searches again on request", async () => {
    const { app, datasets } = await stage();
    datasets.hold("search").fail(new RerankError("worker-crashed", ""));
    app.search.search("환불");
    await vi.waitFor(() => {
      expect(app.search.state.value).toMatchObject({ type: "failed", error: { code: "worker-crashed" } });
    });
    app.search.retry();
    await vi.waitFor(() => {
      expect(app.search.state.value.type).toBe("results");
    });
  });

  it("waits for a pause in typing", async () => {
    const { app } = await stage();
    vi.useFakeTimers();
    try {
      app.search.type("환");
      app.search.type("환불");
      expect(app.search.state.value.type).toBe("idle");
      vi.runAllTimers();
    } finally {
      vi.useRealTimers();
    }
    await vi.waitFor(() => {
      expect(app.search.state.value).toMatchObject({ query: "환불" });
    });
  });
});
