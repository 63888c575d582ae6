import { scoreTasks, type ScoringTask } from "../../eval/scoring.ts";
import type { ModelChoice } from "../models.ts";
import type { WorkbenchSettings } from "./workbench-settings.ts";
import { factsOf, type RunState, type ScoredModel, type WorkbenchEnvironment } from "./workbench-state.ts";

/** Questions asked for at once: enough that the worker is never waited for, few enough that a stop is quick. */
const TASKS_AT_ONCE = 25;

export interface ScoringRun {
  /** Of the data set in use. */
  readonly questions: number;
  readonly signal: AbortSignal;
  readonly show: (state: RunState) => void;
}

/** Loads a model, scores what it has not scored yet of the data set in use, and lets it go again. */
export async function scoreModel(
  { datasets, store, createScorer, measureMemory }: WorkbenchEnvironment,
  model: ModelChoice,
  { windows, candidates }: WorkbenchSettings,
  { questions, signal, show }: ScoringRun,
): Promise<ScoredModel> {
  show({ type: "loading", model });
  const scorer = createScorer(model);
  try {
    const loaded = await scorer.load();
    // Browsers take their time over it.
    const memory = measureMemory();
    const scores = await scoreTasks({
      tasks: tasksOf(datasets, questions, candidates),
      total: questions,
      scorer,
      scope: `${loaded.selfTest.key} ${windows ? "windows" : "first"}`,
      store,
      windows,
      signal,
      onProgress: (progress) => {
        show({ type: "scoring", model, progress });
      },
    });
    await datasets.putScores(model.url, scores);
    const memoryBytes = await Promise.race([memory, Promise.resolve(undefined)]);
    return { facts: factsOf(model, loaded, memoryBytes), blendWeight: loaded.blendWeight };
  } finally {
    await scorer.dispose();
  }
}

async function* tasksOf(
  datasets: WorkbenchEnvironment["datasets"],
  questions: number,
  limit: number,
): AsyncIterable<ScoringTask> {
  for (let from = 0; from < questions; from += TASKS_AT_ONCE) {
    yield* await datasets.tasks({ from, to: from + TASKS_AT_ONCE, limit });
  }
}
