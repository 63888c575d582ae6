/** `import { createRerankingModel } from "sunwi/ai-sdk"`. Importing does nothing, on a server neither. */
import {
  createRerankingModel as adapt,
  type RerankingModelOptions as AdapterOptions,
  type RerankingModelV3,
} from "../adapters/ai-sdk.ts";
import { lazyReranker, type Loadable } from "../adapters/lazy-reranker.ts";
import { loadReranker, type LoadRerankerOptions } from "./index.ts";

export type { Loadable };

/** Which model runs, and how it reads. */
export interface RerankingModelOptions extends Omit<LoadRerankerOptions, "signal">, Omit<AdapterOptions, "modelId"> {}

/**
 * A model for the AI SDK's `rerank()` that runs in the page. It loads at the first call, or when `load()` is called.
 * Tested with `ai` 6.0.326, and by hand with 7.0.173.
 * @example
 * ```ts
 * import { rerank } from "ai";
 * import { createRerankingModel } from "sunwi/ai-sdk";
 *
 * const model = createRerankingModel();
 * const { rerankedDocuments } = await rerank({
 *   model,
 *   query: "환불은 며칠 안에 되나요?",
 *   documents: ["배송은 이틀 걸립니다.", "환불은 7일 안에 됩니다."],
 *   topN: 1,
 * });
 * ```
 */
export function createRerankingModel(options: RerankingModelOptions = {}): RerankingModelV3 & Loadable {
  const lazy = lazyReranker(() => loadReranker(options));
  const { load, dispose } = lazy;
  return { ...adapt(lazy, { ...options, modelId: options.model ?? "sunwi-mini" }), load, dispose };
}
