import { afterEach, describe, expect, it, vi } from "vitest";
import { RerankError } from "../core/errors.ts";
import { endpointOf, endpointUrl, isLoopback } from "./endpoint.ts";

function failure(body: () => unknown): RerankError {
  try {
    body();
  } catch (error) {
    if (error instanceof RerankError) return error;
  }
  return expect.fail("It should have failed.");
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("an address", () => {
  it.each([
    ["cohere", "", "https://api.cohere.com/v2/rerank"],
    ["cohere", "https://proxy.test/cohere", "https://proxy.test/cohere"],
    ["tei", "http://localhost:8080", "http://localhost:8080/rerank"],
    ["tei", " https://tei.test/ ", "https://tei.test/rerank"],
    ["sagemaker", "https://gateway.test/prod?stage=1#x", "https://gateway.test/prod?stage=1"],
  ] as const)("%s %s", (kind, typed, url) => {
    expect(endpointUrl(kind, typed).href).toBe(url);
  });

  it.each(["ftp://a.test", "a.test/rerank", "javascript:alert(1)", "https://user:hunter2@a.test/", "https://"])(
    "%s is refused, and not repeated",
    (url) => {
      const error = failure(() => endpointOf({ kind: "tei", url }));
      expect(error).toMatchObject({ code: "invalid-input", details: { reason: "remote-address" } });
      expect(error.message).not.toContain("hunter2");
    },
  );

  it("is needed where the service has none of its own", () => {
    expect(failure(() => endpointOf({ kind: "sagemaker" }))).toMatchObject({ details: { reason: "remote-address" } });
  });

  it.each(["localhost", "tei.localhost", "127.0.0.1", "127.1.2.3", "[::1]"])("%s is this device", (name) => {
    expect(isLoopback(name)).toBe(true);
  });

  it.each(["localhost.evil.test", "127.0.0.1.evil.test", "10.0.0.1", "notlocalhost"])("%s is not", (name) => {
    expect(isLoopback(name)).toBe(false);
  });
});

describe("a key", () => {
  it.each([{ key: "k" }, { headers: { "x-key": "k" } }])("does not travel over plain http: %j", (secret) => {
    const error = failure(() => endpointOf({ kind: "tei", url: "http://tei.test/rerank", ...secret }));
    expect(error).toMatchObject({ code: "remote-insecure", details: { host: "tei.test" } });
  });

  it("may, on this device; and nothing keeps texts from it without one", () => {
    expect(endpointOf({ kind: "tei", url: "http://127.0.0.1:1/", key: "k" }).headers.get("authorization")).toBe(
      "Bearer k",
    );
    expect(endpointOf({ kind: "tei", url: "http://tei.test/" }).headers.has("authorization")).toBe(false);
  });

  it.each(["line\nend", "한글"])("that no header can carry is refused, and not repeated", (key) => {
    const error = failure(() => endpointOf({ kind: "tei", key }));
    expect(error).toMatchObject({ code: "invalid-input", details: { reason: "remote-headers" } });
    expect(JSON.stringify([error.message, error.stack])).not.toContain(key);
  });
});

it("needs a model where the service has several", () => {
  expect(failure(() => endpointOf({ kind: "voyage", model: " " }))).toMatchObject({
    details: { reason: "remote-model" },
  });
});

it("knows what browsers let no page of https do", () => {
  vi.stubGlobal("location", { protocol: "https:" });
  expect(failure(() => endpointOf({ kind: "tei", url: "http://tei.test/" }))).toMatchObject({
    code: "remote-insecure",
    details: { reason: "mixed" },
  });
  expect(endpointOf({ kind: "tei" }).url.host).toBe("localhost:8080");
});
