/** What the adapters have in common, whichever framework they serve. */
import { RerankError, throwIfAborted } from "../core/errors.ts";
import type { LoadedModel } from "../core/protocol.ts";
import type { RankedDocument, RerankDocument } from "../core/types.ts";
import type { LibraryRerankOptions, LoadedReranker } from "../library/loaded-reranker.ts";

/** Anything that reranks as a `LoadedReranker` does. */
export interface DocumentReranker extends Pick<LoadedReranker, "rerank"> {
  /** What runs; absent until it is loaded. */
  readonly model?: Pick<LoadedModel, "id"> | undefined;
}

/** How documents are read and ordered in every call of an adapter. */
export type ReadingOptions = Pick<LibraryRerankOptions, "blend" | "maxTokensPerDoc">;

/** What one call asks for. */
export type CallOptions = Pick<LibraryRerankOptions, "topN" | "signal">;

export interface FirstStageOptions {
  /**
   * Whether the scores that documents carry are blended with the model's logits. They count only where every document
   * of a call has one, each a finite number of 0 or more. Say so for BM25 and the like alone: the weight of the blend
   * was fitted to such scores, over the largest of the list. Similarities of embeddings lie so close together that the
   * blend would change hardly anything, and of distances the worst would gain most.
   * @default false
   */
  readonly useScores?: boolean;
}

type LooseOptions = { readonly [K in keyof LibraryRerankOptions]?: LibraryRerankOptions[K] | undefined };

/**
 * Reranks. A list without documents needs no model and an empty query has no answer: neither gets one loaded.
 * @throws RerankError
 */
export async function rankTexts(
  reranker: DocumentReranker,
  query: string,
  documents: readonly RerankDocument[],
  { topN, signal, blend, maxTokensPerDoc }: LooseOptions,
): Promise<readonly RankedDocument[]> {
  throwIfAborted(signal);
  if (documents.length === 0) return [];
  if (checkedText(query, "the query").trim() === "") throw invalidInput("the query is empty");
  return await reranker.rerank(query, documents, {
    ...(topN !== undefined && { topN }),
    ...(signal !== undefined && { signal }),
    ...(blend !== undefined && { blend }),
    ...(maxTokensPerDoc !== undefined && { maxTokensPerDoc }),
  });
}

/** Gives each text its score, or none of them where one has a score that cannot be blended. */
export function withScores(texts: readonly string[], scores: readonly unknown[]): readonly RerankDocument[] {
  const usable = scores.filter((score): score is number => Number.isFinite(score) && Number(score) >= 0);
  if (usable.length < texts.length) return texts.map((text) => ({ text }));
  return texts.map((text, at) => ({ text, score: usable[at] ?? 0 }));
}

/** `given`, which JavaScript may have passed as anything. @throws RerankError `invalid-input` */
export function checkedList<T>(given: readonly T[], what: string): readonly T[] {
  const list: unknown = given;
  if (Array.isArray(list)) return given;
  throw invalidInput(`${what} must be an array`);
}

/** `given`, which data of another shape may lack. @throws RerankError `invalid-input` */
export function checkedText(given: unknown, what: string): string {
  if (typeof given === "string") return given;
  throw invalidInput(`${what} is not a string`);
}

export function invalidInput(problem: string): RerankError {
  return new RerankError("invalid-input", `Nothing was reranked: ${problem}.`, { details: { problem } });
}
