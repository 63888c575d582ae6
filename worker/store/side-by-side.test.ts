import { expect, it } from "vitest";
import { sideBySide } from "./side-by-side.ts";

const tick = () => new Promise((resolve) => setTimeout(resolve));

it("answers in the order of the items, and never runs more than the limit", async () => {
  let running = 0;
  let most = 0;
  const results = await sideBySide([5, 4, 3, 2, 1], 2, undefined, async (item) => {
    running += 1;
    most = Math.max(most, running);
    for (let i = 0; i < item; i++) await tick();
    running -= 1;
    return item * 10;
  });
  expect(results).toEqual([50, 40, 30, 20, 10]);
  expect(most).toBe(2);
});

it("aborts the others after a failure, waits for them, and starts no more", async () => {
  const started: string[] = [];
  let hasEnded = false;
  const failing = sideBySide(["slow", "broken", "never"], 2, undefined, async (item, signal) => {
    started.push(item);
    if (item === "broken") throw new Error("broken");
    while (!signal.aborted) await tick();
    await tick();
    hasEnded = true;
  });
  await expect(failing).rejects.toThrow("broken");
  expect(started).toEqual(["slow", "broken"]);
  expect(hasEnded).toBe(true);
});

it("passes an outer abort on", async () => {
  const outer = new AbortController();
  const running = sideBySide([1], 1, outer.signal, async (_, signal) => {
    while (!signal.aborted) await tick();
    throw new Error("stopped");
  });
  outer.abort();
  await expect(running).rejects.toThrow("stopped");
});
