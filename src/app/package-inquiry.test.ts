import { afterEach, describe, expect, it, vi } from "vitest";
import { stage } from "./testing/stage.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Answers each URL with what `statusOf` says, and an empty object. */
function stubFetch(statusOf: (url: string) => number): string[] {
  const fetched: string[] = [];
  vi.stubGlobal("fetch", (url: string) => {
    fetched.push(url);
    return Promise.resolve(new Response("{}", { status: statusOf(url) }));
  });
  return fetched;
}

describe("PackageInquiry", () => {
  it("downloads nothing but the manifest before the user agrees", async () => {
    const { app, rerankers, store } = await stage();
    const fetched = stubFetch(() => 200);
    await app.inquiry.ask("./models/other");
    expect(fetched).toEqual(["https://page.test/models/other/manifest.json"]);
    expect(app.inquiry.state.value).toMatchObject({ type: "refused", error: { code: "model-invalid" } });
    await app.inquiry.ask("javascript:alert(1)");
    expect(app.inquiry.state.value).toMatchObject({ type: "refused", error: { details: { reason: "address" } } });
    await app.inquiry.accept(true);
    expect(rerankers).toHaveLength(1);
    expect(store.jobs).toEqual([]);
  });

  it("says of a repository with a checkpoint that it must be compiled, and how", async () => {
    const { app } = await stage();
    stubFetch((url) => (/manifest\.json|index\.json/.test(url) ? 404 : 200));
    await app.inquiry.ask("owner/name");
    expect(app.inquiry.state.value).toMatchObject({
      type: "refused",
      error: { details: { reason: "checkpoint", command: "npm run compile-model -- owner/name --out DIR" } },
    });
  });

  it.each([
    [404, "repository-empty"],
    [401, "repository-closed"],
    [403, "repository-closed"],
  ])("tells what HTTP %i of the hub means", async (status, reason) => {
    const { app } = await stage();
    stubFetch(() => status);
    await app.inquiry.ask("owner/name");
    expect(app.inquiry.state.value).toMatchObject({ type: "refused", error: { details: { reason } } });
  });
});
