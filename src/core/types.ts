import type { Aggregation } from "./aggregation.ts";

/** A text to rank. */
export interface RerankDocument {
  readonly text: string;
  /** The caller's own name for the document; handed back untouched. */
  readonly id?: string;
  /**
   * The first stage's score, 0 or more, higher is better. Where every document of a call has one, a model whose
   * manifest asks for it blends them with its logits.
   */
  readonly score?: number;
}

/** One line of a reranked list. */
export interface RankedDocument {
  readonly id?: string;
  /** Position in the list that was passed in, from 0. */
  readonly index: number;
  /** Position in the new order, from 1. */
  readonly rank: number;
  /** Sigmoid of the logit, 0 to 1. It saturates: fit for display, not for sorting. */
  readonly relevanceScore: number;
  /** The cross-encoder's raw output, fp32. Comparable within one query only. */
  readonly logit: number;
  /** What the order goes by: the logit, or the logit blended with the first stage's score. */
  readonly orderScore: number;
  /** True where the query or the document was longer than the model reads, so that its end was not seen. */
  readonly truncated: boolean;
}

export interface RerankOptions {
  /** How many documents to return. @default all of them */
  readonly topN?: number;
  /** Cancels the call; it then rejects with code `aborted`, after the batch that is running. */
  readonly signal?: AbortSignal;
  /**
   * Whether to blend the logit with the documents' first-stage scores by the weight in the model's manifest.
   * @default true
   */
  readonly blend?: boolean;
  /**
   * What becomes of a document that is longer than the model reads. `first`: its beginning alone is read. `max`, `mean`:
   * it is read in overlapping windows, and the best or the mean of their logits counts.
   * @default "first"
   */
  readonly longDocuments?: Aggregation;
  /** A newer call with the same key cancels this one, which then rejects with code `superseded`. */
  readonly supersedeKey?: string;
  /** Called after each batch with the number of documents scored so far; never after the call has settled. */
  readonly onProgress?: (scored: number, total: number) => void;
}

/** Anything that reorders documents for a query. */
export interface Reranker {
  /** The model's id, as a table shows it. */
  readonly name: string;
  /**
   * Reorders `documents` by how well they answer `query`, best first; ties keep the order they came in.
   * @throws RerankError
   */
  rerank(
    query: string,
    documents: readonly RerankDocument[],
    options?: RerankOptions,
  ): Promise<readonly RankedDocument[]>;
  /** Frees the model. Calls still open reject with code `disposed`. */
  dispose(): Promise<void>;
}

/** A document found by the first stage. */
export interface Candidate {
  /** Position of the document in the list that was indexed, from 0. */
  readonly index: number;
  /** The first stage's own score, above 0. */
  readonly score: number;
}

/** The search whose results get reranked. */
export interface FirstStage {
  /** What it really is, as a table shows it. */
  readonly name: string;
  /** The best `limit` documents, best first; ties by index. Documents that match nothing are left out. */
  search(query: string, limit: number): readonly Candidate[];
}
