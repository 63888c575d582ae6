import type { PairScorer } from "../../core/pair-scores.ts";
import type { LoadedModel } from "../../core/protocol.ts";
import type { ModelFacts } from "../../eval/workbench-report.ts";

/** What a run tells of a model that is ready; one behind HTTP has a `service`. */
export interface RunModel
  extends
    Pick<LoadedModel, "id" | "name" | "licence" | "variant" | "threads" | "adapter" | "downloadBytes" | "maxTokens">,
    Pick<LoadedModel, "selfTest" | "blendWeight">,
    Pick<ModelFacts, "device" | "runtime" | "service"> {}

/** A model that is loaded for a run, and let go after it. */
export interface RunScorer extends PairScorer {
  load(): Promise<RunModel>;
  dispose(): Promise<void>;
}
