import { expect, test, vi } from "vitest";
import { RerankError } from "../core/errors.ts";
import type { LoadedReranker } from "../library/loaded-reranker.ts";
import { lazyReranker } from "./lazy-reranker.ts";
import { WordReranker } from "./testing/word-reranker.ts";

test("the first call loads, and the next ones share what it loaded", async () => {
  const start = vi.fn(() => Promise.resolve<LoadedReranker>(new WordReranker()));
  const lazy = lazyReranker(start);
  expect(lazy.model).toBeUndefined();
  expect(start).not.toHaveBeenCalled();
  await Promise.all([lazy.rerank("가", ["가"]), lazy.rerank("나", ["나"]), lazy.load()]);
  expect(start).toHaveBeenCalledTimes(1);
  expect(lazy.model?.id).toBe("words-1");
});

test("load() loads before a call needs it", async () => {
  const start = vi.fn(() => Promise.resolve<LoadedReranker>(new WordReranker()));
  expect((await lazyReranker(start).load()).id).toBe("words-1");
  expect(start).toHaveBeenCalledTimes(1);
});

test("a failed load is told and tried again", async () => {
  const refused = new RerankError("consent-needed", "The model is too large.");
  const start = vi
    .fn<() => Promise<LoadedReranker>>()
    .mockRejectedValueOnce(refused)
    .mockResolvedValue(new WordReranker());
  const lazy = lazyReranker(start);
  await expect(lazy.rerank("가", ["가"])).rejects.toBe(refused);
  expect(await lazy.rerank("가", ["가"])).toHaveLength(1);
});

test("a signal ends the wait of its own call alone", async () => {
  let finish: (reranker: LoadedReranker) => void = () => undefined;
  const lazy = lazyReranker(
    () =>
      new Promise((resolve) => {
        finish = resolve;
      }),
  );
  const controller = new AbortController();
  const left = expect(lazy.rerank("가", ["가"], { signal: controller.signal })).rejects.toMatchObject({
    code: "aborted",
  });
  const stayed = lazy.rerank("가", ["가"], { signal: new AbortController().signal });
  controller.abort();
  await left;
  finish(new WordReranker());
  expect(await stayed).toHaveLength(1);
});

test("a cancelled call loads nothing", async () => {
  const start = vi.fn(() => Promise.resolve<LoadedReranker>(new WordReranker()));
  await expect(lazyReranker(start).rerank("가", ["가"], { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "aborted",
  });
  expect(start).not.toHaveBeenCalled();
});

test("dispose lets go of what is loaded or loading, and a later call loads again", async () => {
  const started: WordReranker[] = [];
  const lazy = lazyReranker(() => {
    const reranker = new WordReranker();
    started.push(reranker);
    return Promise.resolve(reranker);
  });
  await lazy.dispose();
  expect(started).toEqual([]);
  const loading = lazy.load();
  await lazy.dispose();
  await loading;
  expect(started[0]?.isDisposed).toBe(true);
  expect(lazy.model).toBeUndefined();
  expect(await lazy.rerank("가", ["가"])).toHaveLength(1);
  expect(started).toHaveLength(2);
});

test("dispose after a failed load is quiet", async () => {
  const lazy = lazyReranker(() => Promise.reject(new RerankError("model-download", "No network.")));
  const loading = expect(lazy.load()).rejects.toMatchObject({ code: "model-download" });
  await lazy.dispose();
  await loading;
});
