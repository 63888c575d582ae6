import { describe, expect, it, vi } from "vitest";
import { KeptStorage, MODEL_URL, stage, storedPackage, ToldLocks } from "./testing/stage.ts";

const LARGE = { name: "Large", url: MODEL_URL };
const openPage = (storage: Storage, locks: ToldLocks, pageId: string, packages = [storedPackage()]) =>
  stage(undefined, { storage, locks: locks.api, pageId }, packages);

describe("ModelController", () => {
  it("takes up the last visit's model where it is on this device", async () => {
    const [storage, locks] = [new KeptStorage(), new ToldLocks()];
    const first = await openPage(storage, locks, "a");
    first.app.models.select(LARGE);
    first.app.sentinel.suspend();
    const second = await openPage(storage, locks, "b");
    second.app.models.start();
    await vi.waitFor(() => {
      expect(second.app.models.choice.value).toEqual(LARGE);
    });
    expect(second.current().request.modelUrl).toBe(MODEL_URL);
    expect(second.app.models.fallback.value).toBeUndefined();
  });

  it("goes on with the embedded one, and says so, where a file is missing", async () => {
    const [storage, locks] = [new KeptStorage(), new ToldLocks()];
    (await openPage(storage, locks, "a")).app.models.select(LARGE);
    const { app } = await openPage(storage, locks, "b", [storedPackage(MODEL_URL, 199)]);
    app.models.start();
    await vi.waitFor(() => {
      expect(app.models.fallback.value).toEqual({ reason: "not-on-device", choice: LARGE });
    });
    expect(app.models.choice.value).toEqual(app.models.embedded);
  });

  it("does not load by itself what a tab died of, but on the user's word", async () => {
    const [storage, locks] = [new KeptStorage(), new ToldLocks()];
    const first = await openPage(storage, locks, "a");
    first.app.models.select(LARGE);
    await vi.waitFor(() => {
      expect(locks.held.size).toBe(1);
    });
    locks.crash("a");
    const second = await openPage(storage, locks, "b");
    second.app.models.start();
    await vi.waitFor(() => {
      expect(second.app.models.fallback.value).toEqual({ reason: "tab-lost", choice: LARGE });
    });
    expect(second.app.models.choice.value).toEqual(second.app.models.embedded);
    second.app.models.select(LARGE);
    expect(second.app.models.choice.value).toEqual(LARGE);
    expect(second.app.models.fallback.value).toBeUndefined();
  });

  it("lets the user's choice win over the last visit's", async () => {
    const [storage, locks] = [new KeptStorage(), new ToldLocks()];
    (await openPage(storage, locks, "a")).app.models.select(LARGE);
    const { app } = await openPage(storage, locks, "b");
    app.models.start();
    app.models.select(app.models.embedded);
    await new Promise((resolve) => setTimeout(resolve));
    expect(app.models.choice.value).toEqual(app.models.embedded);
  });

  it("takes the embedded model on a device for which the other would have to be downloaded", async () => {
    const wide = storedPackage();
    const gpu = { id: "webgpu", device: "webgpu", precision: "4-bit", bytes: 100, storedBytes: 0 } as const;
    const { app } = await stage(undefined, {}, [{ ...wide, variants: [gpu, ...wide.variants] }]);
    app.models.select(LARGE);
    await app.models.selectDevice("webgpu");
    expect(app.models.choice.value).toEqual(app.models.embedded);
    expect(app.models.fallback.value).toEqual({ reason: "not-on-device", choice: LARGE });
  });
});
