/** For the hits of any search engine, as its own code hands them out: a better order in time, or the one they came in. */
import { RerankError } from "../core/errors.ts";
import type { RankedDocument } from "../core/types.ts";
import { checkedText, rankTexts, withScores, type DocumentReranker, type ReadingOptions } from "./document-reranker.ts";

/** Anything that reranks, and may know how fast. */
export interface HitReranker extends DocumentReranker {
  /** Milliseconds per pair as measured last; where they are known, no more hits are read than the budget allows. */
  readonly msPerPair?: number | undefined;
}

/** What became of hits that a new order was found for. */
export interface HitsResult<Hit> {
  readonly query: string;
  /** As the search ordered them. */
  readonly before: readonly Hit[];
  readonly after: readonly Hit[];
  /** The hits that were read, best first; their `index` is that in `before`. */
  readonly results: readonly RankedDocument[];
  readonly ms: number;
  /** Whether `after` was returned; not where it came too late or was not wanted any more. */
  readonly applied: boolean;
}

export interface RerankHitsOptions<Hit> extends ReadingOptions {
  /** What the model reads of a hit: its title and text, say. */
  readonly text: (hit: Hit) => string;
  /**
   * The search's own score, to be blended with the model's logit; it counts only where every hit that is read has one,
   * a finite number of 0 or more. For BM25 and the like alone: see `FirstStageOptions`.
   * @default the hits' order and a BM25 over their texts, in halves
   */
  readonly score?: ((hit: Hit) => unknown) | undefined;
  /** Hits that are reordered; those below stay where they are. @default 20 */
  readonly top?: number;
  /** Milliseconds after which the hits are returned as they came. @default 1000 */
  readonly budgetMs?: number;
  /** Where it aborts, the hits are returned as they came. */
  readonly signal?: AbortSignal;
  /** Told of every order that was found, of one that came too late as well. */
  readonly onResult?: (result: HitsResult<Hit>) => void;
  /** Told why no order was found: `aborted` or `superseded` where it was not wanted any more. */
  readonly onError?: (error: RerankError) => void;
}

/** Fewer pairs than this are not worth a new order. */
const LEAST_PAIRS = 5;
/** Timers of browsers fire at once where more is asked of them. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Reorders hits by how well they answer `query`. Never rejects: hits come back as they are, in the very array, when the
 * order comes too late, when anything fails, and where a device is known to be too slow for the budget.
 * @returns the same hits, none left out
 * @example
 * ```ts
 * const hits = await rerankHits(reranker, query, await search(query), { text: (hit) => `${hit.title}\n${hit.body}` });
 * ```
 */
export async function rerankHits<Hit>(
  reranker: HitReranker,
  query: string,
  hits: readonly Hit[],
  options: RerankHitsOptions<Hit>,
): Promise<readonly Hit[]> {
  const { budgetMs = 1000, signal, onResult, onError } = options;
  const count = affordable(Math.min(options.top ?? 20, hits.length), budgetMs, reranker.msPerPair);
  if (count < 2 || query.trim() === "") return hits;
  const startMs = performance.now();
  const end = endOf(budgetMs, signal);
  const found = async (): Promise<readonly Hit[]> => {
    try {
      const results = await rank(reranker, query, hits.slice(0, count), options);
      const after = arrange(hits, results);
      const applied = !end.isReached();
      tell(onResult, { query, before: hits, after, results, ms: performance.now() - startMs, applied });
      return applied ? after : hits;
    } catch (error) {
      tell(onError, asRerankError(error));
      return hits;
    }
  };
  try {
    return await Promise.race([found(), end.reached.then(() => hits)]);
  } finally {
    end.forget();
  }
}

/** How many of `wanted` hits are read within the budget; 0 where that is too few to be of use. */
function affordable(wanted: number, budgetMs: number, msPerPair: number | undefined): number {
  if (msPerPair === undefined) return wanted;
  const pairs = Math.min(wanted, Math.floor(budgetMs / msPerPair));
  return pairs >= Math.min(wanted, LEAST_PAIRS) ? pairs : 0;
}

async function rank<Hit>(
  reranker: HitReranker,
  query: string,
  read: readonly Hit[],
  { text, score, blend, maxTokensPerDoc, signal }: RerankHitsOptions<Hit>,
): Promise<readonly RankedDocument[]> {
  const texts = read.map((hit, at) => checkedText(text(hit), `the text of hit ${String(at)}`));
  const documents = withScores(texts, score ? read.map((hit) => score(hit)) : []);
  const hasScores = documents.every((document) => document.score !== undefined);
  return await rankTexts(reranker, query, documents, {
    signal,
    maxTokensPerDoc,
    blend: blend ?? (hasScores ? "scores" : "list"),
  });
}

/** Whatever a reranker leaves out follows in the order it came in. */
function arrange<Hit>(hits: readonly Hit[], results: readonly RankedDocument[]): readonly Hit[] {
  const order = new Set(results.map(({ index }) => index).filter((index) => index in hits));
  for (const index of hits.keys()) order.add(index);
  return [...order].map((index) => hits[index] as Hit);
}

/** When an order is of no use any more: at the end of the budget, or once the caller aborts. */
function endOf(
  budgetMs: number,
  signal: AbortSignal | undefined,
): { readonly reached: Promise<void>; readonly isReached: () => boolean; readonly forget: () => void } {
  let isReached = false;
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = () => {
      isReached = true;
      resolve();
    };
  });
  const timer = setTimeout(reach, Math.min(budgetMs, LONGEST_TIMER_MS));
  signal?.addEventListener("abort", reach, { once: true });
  return {
    reached,
    isReached: () => isReached || signal?.aborted === true,
    forget: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", reach);
    },
  };
}

/** A listener's own error is reported, as an event listener's is, and changes nothing here. */
function tell<T>(listener: ((value: T) => void) | undefined, value: T): void {
  try {
    listener?.(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

function asRerankError(thrown: unknown): RerankError {
  if (thrown instanceof RerankError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new RerankError("inference", `The hits keep their order: ${message}`, { cause: thrown });
}
