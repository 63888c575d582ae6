/** The WebGPU path on Chromium's software adapter: right, but slow, so few and short pairs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ModelManifest } from "../src/model/manifest.ts";
import { expect, MINI, test } from "./fixtures.ts";
import { absoluteErrors, referencePairs, scoreReference } from "./logits.ts";

test("WebGPU logits agree with PyTorch's, alone and in a padded batch", async ({ driven: page }) => {
  const pairs = [...referencePairs()]
    .sort((a, b) => a.query.length + a.document.length - b.query.length - b.document.length)
    .slice(0, 8);
  const { model, alone, together, oneByOne } = await scoreReference(page, "webgpu", pairs);
  const error = absoluteErrors(
    alone,
    pairs.map(({ logit }) => logit),
  );
  console.log(`WebGPU against PyTorch: mean ${error.mean.toFixed(4)}, max ${error.max.toFixed(4)}`);
  expect(model).toMatchObject({ device: "webgpu", softwareAdapter: true, downgrades: [] });
  expect(["jspi", "asyncify"]).toContain(model.runtime);
  expect(error.mean).toBeLessThanOrEqual(0.02);
  expect(absoluteErrors(together, oneByOne).max).toBeLessThanOrEqual(1e-3);
});

test("without JSPI the Asyncify build runs and gives the same logits", async ({ driven: page }) => {
  await page.addInitScript(() => {
    const { Worker } = window;
    const script = (text: string): string => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    // The worker's script decides by `WebAssembly.Suspending`; a module that runs before it takes that away.
    window.Worker = class extends Worker {
      constructor(url: string | URL, options?: WorkerOptions) {
        const prelude = script("delete WebAssembly.Suspending;");
        super(script(`import ${JSON.stringify(prelude)}; import ${JSON.stringify(String(url))};`), options);
      }
    };
  });
  await page.reload();
  await page.waitForFunction(() => "sunwi" in window);
  const pairs = [...referencePairs()].sort((a, b) => a.document.length - b.document.length).slice(0, 1);
  const { model, alone } = await scoreReference(page, "webgpu", pairs);
  expect(model).toMatchObject({ device: "webgpu", runtime: "asyncify" });
  expect(
    absoluteErrors(
      alone,
      pairs.map(({ logit }) => logit),
    ).max,
  ).toBeLessThanOrEqual(0.02);
});

test("auto does not take a software adapter for a GPU", async ({ driven: page }) => {
  const device = await page.evaluate(async () => {
    const reranker = new window.sunwi.WorkerReranker({ name: "sunwi-mini", modelUrl: "models/mini/", device: "auto" });
    return (await reranker.load()).device;
  });
  expect(device).toBe("wasm");
});

test("a WebGPU variant that scores wrongly gives way to WASM, and the model says why", async ({
  driven: page,
  serve,
}) => {
  const manifest = JSON.parse(readFileSync(join(MINI, "manifest.json"), "utf8")) as ModelManifest;
  const wrong = {
    ...manifest,
    variants: manifest.variants.map((variant) =>
      variant.device === "webgpu"
        ? { ...variant, expectedLogits: variant.expectedLogits.map((logit) => logit + 1) }
        : variant,
    ),
  };
  const { url } = await serve({
    roots: [MINI],
    intercept: (request, response) => {
      if (request.url !== "/manifest.json") return false;
      response.end(JSON.stringify(wrong));
      return true;
    },
  });
  const { model, order } = await page.evaluate(async (modelUrl) => {
    const reranker = new window.sunwi.WorkerReranker({ name: "sunwi-mini", modelUrl, device: "webgpu" });
    const ranked = await reranker.rerank("배송 조회", [{ text: "가게 소개" }, { text: "배송 조회 방법" }]);
    return { model: await reranker.load(), order: ranked.map(({ index }) => index) };
  }, url);
  expect(model.device).toBe("wasm");
  expect(model.downgrades).toHaveLength(1);
  expect(model.downgrades[0]?.reason).toMatch(/known pairs wrongly/);
  expect(order).toEqual([1, 0]);
});

test("a lost GPU rejects the open call with device-lost, and the next call works", async ({
  driven: page,
  browser,
}) => {
  await page.evaluate(async () => {
    const reranker = new window.sunwi.WorkerReranker({
      name: "sunwi-mini",
      modelUrl: "models/mini/",
      device: "webgpu",
    });
    await reranker.load();
    const documents = Array.from({ length: 40 }, () => ({ text: "배송 조회 방법 안내 ".repeat(6) }));
    window.pending = reranker.rerank("배송 조회", documents).then(
      () => "ranked",
      (error: unknown) => (error as { code: string }).code,
    );
    window.reranker = reranker;
  });
  // Ends the GPU process as a driver fault would.
  const devtools = await browser.newBrowserCDPSession();
  await devtools.send("Browser.crashGpuProcess");
  expect(await page.evaluate(() => window.pending)).toBe("device-lost");
  const next = await page.evaluate(async () => {
    const ranked = await window.reranker.rerank("배송 조회", [{ text: "가게 소개" }, { text: "배송 조회 방법" }]);
    return ranked.map(({ index }) => index);
  });
  expect(next).toEqual([1, 0]);
});
