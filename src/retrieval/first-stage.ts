import MiniSearch from "minisearch";
import type { Candidate, FirstStage } from "../core/types.ts";
import { tokenizeKorean } from "./korean-tokenizer.ts";

/** The three free numbers of BM25+ (Lv and Zhai, "Lower-bounding term frequency normalization", CIKM 2011). */
export interface Bm25Params {
  /** How slowly repeats of a term stop counting. */
  readonly k: number;
  /** How much long documents are held back, 0 (not) to 1 (fully). */
  readonly b: number;
  /** What a match is worth however long the document is. */
  readonly d: number;
}

/** MiniSearch's own defaults. */
export const DEFAULT_BM25_PARAMS: Bm25Params = { k: 1.2, b: 0.7, d: 0.5 };

interface IndexedText {
  readonly id: number;
  readonly text: string;
}

/**
 * Searches a fixed list of texts through MiniSearch 7, whose score is *not* plain BM25. For a query with terms q:
 *
 *     score(d) = M(d) × Σ_q idf(q) × (delta + tf × (k + 1) / (tf + k × (1 - b + b × U(d) / mean U)))
 *     idf(q)   = ln(1 + (N - n + 0.5) / (n + 0.5))
 *
 * - The sum is BM25+ over the query's terms that occur in d; a term typed twice adds twice. tf = times it occurs in d,
 *   n = documents with it, N = all documents, empty ones included.
 * - The length U(d) is the number of *different* terms in d, not of all its terms.
 * - M(d) is how many different terms of the query occur in d. Within one query that orders as the share of matching
 *   terms would, and favours documents which match much of the query over such as match one rare term.
 *
 * Source: `search`, `calcBM25Score` and `add` in minisearch/dist/es/index.js, 7.2.
 */
export class Bm25FirstStage implements FirstStage {
  readonly name = "BM25+ × matched terms (MiniSearch)";
  readonly #index: MiniSearch<IndexedText>;
  #documents = 0;

  /** Indexes `documents` at once: a large list takes seconds, and is better added in parts. */
  constructor(documents: readonly string[], params: Bm25Params = DEFAULT_BM25_PARAMS) {
    this.#index = new MiniSearch<IndexedText>({
      fields: ["text"],
      tokenize: tokenizeKorean,
      processTerm: (term) => term,
      searchOptions: { bm25: { ...params }, combineWith: "OR", prefix: false, fuzzy: false },
    });
    this.add(documents);
  }

  /** A candidate's `index` is a position in the list of all documents ever added. */
  add(documents: readonly string[]): void {
    this.#index.addAll(documents.map((text, at) => ({ id: this.#documents + at, text })));
    this.#documents += documents.length;
  }

  /** The best `limit` documents, best first, equal scores by index; none where no term of the query occurs. */
  search(query: string, limit: number): readonly Candidate[] {
    return this.#index
      .search(query)
      .map(({ id, score }) => ({ index: id as number, score }))
      .sort((a, b) => b.score - a.score || a.index - b.index)
      .slice(0, Math.max(0, limit));
  }
}
