/** For LangChain.js (https://docs.langchain.com/oss/javascript). Tested with `@langchain/core` 1.4.0. */
import type { Callbacks } from "@langchain/core/callbacks/manager";
import type { DocumentInterface } from "@langchain/core/documents";
import type { RankedDocument } from "../core/types.ts";
import {
  checkedList,
  checkedText,
  rankTexts,
  withScores,
  type CallOptions,
  type DocumentReranker,
  type FirstStageOptions,
  type ReadingOptions,
} from "./document-reranker.ts";

export interface DocumentCompressorOptions extends ReadingOptions, FirstStageOptions {
  /** How many documents a call keeps that does not say so itself. @default all of them */
  readonly topN?: number;
}

/**
 * A `BaseDocumentCompressor` by its shape. It does not extend that class, so that LangChain is loaded only where it is
 * used.
 */
export interface DocumentCompressor {
  /**
   * Copies of the documents, best first, whose `metadata.relevanceScore` is the sigmoid of the logit. Those passed in
   * stay as they are. `callbacks` are not told anything.
   * @throws RerankError
   */
  compressDocuments<D extends DocumentInterface>(
    documents: readonly D[],
    query: string,
    callbacks?: Callbacks,
    options?: CallOptions,
  ): Promise<D[]>;
  /**
   * The order alone, best first, by the documents' positions.
   * @throws RerankError
   */
  rerank(
    documents: readonly (DocumentInterface | string)[],
    query: string,
    options?: CallOptions,
  ): Promise<readonly RankedDocument[]>;
}

/**
 * A document compressor for `ContextualCompressionRetriever`, or to call by hand. With `useScores` the first stage's
 * scores are those in `metadata.score`.
 * @example
 * ```ts
 * import { ContextualCompressionRetriever } from "@langchain/classic/retrievers/contextual_compression";
 *
 * const retriever = new ContextualCompressionRetriever({
 *   baseRetriever: vectorStore.asRetriever(20),
 *   baseCompressor: createDocumentCompressor(await loadReranker(), { topN: 5 }),
 * });
 * const documents = await retriever.invoke("환불은 며칠 안에 되나요?");
 * ```
 */
export function createDocumentCompressor(
  reranker: DocumentReranker,
  { topN, blend, maxTokensPerDoc, useScores = false }: DocumentCompressorOptions = {},
): DocumentCompressor {
  const rerank: DocumentCompressor["rerank"] = async (documents, query, options = {}) => {
    const given = checkedList(documents, "documents");
    const texts = given.map((document, at) => checkedText(textOf(document), `the text of document ${String(at)}`));
    const scores = useScores ? given.map(scoreOf) : [];
    return await rankTexts(reranker, query, withScores(texts, scores), {
      topN: options.topN ?? topN,
      signal: options.signal,
      blend,
      maxTokensPerDoc,
    });
  };
  return {
    rerank,
    compressDocuments: async (documents, query, _callbacks, options) => {
      const ranked = await rerank(documents, query, options);
      return ranked.flatMap(({ index, relevanceScore }) => {
        const document = documents[index];
        return document ? [copyWithScore(document, relevanceScore)] : [];
      });
    },
  };
}

function textOf(document: DocumentInterface | string): unknown {
  return typeof document === "string" ? document : document.pageContent;
}

function scoreOf(document: DocumentInterface | string): unknown {
  return typeof document === "string" ? undefined : document.metadata["score"];
}

/** Keeps the document's class, which is not known here but by its instances. */
function copyWithScore<D extends DocumentInterface>(document: D, relevanceScore: number): D {
  const copy = Object.create(Object.getPrototypeOf(document) as object | null) as D;
  return Object.assign(copy, document, { metadata: { ...document.metadata, relevanceScore } });
}
