/** `import { createRerankFetch } from "sunwi/fetch"`. Importing does nothing, on a server neither. */
import { lazyReranker, type Loadable } from "../adapters/lazy-reranker.ts";
import { rerankFetch, type RerankFetchOptions as EndpointOptions } from "../endpoint/rerank-fetch.ts";
import { loadReranker, type LoadRerankerOptions } from "./index.ts";

export type { Loadable };

/** Which model runs, and which requests it answers. */
export interface RerankFetchOptions extends Omit<LoadRerankerOptions, "signal">, EndpointOptions {}

/**
 * A `fetch` that answers the rerank calls of Cohere (`/v2/rerank`), Jina and Cohere's version 1 (`/v1/rerank`), Voyage
 * (`/voyage/v1/rerank`) and Text Embeddings Inference (`/rerank`) by the model in the page, in each one's own schema;
 * requests to other addresses go on to the real one. The model loads at the first call, or when `load()` is called.
 *
 * Results are ordered by the model's logit, for these APIs sort by the score that they return: no first stage is blended
 * in, as `rerank()` does with a small model. `model` in a request chooses nothing, and usage is told as 0. Tested with
 * the requests that `cohere-ai` 8.1 makes.
 * @example
 * ```ts
 * import { CohereClientV2 } from "cohere-ai";
 * import { createRerankFetch } from "sunwi/fetch";
 *
 * const cohere = new CohereClientV2({ token: "none", baseUrl: "https://sunwi.local", fetch: createRerankFetch() });
 * const { results } = await cohere.rerank({
 *   model: "rerank-v3.5",
 *   query: "환불은 며칠 안에 되나요?",
 *   documents: ["배송은 이틀 걸립니다.", "환불은 7일 안에 됩니다."],
 * });
 * ```
 */
export function createRerankFetch(options: RerankFetchOptions = {}): typeof fetch & Loadable {
  const lazy = lazyReranker(() => loadReranker(options));
  const { load, dispose } = lazy;
  const answering = rerankFetch(async (query, texts, reading) => {
    const documents = texts.map((text) => ({ text }));
    const ranked = await lazy.rerank(query, documents, { ...reading, blend: "none" });
    return { ranked, modelId: lazy.model?.id ?? "sunwi-mini" };
  }, options);
  return Object.assign(answering, { load, dispose });
}
