import { afterEach, describe, expect, it, vi } from "vitest";
import { RerankError } from "../../src/core/errors.ts";
import { pauseMs, retryAfterMs, sleep } from "./retry.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("pauseMs", () => {
  it("doubles with each failure, and spreads over the upper half", () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    expect([1, 2, 3].map((failures) => pauseMs(500, failures))).toEqual([500, 1000, 2000]);
    vi.spyOn(Math, "random").mockReturnValue(0);
    expect([1, 2, 3].map((failures) => pauseMs(500, failures))).toEqual([250, 500, 1000]);
  });

  it("is no shorter than the server asks for, and never longer than a minute", () => {
    expect(pauseMs(500, 1, 7000)).toBe(7000);
    expect(pauseMs(500, 1, 3_600_000)).toBe(60_000);
    expect(pauseMs(500, 20)).toBe(60_000);
  });
});

it("reads Retry-After in seconds and as a date", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(retryAfterMs("3", now)).toBe(3000);
  expect(retryAfterMs("Thu, 01 Jan 2026 00:00:10 GMT", now)).toBe(10_000);
  expect(retryAfterMs("Wed, 31 Dec 2025 00:00:00 GMT", now)).toBe(0);
  expect(retryAfterMs("soon", now)).toBe(0);
  expect(retryAfterMs(null, now)).toBe(0);
});

describe("sleep", () => {
  it("ends with its signal", async () => {
    const controller = new AbortController();
    const sleeping = sleep(3_600_000, controller.signal);
    controller.abort();
    await expect(sleeping).rejects.toBeInstanceOf(RerankError);
  });

  it("does not begin after its signal", async () => {
    await expect(sleep(0, AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
  });
});
