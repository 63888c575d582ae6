/** For Algolia's search clients, and whatever has their shape: InstantSearch's adapters for Meilisearch and Typesense. */
import { RerankError } from "../core/errors.ts";
import { rerankHits, type HitReranker, type RerankHitsOptions } from "./hits.ts";

/** A search client as InstantSearch calls it. */
export interface SearchClient {
  readonly search: (...args: never[]) => PromiseLike<unknown>;
}

/** A record with whatever attributes the index holds. */
export type AlgoliaHit = Readonly<Record<string, unknown>> & { readonly objectID: string };

export interface RerankingClientOptions<Hit> extends Omit<RerankHitsOptions<Hit>, "signal"> {
  readonly reranker: HitReranker;
}

/**
 * A search client that answers with the first page's hits in a better order, or as they came: see `rerankHits`. It
 * changes nothing else in the answer, so `queryID`, `_highlightResult` and the like are as Algolia sent them. Positions
 * in click events are then those that the visitor saw. A search cancels the reranking of the one before it, which is
 * answered as it came; so let two lists that are searched at a time have a client each. Tested with `algoliasearch`
 * 5.64.0 and `instantsearch.js` 4.118.1.
 * @example
 * ```ts
 * const searchClient = withReranking(liteClient(appId, searchKey), {
 *   reranker: await loadReranker(),
 *   text: (hit: { title: string; body: string }) => `${hit.title}\n${hit.body}`,
 * });
 * instantsearch({ indexName: "help", searchClient });
 * ```
 */
export function withReranking<Client extends SearchClient, Hit = AlgoliaHit>(
  client: Client,
  { reranker, ...options }: RerankingClientOptions<Hit>,
): Client {
  let running = new AbortController();

  const search = async (...args: never[]): Promise<unknown> => {
    const requests = requestsOf(args[0]);
    if (requests.some(({ type }) => type !== "facet")) {
      running.abort(new RerankError("superseded", "A newer search took this one's place."));
      running = new AbortController();
    }
    const { signal } = running;
    const response = await client.search(...args);
    if (!hasResults(response)) return response;
    const results = response.results.map(async (result, at) => {
      const { page, hits, query } = { ...(requests[at]?.params ?? requests[at]), ...result };
      if (!Array.isArray(hits) || typeof query !== "string" || (page ?? 0) !== 0) return result;
      const given = hits as readonly Hit[];
      return { ...result, hits: await rerankHits(reranker, query, given, { ...options, signal }) };
    });
    return { ...response, results: await Promise.all(results) };
  };

  // Not a spread, which would freeze what its getters say now.
  const own = Object.getOwnPropertyDescriptors(client);
  return Object.create(Object.getPrototypeOf(client) as object | null, {
    ...own,
    search: { value: search, enumerable: true, configurable: true, writable: true },
  }) as Client;
}

/** What is read of a request or a result; of their other parts nothing is known here. */
interface Part {
  readonly type?: unknown;
  readonly query?: unknown;
  readonly page?: unknown;
  readonly hits?: unknown;
}

interface Request extends Part {
  /** Where the older form of a request has its query and page. */
  readonly params?: Part;
}

/** Of both forms: `search([request])`, which InstantSearch calls, and `search({ requests: [request] })`. */
function requestsOf(given: unknown): readonly Request[] {
  const { requests = given } = (given ?? {}) as { readonly requests?: unknown };
  return Array.isArray(requests) ? (requests as readonly Request[]) : [];
}

function hasResults(response: unknown): response is { readonly results: readonly Part[] } {
  return Array.isArray((response as { readonly results?: unknown } | null | undefined)?.results);
}
