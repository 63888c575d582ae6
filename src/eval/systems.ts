/** The orders that a table compares, from one first stage's candidates and the scores of some models. */
import { aggregateWindows, type Aggregation } from "../core/aggregation.ts";
import { blendScores, orderByScore } from "../core/ranking.ts";
import type { System } from "./compare.ts";
import type { Run } from "./types.ts";

/** What the first stage found for a question, best first. */
export interface CandidateList {
  readonly questionId: string;
  readonly documentIds: readonly string[];
  /** One per document, 0 or more; empty where the first stage gave an order only. */
  readonly scores: readonly number[];
}

/** What a model says of one question's candidates. */
export interface QuestionScores {
  /** fp32, all windows of the first document, then of the second, and so on. */
  readonly logits: Float32Array;
  /** Windows of each candidate, 1 or more. */
  readonly windows: Uint8Array;
  /** 1 where the model did not read a candidate to its end. */
  readonly truncated: Uint8Array;
  /** Wall time of the reranker's call, milliseconds. */
  readonly ms: number;
}

export type ScoresByQuestion = ReadonlyMap<string, QuestionScores>;

/** The quicker half of a cascade. */
interface CascadeStage {
  /** Key of its scores of all candidates. */
  readonly model: string;
  /** Weight of the first stage's score. @default 0, its logits alone */
  readonly blendWeight?: number;
  /** Candidates that it hands on, its best ones. */
  readonly keep: number;
}

/** How a system comes to its order. */
export interface SystemRecipe {
  readonly kind: "first-stage" | "logit" | "blended";
  /** Key of the model's scores; absent for the first stage. */
  readonly model?: string;
  /** @default "first", which is what a model sees of a long document that is cut */
  readonly aggregation?: Aggregation;
  /** For "blended": weight of the first stage's score. */
  readonly blendWeight?: number;
  /** Reranks the first so many candidates; those below keep their places. @default all */
  readonly candidates?: number;
  /** A model whose best candidates are all that this one reads; those below keep that model's order. @default none */
  readonly after?: CascadeStage;
}

/** A system with the numbers that its order goes by. */
export interface RankedSystem extends System {
  readonly recipe: SystemRecipe;
  /** By question: scores of the ranking, best first; empty where there are none. */
  readonly scores: ReadonlyMap<string, readonly number[]>;
  /** Neighbours in a ranking with equal scores, which only the first stage's order parted. */
  readonly ties: number;
}

export function systemKey({ kind, model = "", aggregation = "first", candidates, after }: SystemRecipe): string {
  const parts = [
    kind,
    model,
    aggregation === "first" ? "" : aggregation,
    candidates === undefined ? "" : String(candidates),
    after === undefined ? "" : `after ${String(after.keep)} of ${after.model}`,
  ];
  return parts.filter((part) => part !== "").join(" ");
}

/**
 * Ranks every question by a recipe. A question that the model has not scored keeps the first stage's order: it is what a
 * page shows when no scores arrive.
 * @throws RerankError `inference` for a logit that is not a finite number
 */
export function rankSystem(
  recipe: SystemRecipe,
  lists: readonly CandidateList[],
  scores: ReadonlyMap<string, ScoresByQuestion>,
): RankedSystem {
  const model = recipe.model === undefined ? undefined : scores.get(recipe.model);
  const run = new Map<string, readonly string[]>();
  const orderScores = new Map<string, readonly number[]>();
  let ties = 0;
  const stage = recipe.after && scores.get(recipe.after.model);
  for (const list of lists) {
    const ranked = rankQuestion(recipe, list, model?.get(list.questionId), stage?.get(list.questionId));
    run.set(list.questionId, ranked.documentIds);
    orderScores.set(list.questionId, ranked.scores);
    ties += ranked.scores.filter((score, at) => at > 0 && score === ranked.scores[at - 1]).length;
  }
  return { key: systemKey(recipe), recipe, run, scores: orderScores, ties };
}

/** The order of the same candidates that puts relevant documents first, best grades before others. */
export function idealRun(
  lists: readonly CandidateList[],
  grade: (questionId: string, documentId: string) => number,
): Run {
  return new Map(
    lists.map(({ questionId, documentIds }) => [
      questionId,
      [...documentIds].sort((a, b) => grade(questionId, b) - grade(questionId, a)),
    ]),
  );
}

interface RankedQuestion {
  readonly documentIds: readonly string[];
  readonly scores: readonly number[];
}

/** @param staged what the quicker half of a cascade says */
function rankQuestion(
  recipe: SystemRecipe,
  list: CandidateList,
  scored: QuestionScores | undefined,
  staged: QuestionScores | undefined,
): RankedQuestion {
  const { documentIds, scores: firstScores } = list;
  if (recipe.kind === "first-stage" || scored === undefined) return { documentIds, scores: firstScores };
  if (recipe.after !== undefined && staged === undefined) return { documentIds, scores: firstScores };
  const orderScores = orderScoresOf(recipe, list, scored);
  const before =
    recipe.after && staged
      ? orderByScore(orderScoresOf({ ...recipe, ...stageRecipe(recipe.after) }, list, staged))
      : [...orderScores.keys()];
  const read = before.slice(0, recipe.after?.keep ?? before.length);
  const order = orderByScore(read.map((at) => orderScores[at] ?? Number.NaN)).map((place) => read[place] ?? 0);
  // A set keeps the order in which its members came first.
  const all = new Set([...order, ...before, ...documentIds.keys()]);
  return {
    documentIds: Array.from(all, (at) => documentIds[at] ?? ""),
    scores: order.map((at) => orderScores[at] ?? Number.NaN),
  };
}

function stageRecipe({ blendWeight = 0 }: CascadeStage) {
  return { kind: "blended", aggregation: "first", blendWeight } as const;
}

/** One per candidate that is reranked. */
function orderScoresOf(
  recipe: Pick<SystemRecipe, "kind" | "aggregation" | "blendWeight" | "candidates">,
  { documentIds, scores: firstScores }: CandidateList,
  { windows, logits: all }: QuestionScores,
): readonly number[] {
  const depth = Math.min(recipe.candidates ?? documentIds.length, windows.length);
  const logits = aggregateWindows(all, windows, recipe.aggregation ?? "first").subarray(0, depth);
  return recipe.kind === "blended" && firstScores.length === documentIds.length
    ? blendScores(logits, firstScores.slice(0, depth), recipe.blendWeight ?? 0)
    : Array.from(logits);
}
