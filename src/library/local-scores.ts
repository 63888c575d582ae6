import type { RerankDocument } from "../core/types.ts";
import { Bm25FirstStage } from "../retrieval/first-stage.ts";

/**
 * The documents with the scores of a BM25 over just these texts, for lists whose own search tells none. It reads no
 * order, so that no order can mislead it. `e2e/bench/blend-without-scores.ts` measured it against orders and real
 * scores.
 */
export function withLocalScores(query: string, documents: readonly RerankDocument[]): readonly RerankDocument[] {
  const scores = new Array<number>(documents.length).fill(0);
  const stage = new Bm25FirstStage(documents.map(({ text }) => text));
  for (const { index, score } of stage.search(query, documents.length)) scores[index] = score;
  return documents.map((document, at) => ({ ...document, score: scores[at] ?? 0 }));
}
