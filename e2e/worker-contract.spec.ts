/** What the page may rely on, whatever happens to the worker: each call settles, and the next one works. */
import type { Page, Worker } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

/** Makes `window.reranker` on the mini model and loads it. */
async function loadMini(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const states: string[] = [];
    const reranker = new window.sunwi.WorkerReranker({
      name: "sunwi-mini",
      modelUrl: "models/mini/",
      device: "wasm",
      onState: ({ type }) => {
        if (states.at(-1) !== type) states.push(type);
      },
    });
    await reranker.load();
    Object.assign(window, { reranker, states });
  });
}

declare global {
  interface Window {
    reranker: InstanceType<Window["sunwi"]["WorkerReranker"]>;
    states: string[];
    pending: Promise<string>;
  }
}

const scoringWorker = (page: Page): Worker => {
  const [worker] = page.workers();
  if (worker === undefined) throw new Error("no worker runs");
  return worker;
};

/** Starts a call long enough to be interrupted; `window.pending` becomes "ranked N" or the error's code. */
async function startLongCall(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const documents = Array.from({ length: 400 }, (_, i) => ({
      text: `문서 ${String(i)}. ${"환불 규정 안내 ".repeat(60)}`,
    }));
    await new Promise<void>((started) => {
      window.pending = window.reranker
        .rerank("환불 규정", documents, {
          onProgress: () => {
            started();
          },
        })
        .then(
          (ranked) => `ranked ${String(ranked.length)}`,
          (error: unknown) => (error instanceof window.sunwi.RerankError ? error.code : String(error)),
        );
    });
  });
}

const pendingResult = (page: Page): Promise<string> => page.evaluate(() => window.pending);

/** The first result of a small call on `window.reranker`. */
const smallCall = (page: Page) =>
  page.evaluate(async () => {
    const ranked = await window.reranker.rerank("배송 조회", [{ text: "가게 소개" }, { text: "배송 조회 방법" }]);
    return ranked.map(({ index }) => index);
  });

test.describe("a worker that never works", () => {
  for (const kind of ["broken", "missing", "silent"] as const) {
    test(`${kind}: the call rejects with worker-crashed, and the state says failed`, async ({ driven: page }) => {
      const [code, state] = await page.evaluate(async (which) => {
        const { WorkerReranker, RerankError, workers } = window.sunwi;
        const reranker = new WorkerReranker({
          name: "none",
          modelUrl: "none",
          spawn: workers[which],
          startLimitMs: 1500,
        });
        const result = await reranker.rerank("질문", [{ text: "문서" }]).catch((error: unknown) => error);
        return [result instanceof RerankError ? result.code : String(result), reranker.state.type];
      }, kind);
      expect([code, state]).toEqual(["worker-crashed", "failed"]);
    });
  }
});

test.describe("a worker that dies during a call", () => {
  for (const kind of ["throwing", "closing"] as const) {
    test(`${kind}: all open calls reject, and the next call starts a new worker`, async ({ driven: page }) => {
      const outcome = await page.evaluate(async (which) => {
        const { WorkerReranker, RerankError, workers } = window.sunwi;
        let spawned = 0;
        const reranker = new WorkerReranker({
          name: "sunwi-mini",
          modelUrl: "models/mini/",
          device: "wasm",
          spawn: () => (++spawned === 1 ? workers[which]() : workers.scoring()),
        });
        const call = () =>
          reranker.rerank("질문", [{ text: "문서" }]).then(
            (ranked) => `ranked ${String(ranked.length)}`,
            (error: unknown) => (error instanceof RerankError ? error.code : String(error)),
          );
        await reranker.load();
        const open = await Promise.all([call(), call()]);
        return { open, next: await call(), spawned };
      }, kind);
      expect(outcome).toEqual({ open: ["worker-crashed", "worker-crashed"], next: "ranked 1", spawned: 2 });
    });
  }

  test("the real worker closing itself is noticed, though it raises no event", async ({ driven: page }) => {
    await loadMini(page);
    await startLongCall(page);
    // Never awaited: the answer of a worker that ends may not come.
    void scoringWorker(page)
      .evaluate(() => {
        self.close();
      })
      .catch(() => undefined);
    expect(await pendingResult(page)).toBe("worker-crashed");
    expect(await smallCall(page)).toEqual([1, 0]);
    expect(await page.evaluate(() => window.states)).toEqual(["loading", "ready", "failed", "loading", "ready"]);
  });

  test("an uncaught error in the real worker is a death too", async ({ driven: page }) => {
    await loadMini(page);
    await startLongCall(page);
    void scoringWorker(page)
      .evaluate(() => {
        setTimeout(() => {
          throw new Error("boom");
        });
      })
      .catch(() => undefined);
    expect(await pendingResult(page)).toBe("worker-crashed");
    expect(await smallCall(page)).toEqual([1, 0]);
  });

  test("dispose rejects open calls with disposed, and later ones at once", async ({ driven: page }) => {
    await loadMini(page);
    await startLongCall(page);
    const later = await page.evaluate(async () => {
      await window.reranker.dispose();
      return window.reranker
        .rerank("질문", [{ text: "문서" }])
        .catch((error: unknown) => (error as { code: string }).code);
    });
    expect(await pendingResult(page)).toBe("disposed");
    expect(later).toBe("disposed");
    await expect.poll(() => page.workers().length).toBe(0);
  });
});

test.describe("cancelling", () => {
  test("stops between two batches, long before the end, and the same worker goes on", async ({ driven: page }) => {
    await loadMini(page);
    const outcome = await page.evaluate(async () => {
      const documents = Array.from({ length: 400 }, () => ({ text: "환불 규정 안내 ".repeat(60) }));
      const controller = new AbortController();
      let scored = 0;
      const error: unknown = await window.reranker
        .rerank("환불", documents, {
          signal: controller.signal,
          onProgress: (done) => {
            scored = done;
            controller.abort();
          },
        })
        .catch((caught: unknown) => caught);
      return { code: (error as { code?: string }).code, scored, state: window.reranker.state.type };
    });
    expect(outcome).toMatchObject({ code: "aborted", state: "ready" });
    expect(outcome.scored).toBeLessThan(100);
    expect(await smallCall(page)).toEqual([1, 0]);
    expect(await page.evaluate(() => window.states)).toEqual(["loading", "ready"]);
  });

  test("an aborted signal rejects before anything starts, with the caller's own reason kept", async ({
    driven: page,
  }) => {
    const outcome = await page.evaluate(async () => {
      const { WorkerReranker } = window.sunwi;
      const reranker = new WorkerReranker({ name: "sunwi-mini", modelUrl: "models/mini/" });
      const call = reranker.rerank("질문", [{ text: "문서" }], { signal: AbortSignal.abort() });
      const code = await call.catch((error: unknown) => (error as { code: string }).code);
      return [code, reranker.state.type];
    });
    expect(outcome).toEqual(["aborted", "idle"]);
  });

  test("the newest call with a key wins; calls without one are left alone", async ({ driven: page }) => {
    await loadMini(page);
    const outcome = await page.evaluate(async () => {
      const documents = Array.from({ length: 60 }, () => ({ text: "환불 규정 안내 ".repeat(40) }));
      const call = (query: string, supersedeKey?: string) =>
        window.reranker.rerank(query, documents, { ...(supersedeKey !== undefined && { supersedeKey }) }).then(
          (ranked) => `ranked ${String(ranked.length)}`,
          (error: unknown) => (error as { code: string }).code,
        );
      return Promise.all([
        call("가", "search"),
        call("나"),
        call("다", "search"),
        call("라", "search"),
        call("마", "other"),
      ]);
    });
    expect(outcome).toEqual(["superseded", "ranked 60", "superseded", "ranked 60", "ranked 60"]);
  });
});

test("progress counts up to the last document and is not told after the result", async ({ driven: page }) => {
  await loadMini(page);
  const { told, late } = await page.evaluate(async () => {
    const documents = Array.from({ length: 30 }, (_, i) => ({ text: "환불 규정 안내 ".repeat(i + 1) }));
    const told: number[] = [];
    await window.reranker.rerank("환불", documents, { onProgress: (scored) => told.push(scored) });
    const late = told.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { told, late };
  });
  expect(told).toHaveLength(late);
  expect(told.length).toBeGreaterThan(1);
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect(told.at(-1)).toBeLessThanOrEqual(30);
});

test.describe("errors keep their code and details", () => {
  test("bad input names the problem", async ({ driven: page }) => {
    const codes = await page.evaluate(async () => {
      const reranker = new window.sunwi.WorkerReranker({ name: "sunwi-mini", modelUrl: "models/mini/" });
      const code = (error: unknown): string => (error as { code: string }).code;
      return Promise.all([
        reranker.rerank("  ", [{ text: "문서" }]).catch(code),
        reranker.rerank("질문", [{ text: "문서", score: Number.NaN }]).catch(code),
        reranker.rerank("질문", [{ text: "문서" }], { topN: -1 }).catch(code),
      ]);
    });
    expect(codes).toEqual(["invalid-input", "invalid-input", "invalid-input"]);
  });

  test("no model at the address: model-download with URL and status; the next call tries again", async ({
    driven: page,
  }) => {
    const failures = await page.evaluate(async () => {
      const reranker = new window.sunwi.WorkerReranker({ name: "none", modelUrl: "models/none/", device: "wasm" });
      const attempt = () =>
        reranker.load().then(
          () => undefined,
          (error: unknown) => ({ ...(error as { code: string; details: Record<string, unknown> }) }),
        );
      return [await attempt(), await attempt()];
    });
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: "model-download", details: { status: 404 } });
      expect(failure?.details["url"]).toMatch(/models\/none\/manifest\.json$/);
    }
  });

  test("WebGPU demanded where there is none: webgpu-unavailable", async ({ driven: page }) => {
    const code = await page.evaluate(() =>
      new window.sunwi.WorkerReranker({ name: "sunwi-mini", modelUrl: "models/mini/", device: "webgpu" })
        .load()
        .catch((error: unknown) => (error as { code: string }).code),
    );
    expect(code).toBe("webgpu-unavailable");
  });
});
