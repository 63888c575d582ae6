import { describe, expect, it, vi } from "vitest";
import { stage } from "./testing/stage.ts";

describe("PackageInquiry", () => {
  it("downloads nothing but the manifest before the user agrees", async () => {
    const { app, rerankers } = await stage();
    const fetched: string[] = [];
    vi.stubGlobal("fetch", (url: string) => {
      fetched.push(url);
      return Promise.resolve(new Response("{}"));
    });
    try {
      app.inquiry.open();
      await app.inquiry.ask("models/other");
      expect(fetched).toEqual(["https://page.test/models/other/manifest.json"]);
      expect(app.inquiry.state.value).toMatchObject({ type: "refused", error: { code: "model-invalid" } });
      await app.inquiry.ask("javascript:alert(1)");
      expect(app.inquiry.state.value).toMatchObject({ type: "refused", error: { details: { reason: "address" } } });
      app.inquiry.accept();
      expect(rerankers).toHaveLength(1);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
