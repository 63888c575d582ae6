import type { WorkerReranker } from "../client/worker-reranker.ts";
import { RerankError, throwIfAborted } from "../core/errors.ts";
import type { LoadedModel } from "../core/protocol.ts";
import { rankDocuments } from "../core/ranking.ts";
import type { RankedDocument, RerankDocument } from "../core/types.ts";
import type { CachedScore, ScoreCache } from "./score-cache.ts";

export interface LibraryRerankOptions {
  /** How many documents to return, 0 or more. @default all of them */
  readonly topN?: number;
  readonly signal?: AbortSignal;
  /**
   * What a small model's logit is blended with, by the weight in its manifest; large models have none, and go by their
   * logits.
   *
   * - `scores`: the documents' own, where all have one.
   * - `local`: a BM25 over just these texts.
   * - `order`: that in which they come, as 1 / rank; for a search that knows more than words do.
   * - `list`: both of these in halves, the order as 3 / (rank + 2); for the results of a search of unknown worth.
   * - `none`: the logit alone.
   * @default "scores" where all documents have one, else "local"
   */
  readonly blend?: "scores" | "local" | "order" | "list" | "none";
  /** Tokens of each document that are read, 1 or more; the model's own limit holds besides. @default as many as fit */
  readonly maxTokensPerDoc?: number;
}

/** A reranker whose model is there. */
export interface LoadedReranker {
  /** What runs, and where. */
  readonly model: LoadedModel;
  /**
   * Reorders documents by how well they answer `query`, best first; ties keep the order they came in. Pairs that were
   * scored before are not scored again.
   * @throws RerankError
   */
  rerank(
    query: string,
    documents: readonly (string | RerankDocument)[],
    options?: LibraryRerankOptions,
  ): Promise<readonly RankedDocument[]>;
  /** Milliseconds that the last pairs took, over their number; absent before anything was scored. */
  readonly msPerPair: number | undefined;
  /** Lets go of the model; its worker ends with the last one that uses it. Calls after it reject with `disposed`. */
  dispose(): Promise<void>;
}

/** Scores through a shared worker, and remembers. */
export class CachingReranker implements LoadedReranker {
  readonly model: LoadedModel;
  readonly #worker: WorkerReranker;
  readonly #cache: ScoreCache;
  readonly #release: () => Promise<void>;
  #msPerPair: number | undefined;
  #isDisposed = false;

  constructor(model: LoadedModel, worker: WorkerReranker, cache: ScoreCache, release: () => Promise<void>) {
    this.model = model;
    this.#worker = worker;
    this.#cache = cache;
    this.#release = release;
  }

  get msPerPair(): number | undefined {
    return this.#msPerPair;
  }

  async rerank(
    query: string,
    given: readonly (string | RerankDocument)[],
    options: LibraryRerankOptions = {},
  ): Promise<readonly RankedDocument[]> {
    const { topN, signal, blend, maxTokensPerDoc } = options;
    throwIfAborted(signal);
    if (this.#isDisposed) throw new RerankError("disposed", "The reranker was disposed; load another.");
    const documents = given.map((document) => (typeof document === "string" ? { text: document } : document));
    checkInput(query, documents, options);
    if (documents.length === 0) return [];
    const scores = await this.#scores(
      query,
      documents.map(({ text }) => text),
      { ...(signal && { signal }), ...(maxTokensPerDoc !== undefined && { maxDocumentTokens: maxTokensPerDoc }) },
    );
    const blendWeight = blend === "none" ? 0 : (this.model.blendWeight ?? 0);
    return rankDocuments({
      documents: blendWeight === 0 ? documents : await withFirstStage(query, documents, blend),
      logits: scores.map(({ logit }) => logit),
      truncated: scores.map(({ truncated }) => (truncated ? 1 : 0)),
      blendWeight,
      ...(topN !== undefined && { topN }),
    });
  }

  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    await this.#release();
  }

  async #scores(
    query: string,
    texts: readonly string[],
    options: { readonly signal?: AbortSignal; readonly maxDocumentTokens?: number },
  ): Promise<readonly CachedScore[]> {
    const scope = `${this.model.selfTest.key} ${String(options.maxDocumentTokens ?? "")}`;
    const known = await this.#cache.read(scope, query, texts);
    const missing = texts.filter((_, at) => known[at] === undefined);
    if (missing.length === 0) return known.flatMap((score) => score ?? []);
    const startMs = performance.now();
    const { logits, truncated } = await this.#worker.scorePairs(query, missing, options);
    this.#msPerPair = (performance.now() - startMs) / missing.length;
    const fresh = Array.from(logits, (logit, at) => ({ logit, truncated: truncated[at] === 1 }));
    // Nobody waits for what only the next visit will need.
    void this.#cache.write(scope, query, missing, fresh);
    let next = 0;
    return known.map((score) => score ?? fresh[next++] ?? { logit: Number.NaN, truncated: false });
  }
}

async function withFirstStage(
  query: string,
  documents: readonly RerankDocument[],
  blend: LibraryRerankOptions["blend"],
): Promise<readonly RerankDocument[]> {
  const hasScores = documents.every(({ score }) => score !== undefined);
  if (blend === "order") return orderAsScores(documents);
  if (blend === "scores" || (hasScores && blend === undefined)) return documents;
  const { withListScores, withLocalScores } = await import("./local-scores.ts");
  return blend === "list" ? withListScores(query, documents) : withLocalScores(query, documents);
}

/** 1 / rank: what the blend adds to a logit is then the weight for the first document, half of it for the second … */
function orderAsScores(documents: readonly RerankDocument[]): readonly RerankDocument[] {
  return documents.map((document, at) => ({ ...document, score: 1 / (at + 1) }));
}

function checkInput(
  query: string,
  documents: readonly RerankDocument[],
  { topN, maxTokensPerDoc }: LibraryRerankOptions,
): void {
  const isWhole = (value: number, least: number): boolean => Number.isInteger(value) && value >= least;
  const problems = [
    query.trim() === "" && "the query is empty",
    documents.some(({ text }) => typeof text !== "string") && "a document has no text",
    documents.some(({ score = 0 }) => !(Number.isFinite(score) && score >= 0)) &&
      "a document's score is not a number of 0 or more",
    topN !== undefined && !isWhole(topN, 0) && "topN is not a whole number of 0 or more",
    maxTokensPerDoc !== undefined && !isWhole(maxTokensPerDoc, 1) && "maxTokensPerDoc is not a whole number above 0",
  ];
  const problem = problems.find((each) => each !== false);
  if (typeof problem !== "string") return;
  throw new RerankError("invalid-input", `Nothing was reranked: ${problem}.`, { details: { problem } });
}
