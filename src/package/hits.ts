/** `import { rerankHits, withReranking } from "sunwi/hits"`. Importing does nothing, on a server neither. */
import {
  withReranking as wrap,
  type AlgoliaHit,
  type RerankingClientOptions,
  type SearchClient,
} from "../adapters/algolia.ts";
import type { HitReranker } from "../adapters/hits.ts";
import { lazyReranker as lazily, type Loadable } from "../adapters/lazy-reranker.ts";
import {
  rerankingPlugin as plugin,
  type OramaHit,
  type RerankingPlugin,
  type RerankingPluginOptions,
} from "../adapters/orama.ts";
import type { LoadedReranker } from "../library/loaded-reranker.ts";
import { loadReranker, type LoadRerankerOptions } from "./index.ts";

export { rerankHits, type HitReranker, type HitsResult, type RerankHitsOptions } from "../adapters/hits.ts";
export type { AlgoliaHit, Loadable, OramaHit, RerankingPlugin, SearchClient };

/** Any of its options, and a `reranker` where it is not to be the packaged one. */
type WithReranker<Options extends { readonly reranker: HitReranker }> = Omit<Options, "reranker"> &
  Partial<Pick<Options, "reranker">>;

/**
 * A reranker that loads its model at the first search, or when `load()` is called; searches that do not get it within
 * their budget show what they found as it came.
 */
export function lazyReranker(options: Omit<LoadRerankerOptions, "signal"> = {}): HitReranker & Loadable {
  let loaded: LoadedReranker | undefined;
  const lazy = lazily(async () => (loaded = await loadReranker(options)));
  const { rerank, load, dispose } = lazy;
  return {
    rerank,
    load,
    dispose,
    get model() {
      return lazy.model;
    },
    get msPerPair() {
      return loaded?.msPerPair;
    },
  };
}

/**
 * A search client of Algolia's, or of its shape, that answers in a better order: see the adapter.
 * @example
 * ```ts
 * const searchClient = withReranking(liteClient(appId, searchKey), {
 *   text: (hit: { title: string; body: string }) => `${hit.title}\n${hit.body}`,
 * });
 * ```
 */
export function withReranking<Client extends SearchClient, Hit = AlgoliaHit>(
  client: Client,
  { reranker = lazyReranker(), ...options }: WithReranker<RerankingClientOptions<Hit>>,
): Client {
  return wrap(client, { ...options, reranker });
}

/**
 * A plugin for Orama's `create`: see the adapter.
 * @example
 * ```ts
 * const plugins = [
 *   rerankingPlugin({ text: ({ document }: { document: { title: string } }) => document.title }),
 * ];
 * ```
 */
export function rerankingPlugin<Hit = OramaHit>({
  reranker = lazyReranker(),
  ...options
}: WithReranker<RerankingPluginOptions<Hit>>): RerankingPlugin {
  return plugin({ ...options, reranker });
}
