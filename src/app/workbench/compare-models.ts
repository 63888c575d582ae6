import { throwIfAborted } from "../../core/errors.ts";
import type { DataSuspicion } from "../../eval/data-checks.ts";
import type { DatasetFacts, QuestionLine } from "../../eval/dataset-protocol.ts";
import { recipesOf } from "../../eval/judging.ts";
import { newReport, type WorkbenchReport } from "../../eval/workbench-report.ts";
import type { ModelChoice } from "../models.ts";
import { scoreModel, type ScoringRun } from "./score-model.ts";
import type { WorkbenchSettings } from "./workbench-settings.ts";
import type { ScoredModel, ScoredRun, WorkbenchEnvironment } from "./workbench-state.ts";

/**
 * Scores models one after another: two would share the device, and their times would say nothing.
 * @throws RerankError `aborted` when the run's signal says so
 */
export async function scoreModels(
  environment: WorkbenchEnvironment,
  models: readonly ModelChoice[],
  settings: WorkbenchSettings,
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

/**
 * Judges scored models by any metric, on as many candidates as they were scored on.
 * @param known suspicions of these data, which no metric changes. @default looked for
 */
export async function judgeModels(
  { datasets, version, browser }: WorkbenchEnvironment,
  facts: DatasetFacts,
  { models, settings: { candidates, windows } }: ScoredRun,
  metric: string,
  known?: readonly DataSuspicion[],
): Promise<JudgedRun> {
  const recipes = models.flatMap((model) => recipesOf(model.facts.key, model.blendWeight, windows));
  const judgement = await datasets.judge({ candidates, metric, recipes });
  const questions = await datasets.questions(candidates);
  const suspicions = known ?? (await datasets.check());
  const made = { candidates, models: models.map((model) => model.facts), version, browser };
  return { report: newReport(judgement, facts, made), questions, suspicions };
}
