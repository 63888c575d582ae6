/** What the specs of the model store share: pages, hosts, and calls on the page. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { compileModel } from "../compiler/compile.ts";
import { readGoldenPairs } from "../compiler/golden-pairs.ts";
import { writeTinyCheckpoint } from "../compiler/testing/tiny-checkpoint.ts";
import type { DownloadPatience, DownloadProgress, LoadedModel } from "../src/core/protocol.ts";
import type { StoredPackage } from "../src/core/store-protocol.ts";
import { buildPage, PROJECT_ROOT, PUBLIC_FOLDER } from "./build-page.ts";
import type { Interceptor, StaticServer, StaticServerOptions } from "./static-server.ts";

/** Short pauses, so that tests of repeated tries end soon. */
export const SOON: DownloadPatience = { tries: 4, firstPauseMs: 20, stallMs: 20_000 };

export type Serve = (options: StaticServerOptions) => Promise<StaticServer>;

/** Serves the driven page, together with what `intercept` answers. */
export async function servePage(serve: Serve, intercept?: Interceptor): Promise<StaticServer> {
  return serve({ roots: [await buildPage(), PUBLIC_FOLDER], ...(intercept && { intercept }) });
}

export async function openPage(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.waitForFunction(() => "sunwi" in window);
}

/** How a call ended, as data. */
export type Outcome<T> =
  | { readonly type: "done"; readonly value: T; readonly events: readonly DownloadProgress[] }
  | { readonly type: "failed"; readonly code: string; readonly details: Record<string, unknown> };

interface DownloadCall {
  readonly modelUrl: string;
  readonly patience?: DownloadPatience;
  /** Abort when so many bytes have come over the network. */
  readonly pauseAfter?: number;
}

/** Downloads the WASM variant of a package by the store's client. */
export function download(page: Page, call: DownloadCall): Promise<Outcome<StoredPackage>> {
  return page.evaluate(async ({ modelUrl, patience, pauseAfter }) => {
    const client = new window.sunwi.ModelStoreClient({ ...(patience && { patience }) });
    const events: DownloadProgress[] = [];
    const pausing = new AbortController();
    const onProgress = (progress: DownloadProgress): void => {
      events.push(progress);
      if (pauseAfter !== undefined && progress.transferredBytes >= pauseAfter) pausing.abort();
    };
    try {
      const value = await client.download({ modelUrl, device: "wasm" }, { signal: pausing.signal, onProgress });
      return { type: "done" as const, value, events };
    } catch (error) {
      const { code, details } = error as { code: string; details: Record<string, unknown> };
      return { type: "failed" as const, code, details };
    } finally {
      client.dispose();
    }
  }, call);
}

/** Loads a model on WASM and scores one pair. */
export function loadModel(
  page: Page,
  modelUrl: string,
): Promise<Outcome<{ readonly model: LoadedModel; readonly logit: number }>> {
  return page.evaluate(
    async ({ url, patience }) => {
      const events: DownloadProgress[] = [];
      const reranker = new window.sunwi.WorkerReranker({
        name: "tiny",
        modelUrl: url,
        device: "wasm",
        patience,
        onState: (state) => {
          if (state.type === "loading" && state.event?.type === "download") events.push(state.event);
        },
      });
      try {
        const model = await reranker.load();
        const [ranked] = await reranker.rerank("서울 기차", [{ text: "부산 기차 7" }], { blend: false });
        return { type: "done" as const, value: { model, logit: ranked?.logit ?? Number.NaN }, events };
      } catch (error) {
        const { code, details } = error as { code: string; details: Record<string, unknown> };
        return { type: "failed" as const, code, details };
      } finally {
        await reranker.dispose();
      }
    },
    { url: modelUrl, patience: SOON },
  );
}

export function listPackages(page: Page): Promise<readonly StoredPackage[]> {
  return page.evaluate(async () => {
    const client = new window.sunwi.ModelStoreClient();
    try {
      return await client.list();
    } finally {
      client.dispose();
    }
  });
}

export function removePackage(page: Page, modelUrl: string): Promise<void> {
  return page.evaluate(async (url) => {
    const client = new window.sunwi.ModelStoreClient();
    try {
      await client.remove(url);
    } finally {
      client.dispose();
    }
  }, modelUrl);
}

/** Hashes of the files that lie in the file system, and whether each is complete. */
export function storedFiles(page: Page): Promise<Record<string, { bytes: number; isComplete: boolean }>> {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle("sunwi-models", { create: true });
    const sizes = new Map<string, number>();
    for await (const entry of folder.values()) {
      if (entry instanceof FileSystemFileHandle) sizes.set(entry.name, (await entry.getFile()).size);
    }
    const files = [...sizes].filter(([name]) => name.startsWith("file-"));
    return Object.fromEntries(
      files.map(([name, bytes]) => {
        const hash = name.slice("file-".length);
        return [hash, { bytes, isComplete: !sizes.has(`partial-${hash}`) }];
      }),
    );
  });
}

/** Changes one bit of a stored file. */
export function flipStoredBit(page: Page, hash: string, at: number): Promise<void> {
  return page.evaluate(
    async ({ name, position }) => {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle("sunwi-models");
      const handle = await folder.getFileHandle(name);
      const byte = new Uint8Array(await (await handle.getFile()).slice(position, position + 1).arrayBuffer());
      const writable = await handle.createWritable({ keepExistingData: true });
      await writable.write({ type: "write", position, data: Uint8Array.of((byte[0] ?? 0) ^ 1) });
      await writable.close();
    },
    { name: `file-${hash}`, position: at },
  );
}

/** Runs `script` in every worker before the worker's own; for the pages opened after this. */
export async function beforeWorkers(page: Page, script: string): Promise<void> {
  await page.addInitScript((text) => {
    const { Worker } = window;
    const toUrl = (content: string): string => URL.createObjectURL(new Blob([content], { type: "text/javascript" }));
    window.Worker = class extends Worker {
      constructor(url: string | URL, options?: WorkerOptions) {
        const prelude = toUrl(text);
        super(toUrl(`import ${JSON.stringify(prelude)}; import ${JSON.stringify(String(url))};`), options);
      }
    };
  }, script);
}

export const WITHOUT_OPFS = "delete StorageManager.prototype.getDirectory;";
/** A private window of some browsers: the file system is there, and refuses. */
export const REFUSING_OPFS = `FileSystemFileHandle.prototype.createSyncAccessHandle = () =>
  Promise.reject(new DOMException("refused", "InvalidStateError"));`;
export const WITHOUT_CACHES = "delete self.caches; delete WorkerGlobalScope.prototype.caches;";

/** A compiled model of some 20 kB with random weights, as files by name. */
export async function compileTiny(): Promise<ReadonlyMap<string, Buffer>> {
  const folder = await mkdtemp(join(tmpdir(), "sunwi-tiny-"));
  try {
    await writeTinyCheckpoint(join(folder, "checkpoint"), "xlm-roberta");
    await compileModel({
      checkpointFolder: join(folder, "checkpoint"),
      outputFolder: join(folder, "package"),
      golden: await readGoldenPairs(join(PROJECT_ROOT, "compiler/testing/tiny-pairs.json")),
      about: { id: "tiny", name: "Tiny", licence: "MIT", source: { repository: "none", revision: "0" } },
    });
    const names = await readdir(join(folder, "package"));
    return new Map(
      await Promise.all(names.map(async (name) => [name, await readFile(join(folder, "package", name))] as const)),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}
