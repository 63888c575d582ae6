import type { Comparison, Difference } from "./compare.ts";

/** A gain below this is not worth a model: one question in a hundred whose answer moves from the second place up. */
export const WORTHWHILE = 0.01;
const LEVEL = 0.05;

/** What the numbers allow to be said. `key` names the system that the sentence is about. */
export type Verdict =
  /** The gain is beyond chance. */
  | { readonly type: "rerank"; readonly key: string; readonly difference: Difference }
  /** `worse`: the best is worse beyond chance; `useless`: even the best cannot be better by anything worth having. */
  | {
      readonly type: "do-not-rerank";
      readonly reason: "worse" | "useless";
      readonly key: string;
      readonly difference: Difference;
    }
  /** Even the best order of the candidates is hardly better than the first stage's. */
  | { readonly type: "no-room"; readonly ceiling: number }
  | {
      readonly type: "too-few-questions";
      readonly key: string;
      readonly difference: Difference;
      /** Questions that would tell, rounded up to two digits. */
      readonly needed: number;
    };

/**
 * The rule behind the sentence above the table, by one metric, against the first stage:
 *
 * 1. Nothing to gain: the ideal order of the same candidates is at most 0.01 better than the first stage's.
 * 2. Rerank with the system of the highest mean among those whose 95 % interval lies above 0 *and* whose p, corrected
 *    for the number of systems tried, is below 0.05.
 * 3. Don't rerank, where the system of the highest mean is worse (interval below 0, corrected p below 0.05), or where
 *    its interval ends below +0.01: what it may still bring is not worth having.
 * 4. Otherwise the questions are too few to tell. How many would do is what finds the difference seen, or 0.01 where
 *    less was seen, four times out of five.
 *
 * @param ideal the metric's mean for the best possible order of the candidates
 * @returns nothing for a comparison without a reranked system or without questions
 */
export function verdictOf(comparison: Comparison, ideal: number): Verdict | undefined {
  const { againstFirst, questions, means } = comparison;
  const [baseline] = means.values();
  const [best] = [...againstFirst].sort((a, b) => b.mean - a.mean);
  if (best === undefined || baseline === undefined || questions === 0) return undefined;
  if (ideal - baseline <= WORTHWHILE) return { type: "no-room", ceiling: ideal };
  const [winner] = againstFirst.filter(isBetter).sort((a, b) => b.mean - a.mean);
  if (winner) return { type: "rerank", key: winner.key, difference: winner };
  const about = { key: best.key, difference: best };
  if (isWorse(best)) return { type: "do-not-rerank", reason: "worse", ...about };
  if (best.interval.high < WORTHWHILE) return { type: "do-not-rerank", reason: "useless", ...about };
  return { type: "too-few-questions", ...about, needed: neededFor(best, questions) };
}

export function isBetter({ interval, correctedP }: Difference): boolean {
  return interval.low > 0 && correctedP < LEVEL;
}

function isWorse({ interval, correctedP }: Difference): boolean {
  return interval.high < 0 && correctedP < LEVEL;
}

function neededFor({ mean, needed: [forWorthwhile = 0] }: Difference, questions: number): number {
  const effect = Math.max(WORTHWHILE, Math.abs(mean));
  // Needed numbers fall with the square of the effect.
  const needed = forWorthwhile * (WORTHWHILE / effect) ** 2;
  return roundedUp(Math.max(needed, questions + 1));
}

/** To two digits: the estimate is no better than that. */
function roundedUp(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / unit) * unit;
}
