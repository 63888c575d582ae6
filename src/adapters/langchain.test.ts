import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { CallbackManagerForRetrieverRun } from "@langchain/core/callbacks/manager";
import { Document, type DocumentInterface } from "@langchain/core/documents";
import { BaseRetriever, type BaseRetrieverInput } from "@langchain/core/retrievers";
import { BaseDocumentCompressor } from "@langchain/core/retrievers/document_compressors";
import { expect, test } from "vitest";
import { createDocumentCompressor } from "./langchain.ts";
import { WordReranker } from "./testing/word-reranker.ts";

const QUERY = "환불 기한";

function documents(scores: readonly unknown[] = []): Document[] {
  const texts = ["배송은 이틀 걸립니다.", "환불은 고객 센터에서 합니다.", "환불 기한은 7일입니다."];
  return texts.map(
    (pageContent, at) =>
      new Document({
        id: `d${String(at)}`,
        pageContent,
        metadata: { page: at, ...(at in scores && { score: scores[at] }) },
      }),
  );
}

type Compressor = Pick<BaseDocumentCompressor, "compressDocuments">;

class ListRetriever extends BaseRetriever {
  lc_namespace = ["test"];

  override _getRelevantDocuments(): Promise<DocumentInterface[]> {
    return Promise.resolve(documents());
  }
}

/** As `ContextualCompressionRetriever` of `@langchain/classic` 1.0.50 does; the package is 81 MB with what it needs. */
class CompressionRetriever extends BaseRetriever {
  lc_namespace = ["test"];
  readonly #compressor: Compressor;

  constructor(fields: BaseRetrieverInput & { baseCompressor: Compressor }) {
    super(fields);
    this.#compressor = fields.baseCompressor;
  }

  override async _getRelevantDocuments(
    query: string,
    runManager?: CallbackManagerForRetrieverRun,
  ): Promise<DocumentInterface[]> {
    const found = await new ListRetriever().invoke(query, runManager?.getChild("base_retriever"));
    return await this.#compressor.compressDocuments(found, query, runManager?.getChild("base_compressor"));
  }
}

class RunCounter extends BaseCallbackHandler {
  name = "runs";
  retrievers = 0;

  override handleRetrieverStart(): void {
    this.retrievers += 1;
  }
}

test("a retriever gets its documents back in the model's order", async () => {
  const baseCompressor = createDocumentCompressor(new WordReranker(), { topN: 2 });
  const runs = new RunCounter();
  const found = await new CompressionRetriever({ baseCompressor }).invoke(QUERY, { callbacks: [runs] });
  expect(found.map(({ id }) => id)).toEqual(["d2", "d1"]);
  expect(runs.retrievers).toBe(2);
});

test("LangChain takes it for one of its own compressors", () => {
  expect(BaseDocumentCompressor.isBaseDocumentCompressor(createDocumentCompressor(new WordReranker()))).toBe(true);
});

test("documents are copied, with their class, id and metadata, and those given stay as they were", async () => {
  const given = documents();
  const found = await createDocumentCompressor(new WordReranker()).compressDocuments(given, QUERY);
  expect(found[0]).toBeInstanceOf(Document);
  expect(found[0]).not.toBe(given[2]);
  expect(found[0]).toEqual(
    new Document({
      id: "d2",
      pageContent: "환불 기한은 7일입니다.",
      metadata: { page: 2, relevanceScore: 1 / (1 + Math.exp(-2)) },
    }),
  );
  expect(given).toEqual(documents());
});

test("rerank returns the order of documents and of plain texts", async () => {
  const compressor = createDocumentCompressor(new WordReranker(), { topN: 2 });
  const mixed = [...documents(), "환불 기한"];
  expect((await compressor.rerank(mixed, QUERY)).map(({ index }) => index)).toEqual([2, 3]);
  expect(await compressor.rerank(mixed, QUERY, { topN: 1 })).toMatchObject([{ index: 2, logit: 2, rank: 1 }]);
  expect(await compressor.rerank(mixed, QUERY, { topN: 0 })).toEqual([]);
});

test.each([
  { scores: [9, 1, 1], useScores: true, expected: [0, 2, 1] },
  { scores: [9, 1, 1], useScores: false, expected: [2, 1, 0] },
  { scores: [9, 1, 1], useScores: true, blend: "none" as const, expected: [2, 1, 0] },
  { scores: [9, 1], useScores: true, expected: [2, 1, 0] },
  { scores: [9, 1, -0.2], useScores: true, expected: [2, 1, 0] },
  { scores: [9, 1, Number.NaN], useScores: true, expected: [2, 1, 0] },
  { scores: [9, 1, "1"], useScores: true, expected: [2, 1, 0] },
])("first-stage scores $scores, useScores $useScores", async ({ scores, expected, ...options }) => {
  const ranked = await createDocumentCompressor(new WordReranker(), options).rerank(documents(scores), QUERY);
  expect(ranked.map(({ index }) => index)).toEqual(expected);
});

test("signals and limits are passed on", async () => {
  const reranker = new WordReranker();
  reranker.waits = true;
  const compressor = createDocumentCompressor(reranker, { maxTokensPerDoc: 64, blend: "order" });
  const controller = new AbortController();
  const { signal } = controller;
  const outcome = expect(
    compressor.compressDocuments(documents(), QUERY, undefined, { signal, topN: 1 }),
  ).rejects.toMatchObject({ code: "aborted" });
  controller.abort();
  await outcome;
  expect(reranker.calls[0]?.options).toEqual({ signal, topN: 1, maxTokensPerDoc: 64, blend: "order" });
  await expect(compressor.rerank([], QUERY, { signal })).rejects.toMatchObject({ code: "aborted" });
});

test("an empty list stays one", async () => {
  const reranker = new WordReranker();
  expect(await createDocumentCompressor(reranker).compressDocuments([], QUERY)).toEqual([]);
  expect(reranker.calls).toEqual([]);
});

test.each([
  { given: [{ text: "a" }], query: QUERY, message: "the text of document 0 is not a string" },
  { given: "a", query: QUERY, message: "documents must be an array" },
  { given: documents(), query: "", message: "the query is empty" },
  { given: documents(), query: 3, message: "the query is not a string" },
])("bad input is refused: $message", async ({ given, query, message }) => {
  const compressor = createDocumentCompressor(new WordReranker());
  await expect(compressor.compressDocuments(given as Document[], query as string)).rejects.toMatchObject({
    code: "invalid-input",
    message: `Nothing was reranked: ${message}.`,
  });
});
