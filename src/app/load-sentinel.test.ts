import { describe, expect, it } from "vitest";
import { LoadSentinel } from "./load-sentinel.ts";
import { KeptStorage, MODEL_URL, ToldLocks } from "./testing/stage.ts";

function browser() {
  const storage = new KeptStorage();
  const locks = new ToldLocks();
  const open = (pageId: string): LoadSentinel => new LoadSentinel({ storage, locks: locks.api, pageId });
  return { storage, locks, open };
}

describe("LoadSentinel", () => {
  it("tells of a tab that died with the model, until that is forgiven", async () => {
    const { locks, open } = browser();
    await open("a").guard(MODEL_URL);
    locks.crash("a");
    const next = open("b");
    expect(await next.hasLostTab(MODEL_URL)).toBe(true);
    expect(await next.hasLostTab("https://models.test/other/")).toBe(false);
    expect(await open("c").hasLostTab(MODEL_URL)).toBe(true);
    next.forgive(MODEL_URL);
    expect(await open("d").hasLostTab(MODEL_URL)).toBe(false);
  });

  it("is not alarmed by a tab that lives", async () => {
    const { open } = browser();
    await open("a").guard(MODEL_URL);
    expect(await open("b").hasLostTab(MODEL_URL)).toBe(false);
  });

  it("is not alarmed by one that gave the model up, was put away, or ended", async () => {
    const { storage, locks, open } = browser();
    const [a, b] = [open("a"), open("b")];
    await a.guard(MODEL_URL);
    a.release();
    await b.guard(MODEL_URL);
    b.suspend();
    locks.crash("a");
    locks.crash("b");
    expect(storage.length).toBe(0);
    expect(await open("c").hasLostTab(MODEL_URL)).toBe(false);
  });

  it("watches again when the page is back", async () => {
    const { locks, open } = browser();
    const page = open("a");
    await page.guard(MODEL_URL);
    page.suspend();
    await page.resume();
    locks.crash("a");
    expect(await open("b").hasLostTab(MODEL_URL)).toBe(true);
  });

  it("forgives others without taking back its own watch", async () => {
    const { locks, open } = browser();
    const page = open("a");
    await page.guard(MODEL_URL);
    page.forgive(MODEL_URL);
    locks.crash("a");
    expect(await open("b").hasLostTab(MODEL_URL)).toBe(true);
  });

  it("stays silent where there are no locks", async () => {
    const { storage } = browser();
    const sentinel = new LoadSentinel({ storage, locks: undefined, pageId: "a" });
    await sentinel.guard(MODEL_URL);
    expect(storage.length).toBe(0);
    expect(await sentinel.hasLostTab(MODEL_URL)).toBe(false);
  });
});
