import { describe, expect, it } from "vitest";
import { abortReason, fromWireResult, RerankError, throwIfAborted, toWireResult } from "./errors.ts";

describe("errors that cross a thread", () => {
  it("keep class, code, message, details and stack through structured clone", async () => {
    const original = new RerankError("device-lost", "gone", { details: { reason: "destroyed" } });
    const wired = structuredClone(await toWireResult(() => Promise.reject(original), "inference"));
    const rebuilt = catchError(() => fromWireResult(wired));
    expect(rebuilt).toBeInstanceOf(RerankError);
    expect(rebuilt).toMatchObject({ code: "device-lost", message: "gone", details: { reason: "destroyed" } });
    expect((rebuilt as Error).stack).toBe(original.stack);
  });

  it("give foreign errors the fallback code, and cancellations theirs", async () => {
    const foreign = await toWireResult(() => Promise.reject(new TypeError("no")), "inference");
    expect(foreign).toMatchObject({ ok: false, error: { code: "inference", message: "no" } });
    const abort = await toWireResult(() => Promise.reject(new DOMException("stop", "AbortError")), "inference");
    expect(abort).toMatchObject({ ok: false, error: { code: "aborted" } });
  });

  it("leave values alone", async () => {
    expect(fromWireResult(await toWireResult(() => Promise.resolve(7), "inference"))).toBe(7);
  });
});

describe("throwIfAborted", () => {
  it("throws the signal's own reason where that is a RerankError", () => {
    const superseded = new RerankError("superseded", "newer");
    expect(abortReason(AbortSignal.abort(superseded))).toBe(superseded);
    expect(() => {
      throwIfAborted(AbortSignal.abort());
    }).toThrow(expect.objectContaining({ code: "aborted" }) as Error);
    expect(() => {
      throwIfAborted(undefined);
    }).not.toThrow();
    expect(() => {
      throwIfAborted(new AbortController().signal);
    }).not.toThrow();
  });
});

function catchError(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
