/** For LlamaIndex.TS (https://ts.llamaindex.ai). Tested with `@llamaindex/core` 0.6.22. */
import {
  checkedList,
  checkedText,
  invalidInput,
  rankTexts,
  withScores,
  type CallOptions,
  type DocumentReranker,
  type FirstStageOptions,
  type ReadingOptions,
} from "./document-reranker.ts";

/** A `NodeWithScore`, by its shape: those who have `llamaindex` may not be able to name `@llamaindex/core`. */
interface ScoredNode {
  readonly node: { getContent(metadataMode: unknown): string };
  readonly score?: number | undefined;
}

/** A `MessageContent`: a text, or parts of which those of type `text` are read. */
type NodeQuery = string | readonly { readonly type: string; readonly text?: string }[];

export interface NodePostprocessorOptions extends ReadingOptions, FirstStageOptions {
  /** How many nodes a call keeps that does not say so itself. @default all of them */
  readonly topN?: number;
  /**
   * Which metadata is read before a node's text, in LlamaIndex' own words. None unless asked for: file names and ids
   * take up room in what a small model reads.
   * @default "NONE"
   */
  readonly metadataMode?: "ALL" | "EMBED" | "LLM" | "NONE";
}

/** A `BaseNodePostprocessor`. */
export interface NodePostprocessor {
  /**
   * The same nodes, best first, each with the sigmoid of its logit as its `score`. The list passed in stays as it is.
   * @throws RerankError `invalid-input` without a query, among others
   */
  postprocessNodes<N extends ScoredNode>(nodes: readonly N[], query?: NodeQuery, options?: CallOptions): Promise<N[]>;
}

/**
 * A node postprocessor for query and chat engines, or to call by hand. With `useScores` the first stage's scores are
 * the nodes' own.
 * @example
 * ```ts
 * const engine = index.asQueryEngine({
 *   similarityTopK: 20,
 *   nodePostprocessors: [createNodePostprocessor(await loadReranker(), { topN: 5 })],
 * });
 * const { response } = await engine.query({ query: "환불은 며칠 안에 되나요?" });
 * ```
 */
export function createNodePostprocessor(
  reranker: DocumentReranker,
  { topN, blend, maxTokensPerDoc, useScores = false, metadataMode = "NONE" }: NodePostprocessorOptions = {},
): NodePostprocessor {
  return {
    postprocessNodes: async (nodes, query, options = {}) => {
      const given = checkedList(nodes, "nodes");
      const texts = given.map(({ node }, at) =>
        checkedText(node.getContent(metadataMode), `the content of node ${String(at)}`),
      );
      const documents = withScores(texts, useScores ? given.map(({ score }) => score) : []);
      const ranked = await rankTexts(reranker, queryText(query), documents, {
        topN: options.topN ?? topN,
        signal: options.signal,
        blend,
        maxTokensPerDoc,
      });
      return ranked.flatMap(({ index, relevanceScore }) => {
        const node = given[index];
        return node ? [{ ...node, score: relevanceScore }] : [];
      });
    },
  };
}

function queryText(query: NodeQuery | undefined): string {
  if (query === undefined) throw invalidInput("postprocessNodes was given no query to rank the nodes by");
  if (typeof query === "string") return query;
  return query.flatMap(({ type, text }) => (type === "text" && text !== undefined ? [text] : [])).join("\n");
}
