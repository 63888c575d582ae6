// Importing on a server does nothing, and a call says why it cannot.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const before = [Reflect.ownKeys(globalThis), process.getActiveResourcesInfo()];
const { rerank, loadReranker, RerankError } = await import("sunwi");
const { createRerankingModel } = await import("sunwi/ai-sdk");
const { createDocumentCompressor } = await import("sunwi/langchain");
const { createNodePostprocessor } = await import("sunwi/llamaindex");
assert.deepEqual([Reflect.ownKeys(globalThis), process.getActiveResourcesInfo()], before);
for (const create of [rerank, loadReranker, createRerankingModel, createDocumentCompressor, createNodePostprocessor]) {
  assert.equal(typeof create, "function");
}
await assert.rejects(rerank({ query: "환불", documents: ["환불"] }), RerankError);
// Node has been able to since 20.19.
assert.equal(createRequire(import.meta.url)("sunwi").rerank, rerank);
