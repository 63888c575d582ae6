import type { RerankDocument } from "../core/types.ts";
import { Bm25FirstStage } from "../retrieval/first-stage.ts";

/**
 * The documents with scores of which one half is their order and the other a BM25 over just these texts, for the list of a
 * search of unknown worth: of a good order little is lost, and a poor one does little harm.
 * `e2e/bench/blend-without-scores.ts` measured it, and `npm run test:sites` on real searches.
 */
export function withListScores(query: string, documents: readonly RerankDocument[]): readonly RerankDocument[] {
  const local = withLocalScores(query, documents);
  const highest = Math.max(...local.map(({ score = 0 }) => score));
  return local.map((document, at) => {
    const share = highest > 0 ? (document.score ?? 0) / highest : 0;
    return { ...document, score: (3 / (at + 3) + share) / 2 };
  });
}

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
