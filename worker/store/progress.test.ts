import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { DownloadProgress } from "../../src/core/protocol.ts";
import { ProgressSum } from "./progress.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function collect(): { readonly sum: ProgressSum; readonly told: DownloadProgress[] } {
  const told: DownloadProgress[] = [];
  return { sum: new ProgressSum(100, (progress) => told.push(progress)), told };
}

it("adds files up, and tells ten times a second at most", () => {
  const { sum, told } = collect();
  for (let bytes = 1; bytes <= 40; bytes++) {
    sum.update("a", { storedBytes: 10, transferredBytes: bytes });
    sum.update("b", { transferredBytes: bytes });
    vi.advanceTimersByTime(10);
  }
  expect(told.length).toBeGreaterThanOrEqual(4);
  expect(told.length).toBeLessThanOrEqual(5);
  expect(told[0]).toEqual({ totalBytes: 100, storedBytes: 10, transferredBytes: 1, isWaiting: false });
});

it("tells the last change also where nothing follows", () => {
  const { sum, told } = collect();
  sum.update("a", { transferredBytes: 1 });
  sum.update("a", { transferredBytes: 2 });
  expect(told).toHaveLength(1);
  vi.advanceTimersByTime(100);
  expect(told.at(-1)?.transferredBytes).toBe(2);
});

it("tells at once that it waits, and how it ended, and nothing after that", async () => {
  const { sum, told } = collect();
  await sum.over(() => {
    sum.update("a", { transferredBytes: 1 });
    sum.update("b", { isWaiting: true });
    expect(told.at(-1)?.isWaiting).toBe(true);
    sum.update("b", { isWaiting: false, storedBytes: 99 });
    return Promise.resolve();
  });
  expect(told.at(-1)).toEqual({ totalBytes: 100, storedBytes: 99, transferredBytes: 1, isWaiting: false });
  const count = told.length;
  vi.advanceTimersByTime(1000);
  expect(told).toHaveLength(count);
});
