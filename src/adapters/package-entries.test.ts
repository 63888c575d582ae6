/** The package's entries, as far as a page is not needed. */
import { Document } from "@langchain/core/documents";
import { TextNode } from "@llamaindex/core/schema";
import { rerank } from "ai";
import { expect, test } from "vitest";
import { createRerankingModel } from "../package/ai-sdk.ts";
import { createDocumentCompressor } from "../package/langchain.ts";
import { createNodePostprocessor } from "../package/llamaindex.ts";

test("nothing is loaded without a need", async () => {
  const model = createRerankingModel();
  expect(model).toMatchObject({ specificationVersion: "v3", provider: "sunwi", modelId: "sunwi-mini" });
  expect(createRerankingModel({ model: "/models/large/" }).modelId).toBe("/models/large/");
  expect((await rerank({ model, query: "질의", documents: [] })).ranking).toEqual([]);
  expect(await createDocumentCompressor().compressDocuments([], "질의")).toEqual([]);
  expect(await createNodePostprocessor().postprocessNodes([], "질의")).toEqual([]);
  await model.dispose();
});

test("a call that needs the model loads it, which fails where there are no workers", async () => {
  const model = createRerankingModel({ maxDownloadBytes: 1 });
  await expect(rerank({ model, query: "질의", documents: ["문서"] })).rejects.toThrow(/worker/i);
  await expect(model.load()).rejects.toThrow(/worker/i);
  const documents = [new Document({ pageContent: "문서" })];
  await expect(createDocumentCompressor().compressDocuments(documents, "질의")).rejects.toThrow(/worker/i);
  const nodes = [{ node: new TextNode({ text: "문서" }) }];
  await expect(createNodePostprocessor().postprocessNodes(nodes, "질의")).rejects.toThrow(/worker/i);
});
