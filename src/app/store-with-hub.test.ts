import { afterEach, describe, expect, it, vi } from "vitest";
import { RerankError } from "../core/errors.ts";
import { stage } from "./testing/stage.ts";

const ROOT = "https://hub.test/owner/name/resolve/c0/";
const URL_Q8 = `transformers:q8:${ROOT}`;
const DESCRIPTION = {
  url: URL_Q8,
  name: "owner/name (q8)",
  licence: "mit",
  source: "owner/name",
  parameters: 0,
  variants: [{ id: "q8", device: "wasm" as const, precision: "q8", bytes: 60 }],
};
const FILES = {
  "config.json": 10,
  "tokenizer.json": 10,
  "tokenizer_config.json": 10,
  "onnx/model_quantized.onnx": 30,
  "onnx/model.onnx": 90,
};

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Cache Storage with the repository's list, and the files of that name. */
function stubCaches(...paths: readonly string[]): Map<string, string> {
  const list = Object.entries(FILES).map(([path, size]) => ({ type: "file", path, size }));
  const kept = new Map([
    ["https://hub.test/api/models/owner/name/tree/c0?recursive=1", JSON.stringify(list)],
    ...paths.map((path) => [ROOT + path, ""] as const),
  ]);
  const cache = {
    keys: () => Promise.resolve([...kept.keys()].map((url) => ({ url }))),
    match: (url: string) => Promise.resolve(kept.has(url) ? new Response(kept.get(url)) : undefined),
    delete: (url: string) => Promise.resolve(kept.delete(url)),
  };
  vi.stubGlobal("caches", { open: () => Promise.resolve(cache) });
  return kept;
}

describe("models of the hub", () => {
  it("are on the shelf as far as their files lie in the cache", async () => {
    const { app } = await stage();
    app.library.add(DESCRIPTION);
    const find = () => app.library.listed.find(({ choice }) => choice.url === URL_Q8)?.stored?.storedBytes;
    stubCaches("config.json", "tokenizer.json", "tokenizer_config.json");
    await app.library.refresh();
    expect(find()).toBeUndefined();
    stubCaches("config.json", "tokenizer.json", "tokenizer_config.json", "onnx/model_quantized.onnx");
    await app.library.refresh();
    expect(find()).toBe(60);
    expect(app.library.usable.map(({ url }) => url)).toContain(URL_Q8);
  });

  it("share what all precisions need, until the last one is deleted", async () => {
    const { app } = await stage();
    app.library.add(DESCRIPTION);
    const kept = stubCaches("config.json", "onnx/model_quantized.onnx", "onnx/model.onnx");
    const remove = async (): Promise<void> => {
      const model = app.library.listed.find(({ choice }) => choice.url === URL_Q8);
      if (model) await app.library.remove(model);
    };
    await remove();
    expect([...kept.keys()].filter((url) => url.startsWith(ROOT))).toEqual([
      `${ROOT}config.json`,
      `${ROOT}onnx/model.onnx`,
    ]);
    kept.delete(`${ROOT}onnx/model.onnx`);
    await remove();
    expect(kept.size).toBe(0);
  });

  it("are downloaded by a load of their own, which a pause ends", async () => {
    const { app, rerankers, store } = await stage();
    app.library.add(DESCRIPTION);
    stubCaches();
    const download = app.library.download(DESCRIPTION);
    await vi.waitFor(() => {
      expect(rerankers).toHaveLength(2);
    });
    expect(rerankers[1]?.request).toMatchObject({ modelUrl: URL_Q8, device: "auto" });
    app.library.pause(URL_Q8);
    rerankers[1]?.loading.reject(new RerankError("disposed", ""));
    await download;
    expect(app.library.news.value).toMatchObject({ type: "paused" });
    expect(app.library.transfers.value.size).toBe(0);
    expect(store.jobs).toEqual([]);
  });
});
