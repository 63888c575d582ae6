import type { Protocol } from "../../eval/dataset-protocol.ts";
import { scoreTasks } from "../../eval/scoring.ts";
import type { ModelChoice } from "../models.ts";
import { questionTasks } from "./question-tasks.ts";
import type { RunScorer } from "./run-scorer.ts";
import {
  factsOf,
  type ComparisonEnvironment,
  type RunState,
  type ScoredModel,
  type ScoredRun,
} from "./workbench-state.ts";

export interface ScoringRun {
  /** Of the data set in use. */
  readonly questions: number;
  readonly signal: AbortSignal;
  readonly show: (state: RunState) => void;
}

/** Loads a model, scores what it has not scored yet of the data set in use, and lets it go again. */
export async function scoreModel(
  environment: ComparisonEnvironment,
  model: ModelChoice,
  { windows, candidates, origin }: ScoredRun["settings"],
  run: ScoringRun,
): Promise<ScoredModel> {
  run.show({ type: "loading", model });
  const scorer = environment.createScorer(model);
  // A load cannot be called off, but its worker can be ended.
  const letGo = (): void => void scorer.dispose();
  run.signal.addEventListener("abort", letGo, { once: true });
  try {
    const loaded = await scorer.load();
    const isRemote = loaded.service !== undefined;
    // Browsers take their time over it; what another machine holds they do not tell.
    const memory = isRemote ? Promise.resolve(undefined) : environment.measureMemory();
    const scoring = { environment, model, scorer, modelKey: loaded.selfTest.key, run };
    await scoreBy("candidates", scoring, { windows: windows && !isRemote, limit: candidates });
    if (origin) await scoreBy("origin", scoring, { windows: false, limit: 0 });
    const memoryBytes = await Promise.race([memory, Promise.resolve(undefined)]);
    return { facts: factsOf(model, loaded, memoryBytes), blendWeight: loaded.blendWeight };
  } finally {
    run.signal.removeEventListener("abort", letGo);
    await scorer.dispose();
  }
}

interface Scoring {
  readonly environment: ComparisonEnvironment;
  readonly model: ModelChoice;
  readonly scorer: RunScorer;
  /** Names weights, variant and device. */
  readonly modelKey: string;
  readonly run: ScoringRun;
}

async function scoreBy(
  protocol: Protocol,
  { environment: { datasets, store }, model, scorer, modelKey, run: { questions, signal, show } }: Scoring,
  { windows, limit }: { readonly windows: boolean; readonly limit: number },
): Promise<void> {
  const scores = await scoreTasks({
    tasks: questionTasks(datasets, questions, { limit, protocol }),
    total: questions,
    scorer,
    scope: `${modelKey} ${windows ? "windows" : "first"}`,
    store,
    windows,
    signal,
    onProgress: (progress) => {
      show({ type: "scoring", model, progress, protocol });
    },
  });
  await datasets.putScores(model.url, scores, protocol);
}
