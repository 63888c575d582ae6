/** The page as an API, through its service worker; and the threads that it brings to hosts without headers. */
import type { Page } from "@playwright/test";
import type * as fetchEntry from "../src/package/fetch.ts";
import { TESTED_APP, TESTED_PACKAGE } from "./build-for-tests.ts";
import { panel } from "./app-page.ts";
import { expect, test } from "./fixtures.ts";
import type { Interceptor, StaticServer, StaticServerOptions } from "./static-server.ts";

const QUERY = "환불은 며칠 안에 되나요?";
const DOCUMENTS = ["배송은 이틀 걸립니다.", "환불은 7일 안에 됩니다.", "회원 등급은 매달 바뀝니다."];
const COHERE = { model: "rerank-v3.5", query: QUERY, documents: DOCUMENTS };
const TEI = { query: QUERY, texts: DOCUMENTS, raw_scores: true };

/** A page of the same origin that is none of ours. */
const secondPage: Interceptor = ({ url = "" }, response) => {
  if (!url.endsWith("/second.html")) return false;
  response.setHeader("Content-Type", "text/html");
  response.end("<!doctype html><title>second</title>");
  return true;
};

type FetchEntry = typeof fetchEntry;

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: unknown;
}

async function call(page: Page, path: string, body: unknown, method = "POST"): Promise<Answer> {
  return await page.evaluate(
    async ([address, text, verb]) => {
      const response = await fetch(address, { method: verb, ...(verb === "POST" && { body: text }) });
      const answer = await response.text();
      const type = response.headers.get("content-type");
      return {
        status: response.status,
        type,
        body: type === "application/json" ? (JSON.parse(answer) as unknown) : answer,
      };
    },
    [path, typeof body === "string" ? body : JSON.stringify(body), method] as const,
  );
}

const endpointPanel = (page: Page) => panel(page, "이 페이지를 API로 쓰기");
const endpointSwitch = (page: Page) => page.getByRole("switch", { name: "리랭크 요청에 답하기" });
const threadsSwitch = (page: Page) => page.getByRole("switch", { name: "서비스 워커로 여러 스레드 쓰기" });
const registrations = (page: Page) =>
  page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);

async function openServing(page: Page, url: string): Promise<void> {
  await page.goto(`${url}#embed`);
  await endpointSwitch(page).check();
  await expect(endpointPanel(page)).toContainText("요청을 기다립니다.");
}

type Serve = (options: StaticServerOptions) => Promise<StaticServer>;
const serveApp = (serve: Serve, options: Partial<StaticServerOptions> = {}) =>
  serve({ roots: [TESTED_APP], intercept: secondPage, ...options });

test("Cohere, Jina and TEI are answered to the page and to a second one", async ({ page, context, serve }) => {
  const { url } = await serveApp(serve);
  await openServing(page, url);
  const second = await context.newPage();
  await second.goto(`${url}second.html`);
  for (const caller of [page, second]) {
    const cohere = await call(caller, "api/v2/rerank", { ...COHERE, top_n: 2 });
    expect(cohere).toMatchObject({ status: 200, type: "application/json" });
    const { results } = cohere.body as { results: { index: number; relevance_score: number }[] };
    expect(results).toHaveLength(2);
    expect(results[0]?.index).toBe(1);
    expect(await call(caller, "api/v1/rerank", COHERE)).toMatchObject({ body: { results: [{ index: 1 }, {}, {}] } });
    const ranks = (await call(caller, "api/rerank", TEI)).body as { index: number; score: number }[];
    const cosy = (await call(caller, "api/rerank", { ...TEI, raw_scores: false })).body as typeof ranks;
    expect(ranks.map(({ index }) => index)).toEqual(cosy.map(({ index }) => index));
    ranks.forEach(({ score }, at) => {
      expect(cosy[at]?.score).toBeCloseTo(1 / (1 + Math.exp(-score)), 10);
    });
    expect(results[0]?.relevance_score).toBe(cosy[0]?.score);
  }
  expect(await call(second, "api/v2/rerank", { query: QUERY })).toMatchObject({
    status: 400,
    body: { message: "invalid request: documents is required" },
  });
  expect(await call(second, "api/rerank", "{")).toMatchObject({ status: 400, body: { error_type: "validation" } });
  expect(await call(second, "api/embed", {})).toMatchObject({ status: 404, body: { error_type: "validation" } });
  expect(await call(second, "api/v2/rerank", "", "GET")).toMatchObject({ status: 405 });

  const view = endpointPanel(page);
  await expect(view).toContainText("지금까지 요청 12개에 답했습니다.");
  await expect(view).toContainText("마지막 오류 응답: 405");
  await view.getByRole("button", { name: "한번 불러 보기" }).click();
  await expect(view).toContainText(/응답 200 · \d+ms/);
  await expect(view.locator("pre").last()).toContainText('"index": 1');
  await expect(view.getByLabel("기준 주소", { exact: true })).toHaveText(`${url}api/`);
});

test("without an open page the answer is 503, and a page that comes back serves again", async ({
  page,
  context,
  serve,
}) => {
  const { url } = await serveApp(serve);
  await openServing(page, url);
  const second = await context.newPage();
  await second.goto(`${url}second.html`);
  await page.close();
  expect(await call(second, "api/v2/rerank", COHERE)).toMatchObject({
    status: 503,
    type: "application/json",
    body: { message: expect.stringContaining("No open page serves") as unknown },
  });
  expect(await call(second, "api/rerank", TEI)).toMatchObject({ status: 503, body: { error_type: "unhealthy" } });
  const again = await context.newPage();
  await again.goto(url);
  await expect.poll(async () => (await call(second, "api/rerank", TEI)).status).toBe(200);
  await again.reload();
  await expect.poll(async () => (await call(second, "api/rerank", TEI)).status).toBe(200);
});

/** Holds back what WASM needs, so that requests wait for the model. */
function stalledModel(): { intercept: Interceptor; release: () => void; isAsked: () => boolean } {
  let isStalled = true;
  let isAsked = false;
  return {
    intercept: (request, response) => {
      if (!isStalled || request.url?.endsWith("/models/mini/wasm.bin") !== true) return secondPage(request, response);
      isAsked = true;
      setTimeout(() => response.destroy(), 60_000).unref();
      return true;
    },
    release: () => {
      isStalled = false;
    },
    isAsked: () => isAsked,
  };
}

test("a page that is closed in the middle: 503 at once", async ({ page, context, serve }) => {
  const stalled = stalledModel();
  const { url } = await serveApp(serve, { intercept: stalled.intercept });
  await openServing(page, url);
  const second = await context.newPage();
  await second.goto(`${url}second.html`);
  const running = call(second, "api/v2/rerank", COHERE);
  await expect.poll(stalled.isAsked).toBe(true);
  await second.waitForTimeout(500);
  await page.close();
  expect(await running).toMatchObject({ status: 503, body: { message: expect.stringContaining("open") as unknown } });
});

test("a scoring worker that is killed in the middle: 500 says so, and the next call works", async ({ page, serve }) => {
  const stalled = stalledModel();
  const { url } = await serveApp(serve, { intercept: stalled.intercept });
  await openServing(page, url);
  const running = call(page, "api/v2/rerank", COHERE);
  await expect.poll(stalled.isAsked).toBe(true);
  await page.waitForTimeout(500);
  stalled.release();
  const scoring = page.workers().find((worker) => worker.url().includes("scoring-worker"));
  await scoring?.evaluate(() => {
    close();
  });
  expect(await running).toMatchObject({
    status: 500,
    type: "application/json",
    body: { message: expect.stringMatching(/worker/i) as unknown },
  });
  expect(await call(page, "api/v2/rerank", COHERE)).toMatchObject({ status: 200 });
});

test("a service worker that the browser ends starts again with the next call", async ({ page, context, serve }) => {
  const { url } = await serveApp(serve);
  await openServing(page, url);
  expect(await call(page, "api/rerank", TEI)).toMatchObject({ status: 200 });
  const session = await context.newCDPSession(page);
  await session.send("ServiceWorker.enable");
  await session.send("ServiceWorker.stopAllWorkers");
  expect(await call(page, "api/rerank", TEI)).toMatchObject({ status: 200 });
});

test("a cancelled call rejects at once, and the next one works", async ({ page, serve }) => {
  const stalled = stalledModel();
  const { url } = await serveApp(serve, { intercept: stalled.intercept });
  await openServing(page, url);
  const name = await page.evaluate(async (body) => {
    const signal = AbortSignal.timeout(1000);
    return await fetch("api/v2/rerank", { method: "POST", body, signal }).catch(
      (error: unknown) => (error as Error).name,
    );
  }, JSON.stringify(COHERE));
  expect(name).toBe("TimeoutError");
  await page.reload();
  stalled.release();
  await expect.poll(async () => (await call(page, "api/v2/rerank", COHERE)).status).toBe(200);
});

test("switched off, the service worker is gone, and the server answers", async ({ page, serve }) => {
  const { url } = await serveApp(serve);
  await openServing(page, url);
  expect(await registrations(page)).toBe(1);
  await endpointSwitch(page).uncheck();
  await expect.poll(() => registrations(page)).toBe(0);
  await expect(endpointPanel(page)).toContainText("꺼져 있습니다.");
  await page.reload();
  await expect(endpointPanel(page)).toContainText("꺼져 있습니다.");
  expect((await call(page, "api/v2/rerank", COHERE)).status).toBe(404);
  expect(await registrations(page)).toBe(0);
});

test("a host with headers gets no service worker unless it is asked for", async ({ page, serve }) => {
  const { url } = await serveApp(serve);
  await page.goto(`${url}#embed`);
  await expect(page.locator("sunwi-model")).toContainText("준비됨");
  await page.waitForTimeout(1000);
  expect(await registrations(page)).toBe(0);
  await expect(threadsSwitch(page)).toHaveCount(0);
});

for (const basePath of ["/", "/sunwi/"]) {
  test(`a host without headers has threads from the second visit on, under ${basePath}`, async ({ page, serve }) => {
    const { url, requests } = await serveApp(serve, { isolated: false, basePath });
    let loads = 0;
    page.on("load", () => {
      loads += 1;
    });
    await page.goto(`${url}#embed`);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await expect(page.locator("sunwi-model")).toContainText("준비됨");
    await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
    await expect(endpointPanel(page)).toContainText("다음에 열 때부터 여러 스레드로");
    await page.waitForTimeout(1500);
    expect(loads).toBe(1);

    await page.reload();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await expect(page.locator("sunwi-model")).toContainText("준비됨");
    await expect(endpointPanel(page)).toContainText("서비스 워커가 더해");
    const wasm = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
    expect(wasm.some((name) => name.endsWith("sw.js"))).toBe(false);
    await page.waitForTimeout(1500);
    expect(loads).toBe(2);
    // Threads are workers that ONNX Runtime starts from its own file.
    expect(page.workers().filter((worker) => worker.url().includes("ort-wasm")).length).toBeGreaterThan(0);
    const part = await page.evaluate(async () => {
      const response = await fetch("models/mini/wasm.bin", { headers: { Range: "bytes=10-19" } });
      const headers = [response.headers.get("content-range"), response.headers.get("cross-origin-embedder-policy")];
      return [response.status, (await response.arrayBuffer()).byteLength, ...headers];
    });
    expect(part).toEqual([206, 10, expect.stringMatching(/^bytes 10-19\//), null]);
    expect(requests.filter((path) => path === basePath || path === `${basePath}index.html`)).toHaveLength(3);

    await threadsSwitch(page).uncheck();
    await expect.poll(() => registrations(page)).toBe(0);
    await page.reload();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await expect(page.locator("sunwi-model")).toContainText("준비됨");
    await page.waitForTimeout(1000);
    expect(await registrations(page)).toBe(0);
  });
}

test("the API on a host without headers keeps the service worker for threads when it is turned off", async ({
  page,
  serve,
}) => {
  const { url } = await serveApp(serve, { isolated: false });
  await openServing(page, url);
  expect(await call(page, "api/v2/rerank", COHERE)).toMatchObject({ status: 200 });
  await endpointSwitch(page).uncheck();
  await expect(endpointPanel(page)).toContainText("꺼져 있습니다.");
  expect(await call(page, "api/v2/rerank", COHERE)).toMatchObject({ status: 503 });
  expect(await registrations(page)).toBe(1);
});

test("the package's fetch answers as Cohere's SDK calls it", async ({ page, serve }) => {
  const { url } = await serve({ roots: [TESTED_PACKAGE], intercept: secondPage });
  await page.goto(`${url}second.html`);
  const answers = await page.evaluate(
    async ([cohere, tei]) => {
      const path = "/fetch.js";
      const { createRerankFetch } = (await import(path)) as FetchEntry;
      const local = createRerankFetch({ device: "wasm" });
      const send = async (address: string, body: unknown) => {
        const response = await local(address, {
          method: "POST",
          headers: { "Content-Type": "application/json", Authorization: "Bearer none" },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(300_000),
          cache: "no-store",
        });
        return { status: response.status, body: (await response.json()) as unknown };
      };
      const answered = [
        await send("https://sunwi.local/v2/rerank", cohere),
        await send("https://sunwi.local/rerank", tei),
        await send("https://sunwi.local/v2/rerank", {}),
      ];
      const passed = (await local(location.href)).status;
      await local.dispose();
      return [...answered, passed];
    },
    [COHERE, TEI] as const,
  );
  expect(answers).toMatchObject([
    { status: 200, body: { results: [{ index: 1 }, {}, {}], meta: { api_version: { version: "2" } } } },
    { status: 200, body: [{ index: 1 }, {}, {}] },
    { status: 400, body: { message: "invalid request: query is required" } },
    200,
  ]);
});
