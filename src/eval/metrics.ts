import type { Metric, MetricFamily, Qrels, Run } from "./types.ts";

/** The cuts at which every report measures. */
export const METRIC_CUTS = [1, 3, 5, 10, 20] as const;

type Grades = ReadonlyMap<string, number>;

/** One question's outcome, as far as any measure looks at it. */
interface Outcome {
  /** Grade of the document at each rank, 0 or more. */
  readonly grades: readonly number[];
  /** Grades above 0 of all judged documents, found or not, best first. */
  readonly ideal: readonly number[];
}

type Measure = (outcome: Outcome, k: number) => number;

/**
 * The measures, each over one ranking and its judgments, cut at rank k. A document is relevant where its grade is above
 * 0; one without a grade counts as not relevant. All are 0 for a question without relevant documents. Names in
 * brackets are trec_eval's, whose values these are.
 *
 * - `MRR` (recip_rank, cut): 1 / rank of the first relevant document.
 * - `Hit` (success): 1 where a relevant document stands among the first k. Not recall: one is enough.
 * - `nDCG` (ndcg_cut): sum of grade / log2(rank + 1), divided by that of the best possible order of the judged
 *   documents (Järvelin and Kekäläinen 2002 with the discount of every rank; linear gain, not 2^grade - 1).
 * - `MAP` (map_cut): precisions at the ranks of relevant documents, summed and divided by how many are relevant.
 * - `Recall` (recall): share of the relevant documents that stand among the first k.
 * - `P` (P): share of the first k ranks that hold a relevant document; ranks that the list lacks count as not relevant.
 */
const MEASURES: Readonly<Record<MetricFamily, Measure>> = {
  MRR: ({ grades }, k) => {
    const at = firstRelevant(grades);
    return at === -1 || at >= k ? 0 : 1 / (at + 1);
  },
  Hit: ({ grades }, k) => {
    const at = firstRelevant(grades);
    return at === -1 || at >= k ? 0 : 1;
  },
  nDCG: ({ grades, ideal }, k) => share(discountedGain(grades, k), discountedGain(ideal, k)),
  MAP: ({ grades, ideal }, k) => {
    let found = 0;
    let sum = 0;
    for (let at = 0; at < Math.min(k, grades.length); at += 1) {
      if (grades[at] === 0) continue;
      found += 1;
      sum += found / (at + 1);
    }
    return share(sum, ideal.length);
  },
  Recall: ({ grades, ideal }, k) => share(relevantAmong(grades, k), ideal.length),
  P: ({ grades }, k) => relevantAmong(grades, k) / k,
};

/** In the order in which a report shows them. */
export const METRIC_FAMILIES = Object.keys(MEASURES) as readonly MetricFamily[];

/** @param k the cut, 1 or more */
export function metric(family: MetricFamily, k: number): Metric {
  return {
    name: `${family}@${String(k)}`,
    family,
    cut: k,
    score: (ranking, judgments) => MEASURES[family](outcomeOf(ranking, judgments), k),
  };
}

/** The metric of a name such as "nDCG@10"; nothing where there is none. */
export function metricNamed(name: string): Metric | undefined {
  const [, family, cut] = /^([A-Za-z]+)@([1-9]\d*)$/.exec(name) ?? [];
  const known = METRIC_FAMILIES.find((each) => each === family);
  return known && metric(known, Number(cut));
}

/** Every measure at every cut, by family. */
export const ALL_METRICS: readonly Metric[] = METRIC_FAMILIES.flatMap((family) =>
  METRIC_CUTS.map((cut) => metric(family, cut)),
);

/** Rank of the first document with a grade above 0, from 1; 0 where there is none. */
export function firstRelevantRank(ranking: readonly string[], judgments: Grades): number {
  return ranking.findIndex((id) => gradeOf(judgments, id) > 0) + 1;
}

/**
 * One value per question of `qrels`, in its order. A question that the run lacks counts as 0 (ir_measures does the
 * same, and trec_eval with -c; without it trec_eval drops the question, which flatters a run that fails); questions of
 * the run only are ignored.
 */
export function questionScores(qrels: Qrels, run: Run, measure: Metric): Float64Array {
  return Float64Array.from(qrels, ([id, judgments]) => measure.score(run.get(id) ?? [], judgments));
}

/**
 * Means of `questionScores` over *all* questions of `qrels`, by metric name.
 * @returns values in [0, 1]; 0 where there are no questions
 */
export function meanMetrics(qrels: Qrels, run: Run, metrics: readonly Metric[]): Readonly<Record<string, number>> {
  // Looked up once per question, not once per question and measure.
  const outcomes = Array.from(qrels, ([id, judgments]) => outcomeOf(run.get(id) ?? [], judgments));
  const meanOf = ({ family, cut }: Metric): number => mean(outcomes.map((each) => MEASURES[family](each, cut)));
  return Object.fromEntries(metrics.map((each) => [each.name, meanOf(each)]));
}

/** 0 where there is nothing to average. */
export function mean(values: Float64Array | readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}

/** 0 or more: some judgments give a negative grade to spam, which is no more wrong than any other wrong document. */
function gradeOf(judgments: Grades, id: string): number {
  return Math.max(0, judgments.get(id) ?? 0);
}

function outcomeOf(ranking: readonly string[], judgments: Grades): Outcome {
  return {
    grades: ranking.map((id) => gradeOf(judgments, id)),
    ideal: [...judgments.values()].filter((grade) => grade > 0).sort((a, b) => b - a),
  };
}

/** From 0; -1 for none. */
function firstRelevant(grades: readonly number[]): number {
  return grades.findIndex((grade) => grade > 0);
}

function relevantAmong(grades: readonly number[], k: number): number {
  let found = 0;
  for (let at = 0; at < Math.min(k, grades.length); at += 1) if (grades[at] !== 0) found += 1;
  return found;
}

function discountedGain(grades: readonly number[], k: number): number {
  let sum = 0;
  for (let at = 0; at < Math.min(k, grades.length); at += 1) {
    const grade = grades[at] ?? 0;
    if (grade !== 0) sum += grade / Math.log2(at + 2);
  }
  return sum;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
