import { RerankError, throwIfAborted } from "../core/errors.ts";
import type { PairScorer, PairScores, PairScoringOptions } from "../core/pair-scores.ts";
import { orderByScore, sigmoid } from "../core/ranking.ts";
import type { RankedDocument, RerankDocument, Reranker, RerankOptions } from "../core/types.ts";
import { endpointOf, type Endpoint } from "./endpoint.ts";
import { exchange, untilAborted, type Patience } from "./http-exchange.ts";
import { checkRelevance } from "./read-scores.ts";
import { logOdds, roundedInOrder } from "./score-scale.ts";
import { REMOTE_SERVICES, type RemoteKind, type ScoreScale } from "./services.ts";

export interface RemoteRerankerOptions {
  /** Which schema the service speaks. */
  readonly kind: RemoteKind;
  /** The full address of the call; the schema's own path is added to one without a path. @default the service's own */
  readonly url?: string;
  /** Required by Cohere, Jina and Voyage. */
  readonly model?: string;
  /** Sent as `Authorization: Bearer`; held in memory only, and never part of an error or of the object's JSON. */
  readonly key?: string;
  /** Further headers, as secret as the key. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What the service's numbers are. @default "logit" for TEI, which is then asked for `raw_scores`; else "relevance" */
  readonly scores?: ScoreScale;
  /** For each request, its answer included. @default 30000 */
  readonly timeoutMs?: number;
  /** Further tries of a request after 429 or 5xx. @default 5 */
  readonly retries?: number;
  /** Pause before the first of them in milliseconds, doubled for each further one. @default 500 */
  readonly firstPauseMs?: number;
  /** All pauses of one request together, at most; a `Retry-After` beyond it fails at once. @default 60000 */
  readonly maxWaitMs?: number;
  /** Documents of one request, at most; halved where the service says it is too many. @default the service's limit */
  readonly batchSize?: number;
}

/**
 * A reranker behind an HTTP API. Requests go one after another, in batches; where one fails, the call fails.
 *
 * Documents are ordered by the service's own score, which is `orderScore`; equal ones keep their order. Of a service that
 * tells relevance, it is `relevanceScore` too, and `logit` its log-odds; of one that tells logits, it is `logit`, and
 * `relevanceScore` its sigmoid. Nothing is blended, and `longDocuments` has no effect: services read what they read, and
 * do not say what they left (`truncated` is false).
 */
export class RemoteReranker implements Reranker, PairScorer {
  readonly kind: RemoteKind;
  /** As a table shows it, without blanks: "rerank-v3.5@api.cohere.com". */
  readonly name: string;
  readonly host: string;
  readonly model: string;
  readonly scale: ScoreScale;
  readonly #endpoint: Endpoint;
  readonly #patience: Patience;
  readonly #disposal = new AbortController();
  readonly #newest = new Map<string, AbortController>();
  #batchSize: number;
  #hasAnswered = false;
  #queue: Promise<unknown> = Promise.resolve();

  /** @throws RerankError `invalid-input`, `remote-insecure` */
  constructor(options: RemoteRerankerOptions) {
    const { kind, model = "", timeoutMs = 30_000, retries = 5, firstPauseMs = 500, maxWaitMs = 60_000 } = options;
    const service = REMOTE_SERVICES[kind];
    this.#endpoint = endpointOf(options);
    this.#patience = { timeoutMs, retries, firstPauseMs, maxWaitMs };
    this.#batchSize = Math.max(1, options.batchSize ?? service.batchSize);
    this.kind = kind;
    this.model = model.trim();
    this.host = this.#endpoint.url.host;
    this.name = remoteName(this.model, this.host);
    this.scale = options.scores ?? service.scale;
  }

  async rerank(
    query: string,
    documents: readonly RerankDocument[],
    options: RerankOptions = {},
  ): Promise<readonly RankedDocument[]> {
    const { topN = documents.length, supersedeKey, onProgress } = options;
    const texts = documents.map(({ text }) => text);
    const { signal, end } = this.#signalOf(options.signal, supersedeKey);
    try {
      const scores = await this.#score(query, texts, signal, onProgress);
      const logits = this.#logits(scores);
      return orderByScore(scores)
        .slice(0, topN)
        .map((index, position) => {
          const score = scores[index] ?? Number.NaN;
          const { id } = documents[index] ?? {};
          return {
            ...(id !== undefined && { id }),
            index,
            rank: position + 1,
            relevanceScore: this.scale === "relevance" ? score : sigmoid(score),
            logit: logits[index] ?? Number.NaN,
            orderScore: score,
            truncated: false,
          };
        });
    } finally {
      end();
    }
  }

  /**
   * Logits in fp32, one window for each document; their order is exactly that of the service's scores, see
   * `roundedInOrder`.
   * @throws RerankError
   */
  async scorePairs(
    query: string,
    documents: readonly string[],
    { signal }: Pick<PairScoringOptions, "signal"> = {},
  ): Promise<PairScores> {
    const scores = await this.#score(query, documents, this.#signalOf(signal).signal);
    return {
      logits: roundedInOrder(scores, this.#logits(scores)),
      windows: new Uint8Array(documents.length).fill(1),
      truncated: new Uint8Array(documents.length),
    };
  }

  dispose(): Promise<void> {
    this.#disposal.abort(new RerankError("disposed", "The reranker was disposed; make another."));
    return Promise.resolve();
  }

  #logits(scores: readonly number[]): readonly number[] {
    return this.scale === "relevance" ? scores.map(logOdds) : scores;
  }

  #signalOf(
    own: AbortSignal | undefined,
    supersedeKey?: string,
  ): { readonly signal: AbortSignal; readonly end: () => void } {
    const signals = [this.#disposal.signal, ...(own ? [own] : [])];
    if (supersedeKey === undefined) return { signal: AbortSignal.any(signals), end: () => undefined };
    this.#newest.get(supersedeKey)?.abort(new RerankError("superseded", "A newer call took this one's place."));
    const newest = new AbortController();
    this.#newest.set(supersedeKey, newest);
    const end = (): void => {
      if (this.#newest.get(supersedeKey) === newest) this.#newest.delete(supersedeKey);
    };
    return { signal: AbortSignal.any([...signals, newest.signal]), end };
  }

  /** Waits for its turn, and not longer than the signal allows. */
  async #score(
    query: string,
    texts: readonly string[],
    signal: AbortSignal,
    onProgress?: RerankOptions["onProgress"],
  ): Promise<readonly number[]> {
    throwIfAborted(signal);
    if (texts.length === 0) return [];
    const turn = this.#queue.then(() => this.#batches(query, texts, signal, onProgress));
    this.#queue = turn.catch(() => undefined);
    return await untilAborted(turn, signal);
  }

  async #batches(
    query: string,
    texts: readonly string[],
    signal: AbortSignal,
    onProgress: RerankOptions["onProgress"],
  ): Promise<readonly number[]> {
    const scores: number[] = [];
    while (scores.length < texts.length) {
      throwIfAborted(signal);
      const batch = texts.slice(scores.length, scores.length + this.#batchSize);
      try {
        scores.push(...(await this.#ask(query, batch, signal)));
      } catch (error) {
        const smaller = smallerBatch(error, batch.length);
        if (smaller === undefined) throw error;
        // Kept for later calls: they would only be refused again.
        this.#batchSize = smaller;
        continue;
      }
      if (!signal.aborted) onProgress?.(scores.length, texts.length);
    }
    return scores;
  }

  async #ask(query: string, texts: readonly string[], signal: AbortSignal): Promise<readonly number[]> {
    const service = REMOTE_SERVICES[this.kind];
    const body = JSON.stringify(service.body({ query, texts, model: this.model, scale: this.scale }));
    const request = { ...this.#patience, endpoint: this.#endpoint, body, signal, retriesBroken: this.#hasAnswered };
    const answer = await exchange(request);
    this.#hasAnswered = true;
    const scores = service.scores(answer, texts.length);
    if (this.scale === "relevance") checkRelevance(scores);
    return scores;
  }
}

/** A model behind an address, for tables and TREC runs, which allow no blanks. */
export function remoteName(model: string, host: string): string {
  return model === "" ? host : `${model.replace(/\s+/g, "-")}@${host}`;
}

/**
 * How many documents to try after a refusal as too many (413; TEI says 422 in some versions, and how many it takes).
 * @returns nothing where fewer would not help
 */
function smallerBatch(error: unknown, size: number): number | undefined {
  if (!(error instanceof RerankError) || error.code !== "remote-refused" || size <= 1) return undefined;
  const { status, said = "" } = error.details;
  if (status !== 413 && !(status === 422 && /batch/i.test(String(said)))) return undefined;
  const most = Number(/maximum allowed batch size (\d+)/i.exec(String(said))?.[1] ?? 0);
  return most > 0 && most < size ? most : Math.floor(size / 2);
}
