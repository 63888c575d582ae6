/** `import { createNodePostprocessor } from "sunwi/llamaindex"`. Importing does nothing, on a server neither. */
import { lazyReranker, type Loadable } from "../adapters/lazy-reranker.ts";
import {
  createNodePostprocessor as adapt,
  type NodePostprocessor,
  type NodePostprocessorOptions as AdapterOptions,
} from "../adapters/llamaindex.ts";
import { loadReranker, type LoadRerankerOptions } from "./index.ts";

export type { Loadable, NodePostprocessor };

/** Which model runs, and how it reads. */
export interface NodePostprocessorOptions extends Omit<LoadRerankerOptions, "signal">, AdapterOptions {}

/**
 * A node postprocessor for LlamaIndex.TS that runs in the page. Its model loads at the first call that has nodes, or
 * when `load()` is called. Tested with `@llamaindex/core` 0.6.22.
 * @example
 * ```ts
 * import { createNodePostprocessor } from "sunwi/llamaindex";
 *
 * const engine = index.asQueryEngine({
 *   similarityTopK: 20,
 *   nodePostprocessors: [createNodePostprocessor({ topN: 5 })],
 * });
 * const { response } = await engine.query({ query: "환불은 며칠 안에 되나요?" });
 * ```
 */
export function createNodePostprocessor(options: NodePostprocessorOptions = {}): NodePostprocessor & Loadable {
  const lazy = lazyReranker(() => loadReranker(options));
  const { load, dispose } = lazy;
  return { ...adapt(lazy, options), load, dispose };
}
