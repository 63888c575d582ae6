import { throwIfAborted } from "../../core/errors.ts";
import type { DataSuspicion } from "../../eval/data-checks.ts";
import type { DatasetFacts, QuestionLine } from "../../eval/dataset-protocol.ts";
import { recipesOf } from "../../eval/judging.ts";
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
  const recipes = models.flatMap((model) => recipesOf(model.facts.key, model.blendWeight, windows));
  const judgement = await datasets.judge({
    ...{ candidates, metric, recipes },
    ...(resampling && { resampling }),
    ...(origin && { origin: models.map((model) => model.facts.key) }),
  });
  const questions = await datasets.questions(candidates);
  const suspicions = known ?? (await datasets.check());
  const made = { candidates, models: models.map((model) => model.facts), version, browser };
  return { report: newReport(judgement, facts, made), questions, suspicions };
}
