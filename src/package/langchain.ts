/** `import { createDocumentCompressor } from "sunwi/langchain"`. Importing does nothing, on a server neither. */
import {
  createDocumentCompressor as adapt,
  type DocumentCompressor,
  type DocumentCompressorOptions as AdapterOptions,
} from "../adapters/langchain.ts";
import { lazyReranker, type Loadable } from "../adapters/lazy-reranker.ts";
import { loadReranker, type LoadRerankerOptions } from "./index.ts";

export type { DocumentCompressor, Loadable };

/** Which model runs, and how it reads. */
export interface DocumentCompressorOptions extends Omit<LoadRerankerOptions, "signal">, AdapterOptions {}

/**
 * A document compressor for LangChain.js that runs in the page. Its model loads at the first call that has documents,
 * or when `load()` is called. Tested with `@langchain/core` 1.4.0, and by hand with `@langchain/classic` 1.0.50.
 * @example
 * ```ts
 * import { ContextualCompressionRetriever } from "@langchain/classic/retrievers/contextual_compression";
 * import { createDocumentCompressor } from "sunwi/langchain";
 *
 * const retriever = new ContextualCompressionRetriever({
 *   baseRetriever: vectorStore.asRetriever(20),
 *   baseCompressor: createDocumentCompressor({ topN: 5 }),
 * });
 * const documents = await retriever.invoke("환불은 며칠 안에 되나요?");
 * ```
 */
export function createDocumentCompressor(options: DocumentCompressorOptions = {}): DocumentCompressor & Loadable {
  const lazy = lazyReranker(() => loadReranker(options));
  const { load, dispose } = lazy;
  return { ...adapt(lazy, options), load, dispose };
}
