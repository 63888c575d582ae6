import { throwIfAborted } from "../../core/errors.ts";
import type { DataSuspicion } from "../../eval/data-checks.ts";
import type { DatasetFacts, QuestionLine } from "../../eval/dataset-protocol.ts";
import { cascadesOf, recipesOf, type CascadeModel } from "../../eval/judging.ts";
import type { Resampling } from "../../eval/significance.ts";
import { newReport, type WorkbenchReport } from "../../eval/workbench-report.ts";
import type { ModelChoice } from "../models.ts";
import { scoreModel, type ScoringRun } from "./score-model.ts";
import type { ComparisonEnvironment, ScoredModel, ScoredRun } from "./workbench-state.ts";

/**
 * Scores models one after another: two would share the device, and their times would say nothing.
 * @throws RerankError `aborted` when the run's signal says so
 */
export async function scoreModels(
  environment: ComparisonEnvironment,
  models: readonly ModelChoice[],
  settings: ScoredRun["settings"],
  run: ScoringRun,
): Promise<ScoredRun> {
  const scored: ScoredModel[] = [];
  for (const model of models) {
    throwIfAborted(run.signal);
    scored.push(await scoreModel(environment, model, settings, run));
  }
  throwIfAborted(run.signal);
  return { models: scored, settings };
}

export interface JudgedRun {
  readonly report: WorkbenchReport;
  readonly questions: readonly QuestionLine[];
  readonly suspicions: readonly DataSuspicion[];
}

export interface JudgingChoice {
  readonly metric: string;
  readonly resampling?: Partial<Resampling>;
  /** Suspicions of these data, which no metric changes. @default looked for */
  readonly known?: readonly DataSuspicion[];
}

/** Judges scored models by any metric, on as many candidates as they were scored on. */
export async function judgeModels(
  { datasets, version, browser }: ComparisonEnvironment,
  facts: DatasetFacts,
  { models, settings: { candidates, windows, origin } }: ScoredRun,
  { metric, resampling, known }: JudgingChoice,
): Promise<JudgedRun> {
  // What a service makes of long documents is its own affair: no windows of them are there to choose from.
  const recipes = models.flatMap(({ facts: { key, service }, blendWeight }) =>
    recipesOf(key, blendWeight, windows && service === undefined),
  );
  const cascades = cascadesOf(smallestFirst(models), candidates);
  const judgement = await datasets.judge({
    ...{ candidates, metric, recipes: [...recipes, ...cascades] },
    ...(resampling && { resampling }),
    ...(origin && { origin: models.map((model) => model.facts.key) }),
  });
  const questions = await datasets.questions(candidates);
  const suspicions = known ?? (await datasets.check());
  const made = { candidates, models: models.map((model) => model.facts), version, browser };
  return { report: newReport(judgement, facts, made), questions, suspicions };
}

/** Small models are the quick ones; what another machine scores comes last, for it costs the most. */
function smallestFirst(models: readonly ScoredModel[]): readonly CascadeModel[] {
  const sizeOf = ({ facts }: ScoredModel): number => (facts.service ? Infinity : facts.downloadBytes);
  const sorted = [...models].sort((a, b) => (sizeOf(a) === sizeOf(b) ? 0 : sizeOf(a) - sizeOf(b)));
  return sorted.map(({ facts: { key }, blendWeight }) => ({ key, blendWeight }));
}
