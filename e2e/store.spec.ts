/** The model store as a page sees it: what stays on the device, for whom, and until when. */
import type { Page } from "@playwright/test";
import type { StorageKind } from "../src/core/protocol.ts";
import { parseManifest, variantBytes } from "../src/model/manifest.ts";
import { expect, test } from "./fixtures.ts";
import { madePackage, noise, PackageHost, sha256Of } from "./package-host.ts";
import {
  beforeWorkers,
  compileTiny,
  download,
  flipStoredBit,
  listPackages,
  loadModel,
  openPage,
  REFUSING_OPFS,
  removePackage,
  servePage,
  SOON,
  storedFiles,
  WITHOUT_CACHES,
  WITHOUT_OPFS,
  type Serve,
} from "./store-page.ts";

let tiny: ReadonlyMap<string, Buffer>;
let graphBytes: number;
let wasmBytes: number;
test.beforeAll(async () => {
  tiny = await compileTiny();
  const manifest = parseManifest(JSON.parse(String(tiny.get("manifest.json"))));
  const [wasm] = manifest.variants.filter(({ device }) => device === "wasm");
  if (wasm) wasmBytes = variantBytes(manifest, wasm);
  graphBytes = manifest.files["wasm.onnx"]?.bytes ?? 0;
});

const shared = noise(100_000, 1);
const old = noise(150_000, 2);
const recent = noise(160_000, 3);

/** A page with a package on its own origin. */
async function setUp(page: Page, serve: Serve, files: ReadonlyMap<string, Buffer>) {
  const host = new PackageHost(files);
  const { url } = await servePage(serve, host.intercept);
  await openPage(page, url);
  return { host, url, modelUrl: `${url}package/` };
}

async function storedBytes(page: Page, file: Buffer): Promise<number | undefined> {
  return (await storedFiles(page))[sha256Of(file)]?.bytes;
}

for (const kind of ["opfs", "cache", "memory"] satisfies StorageKind[]) {
  test(`${kind} does what a place for model files must do`, async ({ driven: page }) => {
    const results = await page.evaluate(
      (which) =>
        new Promise<Record<string, string>>((resolve, reject) => {
          const worker = window.sunwi.workers.blobStoreChecks();
          worker.onmessage = ({ data }: MessageEvent<Record<string, string>>) => {
            resolve(data);
          };
          worker.onerror = ({ message }) => {
            reject(new Error(message));
          };
          worker.postMessage(which);
        }),
      kind,
    );
    expect(Object.keys(results).length).toBeGreaterThan(10);
    expect(Object.entries(results).filter(([, result]) => result !== "passed")).toEqual([]);
  });
}

test.describe("where the files lie", () => {
  const browsers = [
    { what: "a browser with a file system", prelude: "", kind: "opfs" },
    { what: "no file system", prelude: WITHOUT_OPFS, kind: "cache" },
    { what: "a file system that refuses", prelude: REFUSING_OPFS, kind: "cache" },
  ];
  for (const { what, prelude, kind } of browsers) {
    test(`${what}: ${kind}, which goes on after a reload and then loads without the network`, async ({
      page,
      serve,
    }) => {
      await beforeWorkers(page, prelude);
      const { host, modelUrl } = await setUp(page, serve, tiny);
      host.fault = (name) => (name === "wasm.onnx" ? { stallAfter: 1000 } : undefined);
      const pauseAfter = wasmBytes - graphBytes + 1000;
      expect(await download(page, { modelUrl, pauseAfter })).toMatchObject({ code: "aborted" });
      await page.reload();
      await page.waitForFunction(() => "sunwi" in window);
      host.fault = () => undefined;
      const outcome = await loadModel(page, modelUrl);
      if (outcome.type !== "done") throw new Error(outcome.code);
      const { model } = outcome.value;
      expect(model.storage).toBe(kind);
      expect(model.transferredBytes).toBe(graphBytes - 1000);
      expect(host.requestsFor("wasm.onnx").at(-1)?.range).toBe("bytes=1000-");
      const again = await loadModel(page, modelUrl);
      expect(again).toMatchObject({
        type: "done",
        value: { logit: outcome.value.logit, model: { transferredBytes: 0, storage: kind } },
      });
    });
  }

  test("neither: memory, for this load only; the store says that it keeps nothing", async ({ page, serve }) => {
    await beforeWorkers(page, WITHOUT_OPFS + WITHOUT_CACHES);
    const { host, modelUrl } = await setUp(page, serve, tiny);
    expect(await loadModel(page, modelUrl)).toMatchObject({ type: "done", value: { model: { storage: "memory" } } });
    expect(host.requestsFor("wasm.onnx")).toHaveLength(1);
    expect(await download(page, { modelUrl })).toMatchObject({ code: "storage-full", details: { freeBytes: 0 } });
    expect(await listPackages(page)).toEqual([]);
  });
});

test("a download paused by the page goes on after a reload with the rest only", async ({ page, serve }) => {
  const { host, modelUrl } = await setUp(page, serve, madePackage({ "wasm.bin": recent, "shared.bin": shared }));
  host.fault = () => ({ pieceMs: 30 });
  expect(await download(page, { modelUrl, pauseAfter: 60_000 })).toMatchObject({ code: "aborted" });
  const lying = Object.values(await storedFiles(page)).reduce((sum, { bytes }) => sum + bytes, 0);
  expect(lying).toBeGreaterThanOrEqual(60_000);
  const total = recent.length + shared.length + 1200;
  const [listed] = await listPackages(page);
  expect(listed).toMatchObject({ modelUrl, storedBytes: lying, variants: [{ bytes: total, storedBytes: lying }] });

  await page.reload();
  await page.waitForFunction(() => "sunwi" in window);
  host.fault = () => undefined;
  const before = host.sentBytes();
  const outcome = await download(page, { modelUrl });
  if (outcome.type !== "done") throw new Error(outcome.code);
  expect(host.sentBytes() - before).toBe(total - lying);
  expect(outcome.events.at(-1)).toMatchObject({ storedBytes: lying, transferredBytes: total - lying });
});

test.describe("two tabs", () => {
  test("at once download each file once; the one that waits says so", async ({ page, context, serve }) => {
    const { host, url, modelUrl } = await setUp(page, serve, madePackage({ "wasm.bin": recent }));
    host.fault = () => ({ pieceMs: 40 });
    const second = await context.newPage();
    await openPage(second, url);
    const outcomes = await Promise.all([download(page, { modelUrl }), download(second, { modelUrl })]);
    for (const name of ["wasm.bin", "wasm.onnx", "tokenizer.json"]) expect(host.requestsFor(name)).toHaveLength(1);
    const events = outcomes.map((outcome) => (outcome.type === "done" ? outcome.events : []));
    expect(events.flat().some(({ isWaiting }) => isWaiting)).toBe(true);
    expect(events.map((told) => told.at(-1)?.isWaiting)).toEqual([false, false]);
    const transferred = events.map((told) => told.at(-1)?.transferredBytes ?? 0);
    expect((transferred[0] ?? 0) + (transferred[1] ?? 0)).toBe(recent.length + 1200);
  });

  test("when the first is closed, the second goes on from what it left", async ({ page, context, serve }) => {
    const { host, url, modelUrl } = await setUp(page, serve, madePackage({ "wasm.bin": recent }));
    host.fault = (name, nth) => (name === "wasm.bin" && nth === 1 ? { stallAfter: 100_000 } : undefined);
    const first = await context.newPage();
    await openPage(first, url);
    const abandoned = download(first, { modelUrl }).catch(() => undefined);
    await expect.poll(() => storedBytes(page, recent)).toBe(100_000);
    const waiting = download(page, { modelUrl });
    await first.close();
    await abandoned;
    expect(await waiting).toMatchObject({ type: "done" });
    const [, second] = host.requestsFor("wasm.bin");
    expect(second?.range).toBe("bytes=100000-");
  });
});

test.describe("what lies there is checked", () => {
  test("a flipped bit: that file alone is fetched again", async ({ page, serve }) => {
    const { host, modelUrl } = await setUp(page, serve, tiny);
    const [before] = [await loadModel(page, modelUrl)];
    await flipStoredBit(page, sha256Of(tiny.get("wasm.onnx") ?? Buffer.alloc(0)), 1000);
    const known = host.requests.length;
    const after = await loadModel(page, modelUrl);
    expect(after).toMatchObject({
      type: "done",
      value: { model: { transferredBytes: tiny.get("wasm.onnx")?.length } },
    });
    expect(after.type === "done" && after.value.logit).toBe(before.type === "done" && before.value.logit);
    expect(host.requests.slice(known).map(({ name }) => name)).toEqual(["manifest.json", "wasm.onnx"]);
  });

  test("a flipped bit in half a file: found at the end, and the file fetched anew", async ({ page, serve }) => {
    const { host, modelUrl } = await setUp(page, serve, madePackage({ "wasm.bin": recent }));
    host.fault = (name) => (name === "wasm.bin" ? { pieceMs: 30 } : undefined);
    expect(await download(page, { modelUrl, pauseAfter: 60_000 })).toMatchObject({ code: "aborted" });
    host.fault = () => undefined;
    await flipStoredBit(page, sha256Of(recent), 10);
    expect(await download(page, { modelUrl })).toMatchObject({ type: "done" });
    expect(host.requestsFor("wasm.bin").at(-1)?.range).toBe("");
    expect((await storedFiles(page))[sha256Of(recent)]).toEqual({ bytes: recent.length, isComplete: true });
  });
});

test.describe("what is no longer needed goes", () => {
  test("a removed package's files, but for those that another package names", async ({ page, serve }) => {
    const one = new PackageHost(madePackage({ "shared.bin": shared, "wasm.bin": old }, { id: "one" }), "/one/");
    const two = new PackageHost(
      madePackage({ "shared.bin": shared, "wasm.bin": recent }, { id: "two", seed: 50 }),
      "/two/",
    );
    const { url } = await servePage(
      serve,
      (request, response) => one.intercept(request, response) || two.intercept(request, response),
    );
    await openPage(page, url);
    await download(page, { modelUrl: `${url}one/` });
    const second = await download(page, { modelUrl: `${url}two/` });
    expect(second.type === "done" && second.events.at(-1)).toMatchObject({ storedBytes: shared.length });
    expect(two.requestsFor("shared.bin")).toEqual([]);
    expect((await listPackages(page)).map(({ id }) => id).sort()).toEqual(["one", "two"]);

    await removePackage(page, `${url}one/`);
    expect((await listPackages(page)).map(({ id }) => id)).toEqual(["two"]);
    const left = await storedFiles(page);
    expect(left[sha256Of(shared)]).toMatchObject({ isComplete: true });
    expect(left[sha256Of(recent)]).toMatchObject({ isComplete: true });
    expect(Object.keys(left)).toHaveLength(4);
    await removePackage(page, `${url}two/`);
    expect(await storedFiles(page)).toEqual({});
  });

  test("an earlier release's files; what both have is not fetched again", async ({ page, serve }) => {
    const { host, modelUrl } = await setUp(page, serve, madePackage({ "shared.bin": shared, "wasm.bin": old }));
    await download(page, { modelUrl });
    host.files = madePackage({ "shared.bin": shared, "wasm.bin": recent });
    expect(await download(page, { modelUrl })).toMatchObject({ type: "done" });
    const left = await storedFiles(page);
    expect(left[sha256Of(old)]).toBeUndefined();
    expect(left[sha256Of(recent)]).toMatchObject({ isComplete: true });
    expect(host.requestsFor("shared.bin")).toHaveLength(1);
  });

  test("a package that is removed while it downloads does not come back", async ({ page, serve }) => {
    const { host, modelUrl } = await setUp(page, serve, madePackage({ "wasm.bin": recent }));
    let release = (): void => undefined;
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    host.fault = (name) => (name === "wasm.bin" ? { stallAfter: 100_000, until } : undefined);
    const downloading = download(page, { modelUrl });
    await expect.poll(() => storedBytes(page, recent)).toBe(100_000);
    await removePackage(page, modelUrl);
    expect(await storedBytes(page, recent)).toBe(100_000);
    release();
    expect(await downloading).toMatchObject({ code: "not-on-device" });
    await expect.poll(() => storedFiles(page)).toEqual({});
  });
});

test.describe("without the network", () => {
  test("a complete package loads; one that is not there is a download error", async ({ page, context, serve }) => {
    const { modelUrl, host } = await setUp(page, serve, tiny);
    // The runtime comes from the page's host: it must be in the browser's cache by then.
    const online = await loadModel(page, modelUrl);
    host.fault = () => ({ givesNoAnswer: true });
    const offline = await loadModel(page, modelUrl);
    expect(offline).toMatchObject({ type: "done", value: { model: { transferredBytes: 0, storage: "opfs" } } });
    expect(offline.type === "done" && offline.value.logit).toBe(online.type === "done" && online.value.logit);
    await removePackage(page, modelUrl);
    expect(await loadModel(page, modelUrl)).toMatchObject({ code: "model-download", details: { status: 0 } });
    await context.setOffline(false);
  });

  test("a server that fails counts as none; one that says 404 does not", async ({ page, serve }) => {
    const { modelUrl, host } = await setUp(page, serve, tiny);
    await download(page, { modelUrl });
    host.fault = () => ({ status: 502 });
    expect(await loadModel(page, modelUrl)).toMatchObject({ type: "done", value: { model: { transferredBytes: 0 } } });
    host.fault = () => ({ status: 404 });
    expect(await loadModel(page, modelUrl)).toMatchObject({ code: "model-download", details: { status: 404 } });
  });
});

test.describe("a full disk", () => {
  /** What the browser gives this site; its own estimate does not know of that. */
  async function limitQuota(page: Page, url: string, quotaSize: number): Promise<void> {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Storage.overrideQuotaForOrigin", { origin: new URL(url).origin, quotaSize });
  }

  test("a download says what is needed and what is free, before it begins", async ({ page, serve }) => {
    await beforeWorkers(
      page,
      "StorageManager.prototype.estimate = () => Promise.resolve({ quota: 500000, usage: 350000 });",
    );
    const { host, modelUrl } = await setUp(page, serve, madePackage({ "wasm.bin": recent }));
    expect(await download(page, { modelUrl })).toMatchObject({
      code: "storage-full",
      details: { neededBytes: recent.length + 1200, freeBytes: 150_000 },
    });
    expect(host.requests.map(({ name }) => name)).toEqual(["manifest.json"]);
    host.files = madePackage({ "wasm.bin": shared });
    expect(await download(page, { modelUrl })).toMatchObject({ type: "done" });
  });

  test("that shows only while writing is told too, and nothing complete is deleted", async ({ page, serve }) => {
    const { host, url, modelUrl } = await setUp(page, serve, madePackage({ "shared.bin": shared }));
    await download(page, { modelUrl });
    await limitQuota(page, url, shared.length + 80_000);
    host.files = madePackage({ "shared.bin": shared, "wasm.bin": recent });
    expect(await download(page, { modelUrl })).toMatchObject({
      code: "storage-full",
      details: { neededBytes: recent.length },
    });
    expect((await storedFiles(page))[sha256Of(shared)]).toMatchObject({ isComplete: true });
    await limitQuota(page, url, 10_000_000);
    expect(await download(page, { modelUrl })).toMatchObject({ type: "done" });
    expect(host.requestsFor("shared.bin")).toHaveLength(1);
  });

  test("a load goes on in memory, and says so", async ({ page, serve }) => {
    const { url, modelUrl } = await setUp(page, serve, tiny);
    await limitQuota(page, url, 20_000);
    expect(await loadModel(page, modelUrl)).toMatchObject({ type: "done", value: { model: { storage: "memory" } } });
    const [listed] = await listPackages(page);
    const wasm = listed?.variants.find(({ device }) => device === "wasm");
    expect(wasm?.storedBytes).toBeLessThan(wasm?.bytes ?? 0);
  });
});

test.describe("a package from files", () => {
  const importFiles = (page: Page, files: ReadonlyMap<string, Buffer>) =>
    page.evaluate(
      async (given) => {
        const client = new window.sunwi.ModelStoreClient();
        const toBlob = (base64: string) => new Blob([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))]);
        try {
          const stored = await client.importPackage(
            given.map(([path, base64]) => ({ path, file: toBlob(base64) })),
            {},
          );
          return { stored };
        } catch (error) {
          const { code, details } = error as { code: string; details: Record<string, unknown> };
          return { code, details };
        } finally {
          client.dispose();
        }
      },
      [...files].map(([path, bytes]) => [path, bytes.toString("base64")] as const),
    );

  test("loads under a name of its own, and is gone when it is removed", async ({ driven: page }) => {
    expect(await importFiles(page, tiny)).toMatchObject({ stored: { modelUrl: "local:tiny/", id: "tiny" } });
    expect(await loadModel(page, "local:tiny/")).toMatchObject({
      type: "done",
      value: { model: { id: "tiny", transferredBytes: 0, storage: "opfs" } },
    });
    await removePackage(page, "local:tiny/");
    expect(await loadModel(page, "local:tiny/")).toMatchObject({ code: "not-on-device" });
    expect(await storedFiles(page)).toEqual({});
  });

  test("needs one whole variant only", async ({ driven: page }) => {
    const wasmOnly = new Map([...tiny].filter(([name]) => !name.startsWith("webgpu")));
    expect(await importFiles(page, wasmOnly)).toMatchObject({ stored: { modelUrl: "local:tiny/" } });
    expect(await loadModel(page, "local:tiny/")).toMatchObject({ type: "done" });
  });

  test("that has spoiled on the device asks to be imported again", async ({ driven: page }) => {
    await importFiles(page, tiny);
    await flipStoredBit(page, sha256Of(tiny.get("wasm.onnx") ?? Buffer.alloc(0)), 1000);
    expect(await loadModel(page, "local:tiny/")).toMatchObject({ code: "not-on-device" });
  });

  test("with a wrong file, without a file, or without a manifest is refused and leaves nothing", async ({
    driven: page,
  }) => {
    const flipped = Buffer.from(tiny.get("wasm.onnx") ?? Buffer.alloc(0));
    flipped.writeUInt8(flipped.readUInt8(500) ^ 1, 500);
    expect(await importFiles(page, new Map(tiny).set("wasm.onnx", flipped))).toMatchObject({
      code: "model-integrity",
      details: { file: "wasm.onnx" },
    });
    const noTokenizer = new Map([...tiny].filter(([name]) => name !== "tokenizer.json"));
    expect(await importFiles(page, noTokenizer)).toMatchObject({
      code: "model-invalid",
      details: { problem: "tokenizer.json" },
    });
    expect(await importFiles(page, new Map([["webgpu.onnx", flipped]]))).toMatchObject({ code: "model-invalid" });
    expect(await storedFiles(page)).toEqual({});
    expect(await listPackages(page)).toEqual([]);
  });
});

test("the runtime's WASM is asked for while the weights are still on their way", async ({ page, serve }) => {
  const host = new PackageHost(tiny);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  host.fault = (name) => (name === "wasm.bin" ? { after: held } : undefined);
  const server = await servePage(serve, host.intercept);
  await openPage(page, server.url);
  const loading = loadModel(page, `${server.url}package/`);
  await expect.poll(() => server.requests.some((path) => path.endsWith(".wasm"))).toBe(true);
  await expect.poll(() => host.requestsFor("wasm.bin")).toMatchObject([{ status: 0, sentBytes: 0 }]);
  release();
  expect(await loading).toMatchObject({ type: "done" });
});

test.describe("the store's client outlives its workers", () => {
  for (const kind of ["broken", "missing", "silent"] as const) {
    test(`${kind}: the call rejects, and the next one starts another worker`, async ({ driven: page }) => {
      const outcome = await page.evaluate(async (which) => {
        const { ModelStoreClient, workers } = window.sunwi;
        let spawned = 0;
        const client = new ModelStoreClient({
          spawn: () => (++spawned === 1 ? workers[which]() : workers.store()),
          startLimitMs: 1500,
        });
        const first = await client.list().catch((error: unknown) => (error as { code: string }).code);
        return [first, await client.list().catch(String)];
      }, kind);
      // The silent worker's limit is short; the real one has more to do than that on a busy machine.
      expect(outcome[0]).toBe("worker-crashed");
      expect(outcome[1]).toEqual([]);
    });
  }

  test("a worker that closes itself: open calls reject, and what had come is used", async ({ page, serve }) => {
    const { host, modelUrl } = await setUp(page, serve, madePackage({ "wasm.bin": recent }));
    host.fault = (name, nth) => (name === "wasm.bin" && nth === 1 ? { stallAfter: 100_000 } : undefined);
    const crashed = download(page, { modelUrl });
    await expect.poll(() => storedBytes(page, recent)).toBe(100_000);
    const [worker] = page.workers();
    await worker
      ?.evaluate(() => {
        self.close();
      })
      .catch(() => undefined);
    expect(await crashed).toMatchObject({ code: "worker-crashed" });
    expect(await download(page, { modelUrl, patience: SOON })).toMatchObject({ type: "done" });
    expect(host.requestsFor("wasm.bin").at(-1)?.range).toBe("bytes=100000-");
  });

  test("disposed: open calls and later ones reject with disposed", async ({ page, serve }) => {
    const { host, modelUrl } = await setUp(page, serve, madePackage({ "wasm.bin": recent }));
    host.fault = () => ({ pieceMs: 50 });
    const codes = await page.evaluate(async (url) => {
      const code = (error: unknown): string => (error as { code: string }).code;
      const client = new window.sunwi.ModelStoreClient();
      const open = client.download({ modelUrl: url, device: "wasm" }).catch(code);
      await client.list();
      client.dispose();
      return [await open, await client.list().catch(code)];
    }, modelUrl);
    expect(codes).toEqual(["disposed", "disposed"]);
    await expect.poll(() => page.workers().length).toBe(0);
  });
});
