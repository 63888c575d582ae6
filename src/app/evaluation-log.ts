import * as v from "valibot";
import type { EvaluationReport } from "../eval/types.ts";
import { StoredList } from "./stored-list.ts";

/** What `firstStage` and `best` are values of. */
export const MEASURED_METRIC = "MRR@10";
const MOST_ENTRIES = 64;

const entrySchema = v.object({
  modelUrl: v.string(),
  /** The dataset's name. */
  dataset: v.string(),
  questions: v.number(),
  candidates: v.number(),
  /** MRR@10 without reranking. */
  firstStage: v.number(),
  /** MRR@10 of the model's best row. */
  best: v.number(),
  /** Whether that row blends in the first stage's score. */
  isBlended: v.boolean(),
  msPerQuery: v.number(),
  device: v.string(),
});

/** What an evaluation on this device came to. */
export type MeasuredQuality = v.InferOutput<typeof entrySchema>;

/** The last evaluation of each model on each dataset. */
export class EvaluationLog extends StoredList<MeasuredQuality> {
  constructor(storage: Storage | undefined) {
    super(storage, "sunwi.evaluations", entrySchema, MOST_ENTRIES);
  }

  record(modelUrl: string, { dataset: { name, questions }, candidates, runs }: EvaluationReport): void {
    const firstStage = runs.find(({ kind }) => kind === "first-stage");
    const [best] = runs
      .filter(({ kind }) => kind !== "first-stage")
      .sort((a, b) => (b.metrics[MEASURED_METRIC] ?? 0) - (a.metrics[MEASURED_METRIC] ?? 0));
    if (best === undefined) return;
    const entry: MeasuredQuality = {
      modelUrl,
      dataset: name,
      questions,
      candidates,
      firstStage: firstStage?.metrics[MEASURED_METRIC] ?? 0,
      best: best.metrics[MEASURED_METRIC] ?? 0,
      isBlended: best.kind === "blended",
      msPerQuery: best.msPerQuery,
      device: best.device,
    };
    this.put(entry, (other) => other.modelUrl === modelUrl && other.dataset === name);
  }

  /** Newest first. */
  of(modelUrl: string): readonly MeasuredQuality[] {
    return this.value.filter((entry) => entry.modelUrl === modelUrl).reverse();
  }
}
