/** Is the difference of two systems on the same questions more than chance? All draws are seeded. */
import { mean } from "./metrics.ts";
import { seededRandom } from "./seeded-random.ts";

/** What a comparison draws with; the same settings give the same numbers on every machine. */
export interface Resampling {
  /** @default 10000 */
  readonly draws: number;
  /** @default 1 */
  readonly seed: number;
}

export const STANDARD_RESAMPLING: Resampling = { draws: 10_000, seed: 1 };

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * 95 % interval of the mean of paired differences, by the percentile bootstrap over questions (Efron 1979; Sakai, SIGIR
 * 2006, for retrieval). With few questions it is a little too narrow.
 * @param differences one per question, ours minus theirs
 * @returns low = high = the mean where there are fewer than two questions
 */
export function bootstrapInterval(differences: Float64Array, { draws, seed }: Resampling): Interval {
  const count = differences.length;
  if (count < 2) return { low: mean(differences), high: mean(differences) };
  const random = seededRandom(seed);
  const means = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw += 1) {
    let sum = 0;
    for (let at = 0; at < count; at += 1) sum += differences[Math.floor(random() * count)] ?? 0;
    means[draw] = sum / count;
  }
  means.sort();
  return { low: quantile(means, 0.025), high: quantile(means, 0.975) };
}

/**
 * Two-sided p value of Fisher's paired randomisation test: the share of random exchanges of the two systems, question
 * by question, whose difference is at least as large as the one seen. The order as seen counts as one of them, so that
 * p is never 0 (Smucker, Allan and Carterette, CIKM 2007; Phipson and Smyth 2010 for the +1).
 * @param differences one per question, ours minus theirs
 */
export function randomisationP(differences: Float64Array, { draws, seed }: Resampling): number {
  // Exchanging two equal values changes nothing.
  const moved = differences.filter((difference) => difference !== 0);
  const seen = Math.abs(sumOf(moved));
  // What is equal but for the order of its additions must count as equal.
  const least = seen - 1e-9 * Math.max(1, seen);
  const random = seededRandom(seed ^ 0x5bd1e995);
  let extreme = 1;
  for (let draw = 0; draw < draws; draw += 1) {
    let sum = 0;
    for (const difference of moved) sum += random() < 0.5 ? difference : -difference;
    if (Math.abs(sum) >= least) extreme += 1;
  }
  return extreme / (draws + 1);
}

/**
 * Holm's step-down correction for several comparisons (Holm 1979): the smallest p value × m, the next × (m - 1), …,
 * none smaller than one before it, none above 1.
 * @returns in the order of `pValues`
 */
export function holmCorrected(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((_, at) => at).sort((a, b) => (pValues[a] ?? 0) - (pValues[b] ?? 0));
  const corrected = new Array<number>(pValues.length).fill(1);
  let largest = 0;
  for (const [place, at] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - place) * (pValues[at] ?? 1)));
    corrected[at] = largest;
  }
  return corrected;
}

/** Quantiles of the normal distribution: 97.5 % for a two-sided test at 5 %, 80 % for the usual power. */
const TWO_SIDED_5 = 1.959964;
const POWER_80 = 0.841621;

/**
 * How many questions like these it takes to find a difference of `effect` four times out of five, at the 5 % level:
 * n = (z₀.₉₇₅ + z₀.₈)² × variance / effect² (Webber, Moffat and Zobel, CIKM 2008).
 * @param differences one per question, whose spread is taken for that of more questions
 * @param effect a mean difference, above 0
 * @returns at least 2; 2 as well where the systems never differ, for then nothing is known of the spread
 */
export function questionsNeeded(differences: Float64Array, effect: number): number {
  return Math.max(2, Math.ceil(((TWO_SIDED_5 + POWER_80) ** 2 * variance(differences)) / effect ** 2));
}

/** The smallest mean difference that so many questions find four times out of five. */
export function detectableDifference(differences: Float64Array): number {
  if (differences.length === 0) return 1;
  return (TWO_SIDED_5 + POWER_80) * Math.sqrt(variance(differences) / differences.length);
}

/** Questions on which ours is above, equal to and below theirs. */
export interface WinTieLoss {
  readonly wins: number;
  readonly ties: number;
  readonly losses: number;
}

export function winTieLoss(differences: Float64Array): WinTieLoss {
  const wins = differences.filter((difference) => difference > 0).length;
  const losses = differences.filter((difference) => difference < 0).length;
  return { wins, ties: differences.length - wins - losses, losses };
}

/** Linear between the two nearest values (Hyndman and Fan's type 7, numpy's default). @param sorted ascending */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? 0;
  return low + (place - below) * ((sorted[Math.min(below + 1, sorted.length - 1)] ?? 0) - low);
}

function variance(values: Float64Array): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  return sumOf(values.map((value) => (value - middle) ** 2)) / (values.length - 1);
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
