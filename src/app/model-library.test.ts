import { describe, expect, it, vi } from "vitest";
import { RerankError } from "../core/errors.ts";
import { KeptStorage, MODEL_URL, stage, storedPackage } from "./testing/stage.ts";

const LARGE = { name: "Large", url: MODEL_URL };
const DESCRIPTION = {
  ...LARGE,
  licence: "MIT",
  source: "owner/large",
  parameters: 1000,
  variants: [{ id: "wasm", device: "wasm" as const, precision: "8-bit", bytes: 200 }],
};
const progress = (transferredBytes: number) => ({
  totalBytes: 200,
  storedBytes: 0,
  transferredBytes,
  isWaiting: false,
});

describe("ModelLibrary", () => {
  it("downloads while the model in use stays, and then offers the new one", async () => {
    let nowMs = 0;
    const { app, store } = await stage(undefined, { now: () => nowMs });
    await app.library.refresh();
    app.library.add(DESCRIPTION);
    const done = app.library.download(LARGE);
    for (const bytes of [0, 50, 100]) {
      store.jobs[0]?.tell(progress(bytes));
      nowMs += 1000;
    }
    expect(app.library.transfers.value.get(MODEL_URL)).toEqual({
      type: "running",
      progress: progress(100),
      bytesPerSecond: 50,
    });
    expect(app.library.usable.map(({ url }) => url)).toEqual([app.models.embedded.url]);
    store.jobs[0]?.finish(storedPackage());
    await done;
    expect(app.library.transfers.value.size).toBe(0);
    expect(app.library.usable.map(({ url }) => url)).toEqual([app.models.embedded.url, MODEL_URL]);
    expect(app.library.news.value).toEqual({ type: "downloaded", name: "Large" });
    expect(app.models.choice.value).toEqual(app.models.embedded);
  });

  it("pauses without an error, and goes on where it stopped", async () => {
    const { app, store } = await stage();
    const done = app.library.download(LARGE);
    store.packages = [storedPackage(MODEL_URL, 80)];
    app.library.pause(MODEL_URL);
    await done;
    expect(app.library.transfers.value.size).toBe(0);
    expect(app.library.listed[1]?.stored?.storedBytes).toBe(80);
    const again = app.library.download(LARGE);
    store.jobs[1]?.finish(storedPackage());
    await again;
    expect(app.library.news.value?.type).toBe("downloaded");
  });

  it("keeps what went wrong, until the next attempt", async () => {
    const { app, store } = await stage();
    const done = app.library.download(LARGE);
    store.jobs[0]?.fail(new RerankError("storage-full", ""));
    await done;
    expect(app.library.transfers.value.get(MODEL_URL)).toMatchObject({ error: { code: "storage-full" } });
    void app.library.download(LARGE);
    expect(app.library.transfers.value.get(MODEL_URL)).toEqual({ type: "running" });
  });

  it("puts the embedded model in a deleted one's place, and keeps the deleted one on the list", async () => {
    const { app, rerankers } = await stage(undefined, {}, [storedPackage()]);
    await app.library.refresh();
    const [, large] = app.library.listed;
    app.models.select(LARGE);
    if (large === undefined) expect.fail("not listed");
    await app.library.remove(large);
    expect(app.models.choice.value).toEqual(app.models.embedded);
    expect(rerankers.map(({ isDisposed }) => isDisposed)).toEqual([true, true, false]);
    expect(app.library.listed[1]).toEqual({ choice: LARGE, isEmbedded: false, description: DESCRIPTION });
    app.library.forget(LARGE);
    expect(app.library.listed).toHaveLength(1);
  });

  it("forgets an imported one that is deleted, for nothing could bring it back", async () => {
    const { app } = await stage(undefined, {}, [storedPackage("local:large/")]);
    await app.library.refresh();
    const [, imported] = app.library.listed;
    if (imported === undefined) expect.fail("not listed");
    await app.library.remove(imported);
    expect(app.library.listed).toHaveLength(1);
  });

  it("remembers added models beyond the visit, and survives rubbish in the storage", async () => {
    const storage = new KeptStorage();
    (await stage(undefined, { storage })).app.library.add(DESCRIPTION);
    const kept: unknown[] = JSON.parse(storage.getItem("sunwi.added-models") ?? "") as unknown[];
    storage.setItem("sunwi.added-models", JSON.stringify([{ url: 3 }, ...kept]));
    const { app } = await stage(undefined, { storage });
    expect(app.library.listed.map(({ choice }) => choice.url)).toEqual([app.models.embedded.url, MODEL_URL]);
  });

  it("takes a folder in, and says what is wrong with one", async () => {
    const { app, store } = await stage();
    const handed = (...paths: string[]) => ({
      name: "dropped",
      files: paths.map((path) => ({ path, file: new File([], path) })),
    });
    await app.library.importFolder(handed("dropped/readme.txt"));
    expect(app.library.intake.value).toMatchObject({
      transfer: { type: "failed", error: { details: { reason: "no-manifest" } } },
    });
    const done = app.library.importFolder(handed("dropped/manifest.json", "dropped/wasm.bin"));
    expect(store.jobs[0]?.files.map(({ path }) => path)).toEqual(["manifest.json", "wasm.bin"]);
    store.jobs[0]?.finish(storedPackage("local:large/"));
    await done;
    expect(app.library.intake.value).toEqual({ type: "none" });
    expect(app.library.news.value).toEqual({ type: "imported", name: "Large" });
    void app.library.importFolder(handed("dropped/manifest.json"));
    app.library.cancelImport();
    await vi.waitFor(() => {
      expect(app.library.intake.value).toEqual({ type: "none" });
    });
  });
});
