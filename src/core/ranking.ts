import { RerankError } from "./errors.ts";
import type { RankedDocument, RerankDocument } from "./types.ts";

/** 1 / (1 + e^-x), in (0, 1) up to the resolution of a double. */
export function sigmoid(logit: number): number {
  return logit >= 0 ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit) / (1 + Math.exp(logit));
}

/**
 * Adds the first stage's opinion to the model's: `logit + weight × score / (largest score of the query)`.
 * @param weight in units of the logit, 0 or more
 * @returns one score per document; the logits as they are where no score is above 0
 */
export function blendScores(logits: ArrayLike<number>, firstStageScores: readonly number[], weight: number): number[] {
  const largest = Math.max(0, ...firstStageScores);
  const unit = largest > 0 ? weight / largest : 0;
  return firstStageScores.map((score, index) => (logits[index] ?? Number.NaN) + unit * score);
}

/**
 * Positions of `scores` from the highest to the lowest; equal scores keep the order they came in.
 * @throws RerankError `inference` for a score that is not a finite number, for no order would be right
 */
export function orderByScore(scores: ArrayLike<number>): number[] {
  const all = Array.from(scores);
  const bad = all.findIndex((score) => !Number.isFinite(score));
  if (bad >= 0) {
    throw new RerankError("inference", `Document ${String(bad)} got the score ${String(all[bad])}; no order is right.`);
  }
  return all.map((_, index) => index).sort((a, b) => (all[b] ?? 0) - (all[a] ?? 0) || a - b);
}

export interface RankingInput {
  readonly documents: readonly RerankDocument[];
  readonly logits: ArrayLike<number>;
  /** 1 where a pair was cut to the model's limit. */
  readonly truncated: ArrayLike<number>;
  /** Weight of the first stage's score; 0 or absent ranks by the logit alone. */
  readonly blendWeight?: number;
  /** @default all */
  readonly topN?: number;
}

/**
 * Orders scored documents, best first. Blends only where every document carries a first-stage score.
 * @throws RerankError `inference` where counts differ or a logit is not finite
 */
export function rankDocuments(input: RankingInput): readonly RankedDocument[] {
  const { documents, logits, truncated, blendWeight = 0, topN = documents.length } = input;
  if (logits.length !== documents.length) {
    throw new RerankError(
      "inference",
      `Got ${String(logits.length)} scores for ${String(documents.length)} documents.`,
    );
  }
  const firstStage = documents.flatMap(({ score }) => (score === undefined ? [] : [score]));
  const blended = blendWeight > 0 && firstStage.length === documents.length;
  const orderScores = blended ? blendScores(logits, firstStage, blendWeight) : Array.from(logits);
  return orderByScore(orderScores)
    .slice(0, topN)
    .map((index, position) => ({
      ...(documents[index]?.id !== undefined && { id: documents[index].id }),
      index,
      rank: position + 1,
      relevanceScore: sigmoid(logits[index] ?? Number.NaN),
      logit: logits[index] ?? Number.NaN,
      orderScore: orderScores[index] ?? Number.NaN,
      truncated: truncated[index] === 1,
    }));
}
