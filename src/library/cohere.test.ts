import { describe, expect, it } from "vitest";
import { RerankError } from "../core/errors.ts";
import type { LoadedModel } from "../core/protocol.ts";
import { cohereResponse, readCohereRequest, type RerankRequest } from "./cohere.ts";

const DOCUMENTS = ["하나", { text: "둘", id: "b" }] as const;

describe("readCohereRequest", () => {
  it.each<[string, Partial<RerankRequest>]>([
    ["Cohere's names", { top_n: 1, return_documents: true, max_tokens_per_doc: 64 }],
    ["camel case", { topN: 1, returnDocuments: true, maxTokensPerDoc: 64 }],
  ])("takes %s", (_, names) => {
    expect(readCohereRequest({ query: "질문", documents: DOCUMENTS, ...names })).toEqual({
      query: "질문",
      documents: [{ text: "하나" }, { text: "둘", id: "b" }],
      load: {},
      options: { topN: 1, maxTokensPerDoc: 64 },
      returnDocuments: true,
    });
  });

  it("refuses what is no request, by name", () => {
    const wrong = { query: "질문", documents: "하나" } as unknown as RerankRequest;
    expect(() => readCohereRequest(wrong)).toThrow(RerankError);
    expect(() => readCohereRequest(wrong)).toThrow("documents an array");
  });
});

describe("cohereResponse", () => {
  const ranked = [
    { index: 1, rank: 1, relevanceScore: 0.9, logit: 2.2, orderScore: 4, truncated: false },
    { index: 0, rank: 2, relevanceScore: 0.1, logit: -2.2, orderScore: 1, truncated: true },
  ];
  const model = { id: "sunwi-mini", device: "wasm", variant: "wasm" } as LoadedModel;
  const documents = [{ text: "하나" }, { text: "둘", id: "b" }];

  it("has Cohere's names, best first, and documents only where they were asked for", () => {
    const response = cohereResponse(ranked, { documents, returnDocuments: false, model, ms: 5 });
    expect(response.results).toEqual([
      { index: 1, relevance_score: 0.9, order_score: 4, logit: 2.2, truncated: false },
      { index: 0, relevance_score: 0.1, order_score: 1, logit: -2.2, truncated: true },
    ]);
    expect(response.id).toMatch(/^[0-9a-f]{32}$/);
    expect(response.meta).toMatchObject({ model: "sunwi-mini", device: "wasm", elapsed_ms: 5 });
    const full = cohereResponse(ranked, { documents, returnDocuments: true, model, ms: 5 });
    expect(full.results[0]?.document).toEqual({ text: "둘", id: "b" });
  });
});
