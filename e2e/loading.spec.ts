/** Loading a model package over real HTTP, from hosts that misbehave as hosts do. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { ModelManifest } from "../src/model/manifest.ts";
import { expect, MINI, test } from "./fixtures.ts";
import type { Interceptor } from "./static-server.ts";

const manifest = JSON.parse(readFileSync(join(MINI, "manifest.json"), "utf8")) as ModelManifest;
const wasm = manifest.variants.find(({ device }) => device === "wasm");
const weights = wasm?.weights.at(-1) ?? "";

/** Answers `path` with what `change` makes of the file; `times` limits how often. */
function tamper(path: string, change: (bytes: Buffer) => Buffer, times = Number.POSITIVE_INFINITY): Interceptor {
  let left = times;
  return (request, response) => {
    if (request.url !== `/${path}` || left <= 0) return false;
    left -= 1;
    response.end(change(readFileSync(join(MINI, path))));
    return true;
  };
}

const flipOneBit = (bytes: Buffer): Buffer => {
  const at = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  return bytes;
};

/** Loads a package on WASM and answers what happened. */
function load(page: Page, modelUrl: string) {
  return page.evaluate(async (url) => {
    const events: string[] = [];
    const reranker = new window.sunwi.WorkerReranker({
      name: "sunwi-mini",
      modelUrl: url,
      device: "wasm",
      onState: (state) => {
        if (state.type === "loading" && state.event !== undefined && state.event.type !== events.at(-1)) {
          events.push(state.event.type);
        }
      },
    });
    try {
      const model = await reranker.load();
      return { events, model };
    } catch (error) {
      const { code, details, message } = error as { code: string; message: string; details: Record<string, unknown> };
      return { events, code, details, message, state: reranker.state.type };
    } finally {
      await reranker.dispose();
    }
  }, modelUrl);
}

test("a good package loads, tells each step, and reports what runs", async ({ driven: page, serve }) => {
  const { url } = await serve({ roots: [MINI] });
  const { events, model } = await load(page, url);
  expect(events).toEqual(["manifest", "device", "download", "session", "self-test"]);
  expect(model).toMatchObject({ id: "sunwi-mini", device: "wasm", runtime: "wasm", downgrades: [] });
  expect(model?.threads).toBeGreaterThanOrEqual(1);
  expect(model?.selfTest.pairs).toBe(manifest.golden.length);
  expect(model?.selfTest.maxError).toBeLessThanOrEqual(model?.selfTest.tolerance ?? 0);
});

test("a second load of the same model repeats two golden pairs only", async ({ driven: page, serve }) => {
  const { url } = await serve({ roots: [MINI] });
  await load(page, url);
  expect((await load(page, url)).model?.selfTest.pairs).toBe(2);
});

test("without isolation headers the model runs on one thread", async ({ page, serve }) => {
  const { buildPage, PUBLIC_FOLDER } = await import("./build-page.ts");
  const { url } = await serve({ roots: [await buildPage(), PUBLIC_FOLDER], isolated: false });
  await page.goto(url);
  await page.waitForFunction(() => "sunwi" in window);
  const { model } = await load(page, "models/mini/");
  expect(model?.threads).toBe(1);
});

test("one changed bit in the weights is refused by name", async ({ driven: page, serve }) => {
  const { url } = await serve({ roots: [MINI], intercept: tamper(weights, flipOneBit) });
  expect(await load(page, url)).toMatchObject({ code: "model-integrity", details: { file: weights }, state: "failed" });
});

test("a truncated file is refused", async ({ driven: page, serve }) => {
  const { url } = await serve({ roots: [MINI], intercept: tamper(weights, (bytes) => bytes.subarray(0, 1000)) });
  expect(await load(page, url)).toMatchObject({ code: "model-integrity", details: { file: weights, bytes: 1000 } });
});

test("a file of an earlier release in the browser's cache is fetched anew", async ({ driven: page, serve }) => {
  const { url, requests } = await serve({ roots: [MINI], intercept: tamper(weights, flipOneBit, 1) });
  expect((await load(page, url)).model?.id).toBe("sunwi-mini");
  expect(requests.filter((path) => path === `/${weights}`)).toHaveLength(2);
});

test("a connection that breaks during the download is a download error", async ({ driven: page, serve }) => {
  const { url } = await serve({
    roots: [MINI],
    intercept: (request, response) => {
      if (request.url !== `/${weights}`) return false;
      const bytes = readFileSync(join(MINI, weights));
      response.writeHead(200, { "Content-Length": bytes.length });
      response.write(bytes.subarray(0, 100_000), () => response.destroy());
      return true;
    },
  });
  const outcome = await load(page, url);
  expect(outcome).toMatchObject({ code: "model-download", state: "failed" });
  expect(outcome.details?.["url"]).toBe(`${url}${weights}`);
});

test("a server error is told with its status", async ({ driven: page, serve }) => {
  const { url } = await serve({
    roots: [MINI],
    intercept: (request, response) => {
      if (request.url !== `/${manifest.tokenizer}`) return false;
      response.writeHead(503).end();
      return true;
    },
  });
  expect(await load(page, url)).toMatchObject({ code: "model-download", details: { status: 503 } });
});

test("a web page instead of a manifest is not taken for a model", async ({ driven: page, serve }) => {
  const { url } = await serve({
    roots: [MINI],
    intercept: tamper("manifest.json", () => Buffer.from("<!doctype html><title>Welcome</title>")),
  });
  expect(await load(page, url)).toMatchObject({ code: "model-invalid" });
});

test("a variant that scores wrongly is refused, and with no other variant the load fails", async ({
  driven: page,
  serve,
}) => {
  const wrong = {
    ...manifest,
    variants: manifest.variants.map((variant) => ({
      ...variant,
      expectedLogits: variant.expectedLogits.map((logit, index) => (index === 3 ? logit + 0.5 : logit)),
    })),
  };
  const { url } = await serve({
    roots: [MINI],
    intercept: tamper("manifest.json", () => Buffer.from(JSON.stringify(wrong))),
  });
  const outcome = await load(page, url);
  expect(outcome).toMatchObject({ code: "self-test-failed", state: "failed" });
  expect(outcome.events.at(-1)).toBe("downgrade");
  expect(outcome.details?.["maxError"]).toBeGreaterThan(0.4);
});
