/** Scores of one query with each of some documents, before anything is ordered. */
export interface PairScores {
  /** fp32, all windows of the first document, then of the second, and so on. */
  readonly logits: Float32Array;
  /** Windows of each document, 1 or more. */
  readonly windows: Uint8Array;
  /** 1 where the query or the document was not read to its end. */
  readonly truncated: Uint8Array;
}

export interface PairScoringOptions {
  /** Reads long documents in overlapping windows. @default false: what does not fit is cut */
  readonly windows?: boolean;
  /** Tokens of each document that are read, at most; without windows. @default as many as fit */
  readonly maxDocumentTokens?: number;
  readonly signal?: AbortSignal;
}

/** A model that scores pairs. */
export interface PairScorer {
  /** @throws RerankError */
  scorePairs(query: string, documents: readonly string[], options?: PairScoringOptions): Promise<PairScores>;
}
