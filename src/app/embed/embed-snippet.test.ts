import { describe, expect, it } from "vitest";
import { embedAttributes, embedSnippet, STANDARD_EMBED } from "./embed-snippet.ts";

describe("embedSnippet", () => {
  it("says no more than it must", () => {
    expect(embedSnippet(STANDARD_EMBED)).toBe(
      '<script type="module" src="/sunwi/element.js"></script>\n' +
        '<sunwi-rerank for="#results" query-from="#search"></sunwi-rerank>\n',
    );
  });

  it("carries what was measured, and what was typed as text", () => {
    const snippet = embedSnippet({
      ...STANDARD_EMBED,
      list: 'ol[data-x="<1>"]',
      modelUrl: "https://models.test/large/",
      device: "webgpu",
      top: 10,
      budgetMs: 400,
      blend: "none",
      consentMb: 20,
      showsRank: true,
    });
    expect(snippet).toContain(
      'for="ol[data-x=&quot;&lt;1>&quot;]" query-from="#search" model="https://models.test/large/" device="webgpu" top="10" budget="400" blend="none" consent="20MB" show-rank>',
    );
  });

  it("names only attributes that the element reads", async () => {
    const { ATTRIBUTES } = await import("../../widget/settings.ts");
    const all = embedAttributes({
      ...STANDARD_EMBED,
      items: "li",
      text: "p",
      modelUrl: "x",
      device: "wasm",
      top: 3,
      budgetMs: 5,
      blend: "none",
      consentMb: 1,
      appliesLate: true,
      showsRank: true,
    });
    expect(all).toHaveLength(12);
    for (const [name] of all) expect(ATTRIBUTES).toContain(name);
  });
});
