/** For Orama in the page (https://docs.orama.com). Tested with `@orama/orama` 3.1.18. */
import { RerankError } from "../core/errors.ts";
import type { FirstStageOptions } from "./document-reranker.ts";
import { rerankHits, type HitReranker, type RerankHitsOptions } from "./hits.ts";

/** A hit of Orama's. */
export interface OramaHit {
  readonly id: string;
  readonly score: number;
  /** As it was inserted. */
  readonly document: Readonly<Record<string, unknown>>;
}

export interface RerankingPluginOptions<Hit>
  extends Omit<RerankHitsOptions<Hit>, "signal" | "score">, FirstStageOptions {
  readonly reranker: HitReranker;
}

/** What is read of Orama's search parameters. */
interface SearchParams {
  readonly term?: string | undefined;
  readonly offset?: number | undefined;
  readonly sortBy?: unknown;
}

/** `OramaPlugin` by its shape: a plugin is of no schema, so that its hits can be typed where they are read alone. */
export interface RerankingPlugin {
  readonly name: string;
  readonly afterSearch: (
    database: unknown,
    params: SearchParams,
    language: string | undefined,
    results: { hits: unknown[] },
  ) => Promise<void>;
}

/**
 * A plugin for Orama's `create` that puts the hits of a search into a better order, or leaves them as they came: see
 * `rerankHits`. `search` then returns a promise. Only the first page is reordered, and nothing where the search was told
 * to sort. A search cancels the reranking of the one before it. `useScores` is for full-text search alone.
 *
 * Orama waits for the hook because it is an `async` function: a build that compiles those away would leave the order as
 * it is. `rerankHits` over the `hits` of a search does the same without a plugin.
 * @example
 * ```ts
 * const database = create({
 *   schema: { title: "string", body: "string" },
 *   plugins: [
 *     rerankingPlugin({
 *       reranker: await loadReranker(),
 *       text: ({ document }: { document: { title: string; body: string } }) => `${document.title}\n${document.body}`,
 *     }),
 *   ],
 * });
 * ```
 */
export function rerankingPlugin<Hit = OramaHit>({
  reranker,
  useScores = false,
  ...options
}: RerankingPluginOptions<Hit>): RerankingPlugin {
  const score = useScores ? (hit: Hit): unknown => (hit as { readonly score?: unknown }).score : undefined;
  let running = new AbortController();
  return {
    name: "sunwi",
    afterSearch: async (_database, { term = "", offset = 0, sortBy }, _language, results) => {
      if (offset > 0 || sortBy !== undefined) return;
      running.abort(new RerankError("superseded", "A newer search took this one's place."));
      running = new AbortController();
      const { signal } = running;
      const hits = results.hits as readonly Hit[];
      results.hits = [...(await rerankHits(reranker, term, hits, { ...options, score, signal }))];
    },
  };
}
