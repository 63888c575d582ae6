import type { Metric, Qrels, Run } from "./types.ts";

/**
 * Mean of 1 / rank of the first relevant document among the first `k`, 0 where there is none.
 * Source: trec_eval's recip_rank, cut at k; ir_measures "RR@k".
 * @param k 1 or more
 */
export function reciprocalRank(k: number): Metric {
  return {
    name: `MRR@${String(k)}`,
    score(ranking, judgments) {
      const rank = firstRelevantRank(ranking.slice(0, k), judgments);
      return rank === 0 ? 0 : 1 / rank;
    },
  };
}

/**
 * Share of questions with a relevant document among the first `k`. Not recall: with several relevant documents, one is
 * enough. Source: trec_eval's success_k; the origin's "has-right-in-contexts".
 * @param k 1 or more
 */
export function hitRate(k: number): Metric {
  return {
    name: `Hit@${String(k)}`,
    score: (ranking, judgments) => (firstRelevantRank(ranking.slice(0, k), judgments) === 0 ? 0 : 1),
  };
}

/** What every report shows. */
export const STANDARD_METRICS: readonly Metric[] = [
  reciprocalRank(10),
  hitRate(1),
  hitRate(3),
  hitRate(5),
  hitRate(10),
];

/** Rank of the first document with a grade above 0, from 1; 0 where there is none. */
export function firstRelevantRank(ranking: readonly string[], judgments: ReadonlyMap<string, number>): number {
  return ranking.findIndex((documentId) => (judgments.get(documentId) ?? 0) > 0) + 1;
}

/**
 * Means over *all* questions of `qrels`, by metric name. A question that the run lacks counts as 0 (ir_measures does
 * the same; trec_eval without -c drops it, which flatters a run that fails); questions of the run only are ignored.
 * @returns values in [0, 1]; 0 where there are no questions
 */
export function meanMetrics(qrels: Qrels, run: Run, metrics: readonly Metric[]): Readonly<Record<string, number>> {
  const meanOf = (metric: Metric): number => {
    let sum = 0;
    for (const [questionId, judgments] of qrels) sum += metric.score(run.get(questionId) ?? [], judgments);
    return qrels.size === 0 ? 0 : sum / qrels.size;
  };
  return Object.fromEntries(metrics.map((metric) => [metric.name, meanOf(metric)]));
}
