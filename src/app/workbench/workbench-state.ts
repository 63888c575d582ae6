/** What the workbench is at, and what it works with. */
import type { RerankError } from "../../core/errors.ts";
import type { ColumnMapping } from "../../eval/columns.ts";
import type { DatasetFacts, GivenFile, InputSummary, Protocol, ReadingProgress } from "../../eval/dataset-protocol.ts";
import type { ScoreStore } from "../../eval/scoring.ts";
import type { EvaluationProgress } from "../../eval/types.ts";
import type { ModelFacts } from "../../eval/workbench-report.ts";
import type { ModelChoice } from "../models.ts";
import type { DatasetClient } from "../dataset-client.ts";
import type { RemoteModels } from "./remote-models.ts";
import type { RunModel, RunScorer } from "./run-scorer.ts";
import type { WorkbenchSettings } from "./workbench-settings.ts";
import type { WorkbenchStore } from "./workbench-store.ts";

/** The newest files that the user gave. The data set in use stays until they are taken into use. */
export type InputState =
  | { readonly type: "none" }
  | { readonly type: "opening"; readonly name: string }
  | {
      readonly type: "preview";
      readonly files: readonly GivenFile[];
      readonly summary: InputSummary;
      readonly mapping: ColumnMapping;
    }
  | { readonly type: "reading"; readonly name: string; readonly progress?: ReadingProgress }
  | { readonly type: "rejected"; readonly name: string; readonly error: RerankError };

export interface DatasetInUse {
  readonly facts: DatasetFacts;
  readonly isSample: boolean;
}

export type RunState =
  | { readonly type: "idle" }
  | { readonly type: "loading"; readonly model: ModelChoice }
  | {
      readonly type: "scoring";
      readonly model: ModelChoice;
      readonly progress: EvaluationProgress & { readonly reused: number };
      readonly protocol: Protocol;
    }
  | { readonly type: "judging" }
  /** What was scored is kept; running again goes on from there. */
  | { readonly type: "paused" }
  | { readonly type: "failed"; readonly error: RerankError };

/** What the workbench asks of the data set in use; the page's lives in a worker. */
export type WorkbenchDatasets = Pick<
  DatasetClient,
  "open" | "use" | "tasks" | "check" | "questions" | "putScores" | "judge" | "orders" | "trecRun"
>;

/** Where scores, the last session and reports outlive the page. */
export type WorkbenchMemory = Pick<
  WorkbenchStore,
  "read" | "write" | "session" | "keepSession" | "forgetSession" | "reports" | "keepReport" | "dropReport"
>;

export interface WorkbenchEnvironment {
  readonly datasets: WorkbenchDatasets;
  readonly store: WorkbenchMemory;
  readonly createScorer: (model: ModelChoice) => RunScorer;
  readonly remote: RemoteModels;
  readonly fetchSample: () => Promise<GivenFile>;
  /** Bytes that the page holds, where the browser tells. */
  readonly measureMemory: () => Promise<number | undefined>;
  readonly version: string;
  readonly browser: string;
}

/** What scoring and judging need of all this; a terminal has no more. */
export type ComparisonEnvironment = Pick<
  WorkbenchEnvironment,
  "datasets" | "createScorer" | "measureMemory" | "version" | "browser"
> & { readonly store: ScoreStore };

/** A model whose scores of the data set in use are there. */
export interface ScoredModel {
  readonly facts: ModelFacts;
  readonly blendWeight: number | undefined;
}

/** What can be judged by any metric without scoring: models, and what they were scored with. */
export interface ScoredRun {
  readonly models: readonly ScoredModel[];
  readonly settings: Pick<WorkbenchSettings, "candidates" | "windows" | "origin">;
}

/** What a report says of a model. */
export function factsOf({ url }: ModelChoice, model: RunModel, memoryBytes: number | undefined): ModelFacts {
  const { id, name, licence, variant, device, runtime, threads, adapter, downloadBytes, maxTokens, selfTest } = model;
  const { pairs, maxError, tolerance } = selfTest;
  return {
    key: url,
    ...{ id, name, licence, variant, device, runtime, threads, adapter, downloadBytes, maxTokens },
    ...(memoryBytes !== undefined && { memoryBytes }),
    selfTest: { pairs, maxError, tolerance },
    ...(model.service && { service: model.service }),
  };
}
