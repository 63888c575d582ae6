/** Systems on the same questions and candidates, one against another. */
import { mean, questionScores } from "./metrics.ts";
import {
  bootstrapMeans,
  detectableDifference,
  differenceInterval,
  holmCorrected,
  questionsNeeded,
  randomisationP,
  STANDARD_RESAMPLING,
  winTieLoss,
  type Interval,
  type Resampling,
  type WinTieLoss,
} from "./significance.ts";
import type { Metric, Qrels, Run } from "./types.ts";

/** Anything that puts the candidates in an order: the first stage, a model, a model blended with it. */
export interface System {
  /** Unique within a comparison. */
  readonly key: string;
  readonly run: Run;
}

/** Differences for which a comparison says how many questions would show them. */
const EFFECTS = [0.01, 0.02, 0.05] as const;

/** How one system differs from another, by one metric. */
export interface Difference extends WinTieLoss {
  readonly key: string;
  readonly against: string;
  /** Mean of ours minus theirs over all questions. */
  readonly mean: number;
  /** 95 %, by bootstrap. */
  readonly interval: Interval;
  /** Two-sided, by randomisation. */
  readonly p: number;
  /** `p` corrected for all differences of the same call (Holm). */
  readonly correctedP: number;
  /** Questions that would find a difference of each of `EFFECTS` four times out of five. */
  readonly needed: readonly number[];
  /** The smallest difference that these questions find four times out of five. */
  readonly detectable: number;
}

export interface Comparison {
  readonly metric: string;
  readonly questions: number;
  /** By system key. */
  readonly means: ReadonlyMap<string, number>;
  /** Of each system against the first, in the order of the systems. */
  readonly againstFirst: readonly Difference[];
  /** Of each later system against each earlier one that is not the first. */
  readonly amongOthers: readonly Difference[];
  readonly resampling: Resampling;
}

/**
 * Compares by one metric: each system with the first, which is the one without a reranker, and the others among
 * themselves. Holm's correction is over each of the two families apart, for they answer two questions: does reranking
 * pay, and with which of these models?
 * @param systems the first is the baseline
 */
export function compareSystems(
  qrels: Qrels,
  systems: readonly System[],
  metric: Metric,
  resampling: Resampling = resamplingFor(qrels.size),
): Comparison {
  const values = systems.map(({ run }) => questionScores(qrels, run, metric));
  const draws = bootstrapMeans(values, resampling);
  const scored = systems.map(({ key }, at): Scored => ({
    key,
    scores: values[at] ?? new Float64Array(),
    draws: draws[at] ?? new Float64Array(),
  }));
  const [first, ...others] = scored;
  const among = others.flatMap((ours, at) => others.slice(0, at).map((theirs) => [ours, theirs] as const));
  const family = (pairs: readonly (readonly [Scored, Scored])[]): readonly Difference[] => {
    const differences = pairs.map(([ours, theirs]) => differenceOf(ours, theirs, resampling));
    const corrected = holmCorrected(differences.map(({ p }) => p));
    return differences.map((difference, at) => ({ ...difference, correctedP: corrected[at] ?? 1 }));
  };
  return {
    metric: metric.name,
    questions: qrels.size,
    means: new Map(scored.map(({ key, scores }) => [key, mean(scores)])),
    againstFirst: first === undefined ? [] : family(others.map((ours) => [ours, first] as const)),
    amongOthers: family(among),
    resampling,
  };
}

interface Scored {
  readonly key: string;
  /** One per question. */
  readonly scores: Float64Array;
  /** Mean per resample, the same resamples for all systems. */
  readonly draws: Float64Array;
}

function differenceOf(ours: Scored, theirs: Scored, resampling: Resampling): Difference {
  const differences = ours.scores.map((score, at) => score - (theirs.scores[at] ?? 0));
  const p = randomisationP(differences, resampling);
  return {
    key: ours.key,
    against: theirs.key,
    mean: mean(differences),
    interval: differenceInterval(ours.draws, theirs.draws),
    p,
    correctedP: p,
    ...winTieLoss(differences),
    needed: EFFECTS.map((effect) => questionsNeeded(differences, effect)),
    detectable: detectableDifference(differences),
  };
}

const MOST_NUMBERS_DRAWN = 2e7;

/** As many draws as are quick: with thousands of questions an interval is as steady with fewer. At least 2,000. */
export function resamplingFor(questions: number): Resampling {
  const affordable = Math.floor(MOST_NUMBERS_DRAWN / Math.max(1, questions));
  return { ...STANDARD_RESAMPLING, draws: Math.min(STANDARD_RESAMPLING.draws, Math.max(2000, affordable)) };
}
