/** From candidates and scores to everything that the workbench shows. Pure, and quick enough to do again on each choice. */
import { compareSystems, type Comparison, type Difference } from "./compare.ts";
import { ALL_METRICS, firstRelevantRank, mean, meanMetrics, questionScores } from "./metrics.ts";
import { quantile, type Resampling } from "./significance.ts";
import {
  idealRun,
  rankSystem,
  type CandidateList,
  type QuestionScores,
  type RankedSystem,
  type ScoresByQuestion,
  type SystemRecipe,
} from "./systems.ts";
import type { Metric, Qrels } from "./types.ts";
import { verdictOf, type Verdict } from "./verdict.ts";

export interface JudgingInput {
  readonly qrels: Qrels;
  /** One per question of `qrels`, in its order. */
  readonly lists: readonly CandidateList[];
  /** By the key of a model. */
  readonly scores: ReadonlyMap<string, ScoresByQuestion>;
  /** The first must be the first stage's. */
  readonly recipes: readonly SystemRecipe[];
  /** What the comparison and the verdict go by. */
  readonly metric: Metric;
  /** @default as many draws as are quick */
  readonly resampling?: Resampling;
}

/** Milliseconds per question. */
export interface Latency {
  readonly median: number;
  readonly p95: number;
  readonly mean: number;
}

export interface JudgedSystem {
  readonly key: string;
  readonly recipe: SystemRecipe;
  /** By metric name, every family at every cut. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Against the first system; absent for it. */
  readonly difference?: Difference;
  /** Absent for the first stage, and where nothing was scored. */
  readonly latency?: Latency;
  /** Neighbours that only the first stage's order parted. */
  readonly ties: number;
  /** Share of scored candidates that the model did not read to their end, 0 to 1. */
  readonly truncated: number;
  /** One value of the chosen metric per question. */
  readonly values: Float64Array;
  /** Rank of the first relevant document per question, from 1; 0 for none. */
  readonly ranks: Uint16Array;
  readonly ranked: RankedSystem;
}

export interface Judgement {
  readonly metric: string;
  readonly systems: readonly JudgedSystem[];
  readonly comparison: Comparison;
  /** Share of questions with a relevant document among the candidates. */
  readonly ceiling: number;
  /** The chosen metric for the best order of the candidates: no reranking can exceed it. */
  readonly ideal: number;
  readonly verdict: Verdict | undefined;
}

export function judge(input: JudgingInput): Judgement {
  const { qrels, lists, scores, recipes, metric, resampling } = input;
  const ranked = recipes.map((recipe) => rankSystem(recipe, lists, scores));
  const comparison = compareSystems(qrels, ranked, metric, resampling);
  const ideal = idealRun(lists, (question, document) => qrels.get(question)?.get(document) ?? 0);
  const idealMean = mean(questionScores(qrels, ideal, metric));
  const found = Array.from(qrels, ([id, judged]) => Math.sign(firstRelevantRank(ideal.get(id) ?? [], judged)));
  return {
    metric: metric.name,
    systems: ranked.map((system) => judgeSystem(system, input, comparison)),
    comparison,
    ceiling: mean(found),
    ideal: idealMean,
    verdict: verdictOf(comparison, idealMean),
  };
}

function judgeSystem(
  ranked: RankedSystem,
  { qrels, scores, metric }: JudgingInput,
  { againstFirst }: Comparison,
): JudgedSystem {
  const { key, recipe, run, ties } = ranked;
  const own = recipe.model === undefined ? undefined : scores.get(recipe.model);
  const stage = recipe.after && scores.get(recipe.after.model);
  const difference = againstFirst.find((each) => each.key === key);
  const latency = own && latencyOf([...own].map(([id, each]) => timeOf(each, recipe.after, stage?.get(id))));
  return {
    key,
    recipe,
    metrics: meanMetrics(qrels, run, ALL_METRICS),
    ...(difference && { difference }),
    ...(latency && { latency }),
    ties,
    truncated: own === undefined ? 0 : shareTruncated(own),
    values: questionScores(qrels, run, metric),
    ranks: Uint16Array.from(qrels, ([id, judged]) => firstRelevantRank(run.get(id) ?? [], judged)),
    ranked,
  };
}

/** A cascade's second model would read only what the first hands on, in that share of its time. */
function timeOf(
  { ms, windows }: QuestionScores,
  after: SystemRecipe["after"],
  stage: QuestionScores | undefined,
): number {
  if (after === undefined) return ms;
  return (stage?.ms ?? 0) + ms * Math.min(1, after.keep / Math.max(1, windows.length));
}

function latencyOf(times: readonly number[]): Latency | undefined {
  const measured = times.filter((ms) => ms > 0).sort((a, b) => a - b);
  if (measured.length === 0) return undefined;
  return { median: quantile(measured, 0.5), p95: quantile(measured, 0.95), mean: mean(measured) };
}

function shareTruncated(scores: ScoresByQuestion): number {
  let cut = 0;
  let all = 0;
  for (const { truncated } of scores.values()) {
    all += truncated.length;
    cut += truncated.reduce((sum, each) => sum + each, 0);
  }
  return all === 0 ? 0 : cut / all;
}

/** A model at one depth of reranking. */
export interface SweepPoint {
  readonly candidates: number;
  readonly value: number;
  /** The ideal order of so many candidates: what there is to win by looking at more. */
  readonly ideal: number;
}

const SWEEP_DEPTHS = [5, 10, 20, 50] as const;

/** The metric when only the first 5, 10, 20, 50 candidates are reranked, as far as there are so many. */
export function sweepDepths(input: JudgingInput, recipe: SystemRecipe): readonly SweepPoint[] {
  const { qrels, lists, scores, metric } = input;
  const most = Math.max(0, ...lists.map(({ documentIds }) => documentIds.length));
  const depths = SWEEP_DEPTHS.filter((depth) => depth < most);
  return [...depths, most].map((candidates) => {
    const cut = lists.map((list) => ({ ...list, documentIds: list.documentIds.slice(0, candidates) }));
    const ideal = idealRun(cut, (question, document) => qrels.get(question)?.get(document) ?? 0);
    const { run } = rankSystem({ ...recipe, candidates }, lists, scores);
    return {
      candidates,
      value: mean(questionScores(qrels, run, metric)),
      ideal: mean(questionScores(qrels, ideal, metric)),
    };
  });
}

/** The recipes that a table shows for one model: alone, blended where its manifest says so, and its other windows. */
export function recipesOf(
  model: string,
  blendWeight: number | undefined,
  hasLongDocuments: boolean,
): readonly SystemRecipe[] {
  const kinds: readonly SystemRecipe[] = [
    { kind: "logit", model },
    ...(blendWeight === undefined || blendWeight === 0 ? [] : [{ kind: "blended", model, blendWeight } as const]),
  ];
  const aggregations = hasLongDocuments ? (["first", "max", "mean"] as const) : (["first"] as const);
  return aggregations.flatMap((aggregation) => kinds.map((recipe) => ({ ...recipe, aggregation })));
}

/** Candidates that a cascade's second model reads. */
const CASCADE_KEEP = 20;

export interface CascadeModel {
  readonly key: string;
  readonly blendWeight?: number | undefined;
}

/**
 * The quickest model before each other one, where there are more candidates than the second is to read.
 * @param models quickest first
 */
export function cascadesOf(models: readonly CascadeModel[], candidates: number): readonly SystemRecipe[] {
  const [first, ...others] = models;
  if (first === undefined || candidates <= CASCADE_KEEP) return [];
  const weight = (model: CascadeModel) => (model.blendWeight ? { blendWeight: model.blendWeight } : {});
  const after = { model: first.key, keep: CASCADE_KEEP, ...weight(first) };
  return others.map((model) => ({
    kind: model.blendWeight ? "blended" : "logit",
    model: model.key,
    ...weight(model),
    after,
  }));
}
