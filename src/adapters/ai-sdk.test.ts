import { rerank } from "ai";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRerankingModel } from "./ai-sdk.ts";
import { WordReranker } from "./testing/word-reranker.ts";

const QUERY = "환불 기한";
const DOCUMENTS = ["배송은 이틀 걸립니다.", "환불은 고객 센터에서 합니다.", "환불 기한은 7일입니다."];
const logged = vi.fn();

beforeEach(() => {
  logged.mockReset();
  vi.stubGlobal("AI_SDK_LOG_WARNINGS", logged);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test("the SDK's rerank returns documents and ranking in the model's order", async () => {
  const result = await rerank({ model: createRerankingModel(new WordReranker()), query: QUERY, documents: DOCUMENTS });
  expect(result.originalDocuments).toEqual(DOCUMENTS);
  expect(result.rerankedDocuments).toEqual([DOCUMENTS[2], DOCUMENTS[1], DOCUMENTS[0]]);
  expect(result.ranking.map(({ originalIndex }) => originalIndex)).toEqual([2, 1, 0]);
  expect(result.ranking[0]?.score).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
  expect(result.response.modelId).toBe("words-1");
  expect(result.response.timestamp).toBeInstanceOf(Date);
  expect(result.providerMetadata).toEqual({ sunwi: { logits: [2, 1, 0], truncated: [false, false, false] } });
  expect(logged).not.toHaveBeenCalled();
});

test("topN keeps the best, and is left out where it was not given", async () => {
  const reranker = new WordReranker();
  const model = createRerankingModel(reranker, { maxTokensPerDoc: 64 });
  const { rerankedDocuments } = await rerank({ model, query: QUERY, documents: DOCUMENTS, topN: 1 });
  expect(rerankedDocuments).toEqual([DOCUMENTS[2]]);
  await rerank({ model, query: QUERY, documents: DOCUMENTS });
  expect(reranker.calls.map(({ options }) => options)).toEqual([
    { topN: 1, maxTokensPerDoc: 64 },
    { maxTokensPerDoc: 64 },
  ]);
});

test("documents without end are told apart in the metadata", async () => {
  const model = createRerankingModel(new WordReranker());
  const { providerMetadata } = await rerank({ model, query: QUERY, documents: ["a".repeat(200), "환불"] });
  expect(providerMetadata?.["sunwi"]?.["truncated"]).toEqual([false, true]);
});

test("blending with the order of the documents", async () => {
  const model = createRerankingModel(new WordReranker(), { blend: "order" });
  const { ranking } = await rerank({ model, query: QUERY, documents: DOCUMENTS });
  expect(ranking.map(({ originalIndex }) => originalIndex)).toEqual([0, 1, 2]);
});

test("objects are read as JSON, with a warning", async () => {
  const reranker = new WordReranker();
  const documents = [
    { title: "배송", days: 2 },
    { title: "환불 기한", days: 7 },
  ];
  const result = await rerank({ model: createRerankingModel(reranker), query: QUERY, documents });
  expect(result.rerankedDocuments).toEqual([documents[1], documents[0]]);
  expect(reranker.calls[0]?.documents).toEqual([
    { text: '{"title":"배송","days":2}' },
    { text: '{"title":"환불 기한","days":7}' },
  ]);
  expect(logged).toHaveBeenCalledWith(
    expect.objectContaining({
      warnings: [expect.objectContaining({ type: "compatibility", feature: "object documents" })],
    }),
  );
});

test("objects are read by the field that was chosen, without a warning", async () => {
  const reranker = new WordReranker();
  const model = createRerankingModel(reranker, { textField: "body" });
  await rerank({ model, query: QUERY, documents: [{ title: "환불 기한", body: "7일" }] });
  expect(reranker.calls[0]?.documents).toEqual([{ text: "7일" }]);
  expect(logged).not.toHaveBeenCalled();
  await expect(rerank({ model, query: QUERY, documents: [{ body: "7일" }, { title: "없음" }] })).rejects.toMatchObject({
    code: "invalid-input",
    message: 'Nothing was reranked: the field "body" of document 1 is not a string.',
  });
});

test("what a model in the page cannot follow is warned of", async () => {
  await rerank({
    model: createRerankingModel(new WordReranker()),
    query: QUERY,
    documents: DOCUMENTS,
    headers: { "X-Trace": "1" },
    providerOptions: { sunwi: { topK: 3 }, cohere: { priority: 1 } },
  });
  expect(logged).toHaveBeenCalledWith(
    expect.objectContaining({
      warnings: [
        expect.objectContaining({ type: "unsupported", feature: "headers" }),
        expect.objectContaining({ type: "unsupported", feature: "providerOptions.sunwi" }),
      ],
    }),
  );
});

test("an abort ends the call with the signal's own reason, before it and amid it", async () => {
  const reranker = new WordReranker();
  reranker.waits = true;
  const model = createRerankingModel(reranker);
  const controller = new AbortController();
  const running = rerank({ model, query: QUERY, documents: DOCUMENTS, abortSignal: controller.signal });
  const outcome = expect(running).rejects.toMatchObject({ name: "AbortError" });
  await vi.waitUntil(() => reranker.calls.length === 1);
  controller.abort();
  await outcome;
  expect(reranker.calls[0]?.options.signal).toBe(controller.signal);
  await expect(
    rerank({ model, query: QUERY, documents: DOCUMENTS, abortSignal: controller.signal }),
  ).rejects.toMatchObject({ name: "AbortError" });
  expect(reranker.calls).toHaveLength(1);
});

test("no documents, no call", async () => {
  const reranker = new WordReranker();
  const model = createRerankingModel(reranker);
  expect((await rerank({ model, query: QUERY, documents: [] })).ranking).toEqual([]);
  const direct = await model.doRerank({ query: QUERY, documents: { type: "text", values: [] } });
  expect(direct.ranking).toEqual([]);
  expect(reranker.calls).toEqual([]);
});

test.each([
  { query: " ", documents: ["문서"], message: "the query is empty" },
  { query: "질의", documents: ["문서", 3 as unknown as string], message: "document 1 is not a string" },
])("bad input is refused once, without retries: $message", async ({ query, documents, message }) => {
  const model = createRerankingModel(new WordReranker());
  await expect(rerank({ model, query, documents })).rejects.toMatchObject({
    code: "invalid-input",
    message: `Nothing was reranked: ${message}.`,
  });
});
