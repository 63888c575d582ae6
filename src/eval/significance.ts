/** Is the difference of two systems on the same questions more than chance? All draws are seeded. */
import { mean } from "./metrics.ts";
import { seededBits, seededRandom } from "./seeded-random.ts";

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
 * Means of several systems in the same resamples of the questions, drawn with replacement. What is compared must be
 * resampled together: a question that two systems find hard is hard for both.
 * @param systems one value per question each, all of one length
 * @returns per system one mean per draw
 */
export function bootstrapMeans(systems: readonly Float64Array[], { draws, seed }: Resampling): readonly Float64Array[] {
  const [width, questions] = [systems.length, systems[0]?.length ?? 0];
  // One question's values side by side: a draw then reads from one place.
  const values = Float64Array.from(
    { length: width * questions },
    (_, at) => systems[at % width]?.[Math.floor(at / width)] ?? 0,
  );
  const means = systems.map(() => new Float64Array(draws));
  const sums = new Float64Array(width);
  const random = seededRandom(seed);
  for (let draw = 0; draw < draws; draw += 1) {
    sums.fill(0);
    for (let taken = 0; taken < questions; taken += 1) {
      const from = Math.floor(random() * questions) * width;
      for (let system = 0; system < width; system += 1)
        sums[system] = (sums[system] ?? 0) + (values[from + system] ?? 0);
    }
    for (const [system, own] of means.entries()) own[draw] = (sums[system] ?? 0) / Math.max(1, questions);
  }
  return means;
}

/**
 * 95 % interval of the mean of paired differences, by the percentile bootstrap over questions (Efron 1979; Sakai, SIGIR
 * 2006, for retrieval). With few questions it is a little too narrow; of one question it is a point.
 * @param ours means per draw, see `bootstrapMeans`
 * @param theirs of the same draws
 */
export function differenceInterval(ours: Float64Array, theirs: Float64Array): Interval {
  // Rounded, so that what is equal but for the order of its additions is equal.
  const sorted = ours.map((value, draw) => Math.round((value - (theirs[draw] ?? 0)) * 1e12) / 1e12).sort();
  return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
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
  const total = sumOf(moved);
  const seen = Math.abs(total);
  // What is equal but for the order of its additions must count as equal.
  const least = seen - 1e-9 * Math.max(1, seen);
  const sums = subsetSums(moved);
  const bits = seededBits(seed ^ 0x5bd1e995);
  let extreme = 1;
  for (let draw = 0; draw < draws; draw += 1) {
    let kept = 0;
    let drawn = 0;
    for (let group = 0; group * 256 < sums.length; group += 1) {
      drawn = group % 4 === 0 ? bits() : drawn >>> 8;
      kept += sums[group * 256 + (drawn & 255)] ?? 0;
    }
    // What is not kept is exchanged, which turns its sign.
    if (Math.abs(2 * kept - total) >= least) extreme += 1;
  }
  return extreme / (draws + 1);
}

/** For each eight values the sums of their 256 subsets: a byte of random bits then takes eight at once. */
function subsetSums(values: Float64Array): Float64Array {
  const sums = new Float64Array(256 * Math.ceil(values.length / 8));
  for (let at = 0; at < sums.length; at += 1) {
    const [group, subset] = [at >>> 8, at & 255];
    // The subset without its highest member was summed before.
    const highest = 31 - Math.clz32(subset);
    if (subset > 0) sums[at] = (sums[at ^ (1 << highest)] ?? 0) + (values[group * 8 + highest] ?? 0);
  }
  return sums;
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
