import * as v from "valibot";
import type { WorkbenchReport } from "../eval/workbench-report.ts";
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

  /** An entry for each model of a comparison. */
  record({ receipt: { dataset, candidates, models }, judgement: { systems } }: WorkbenchReport): void {
    const valueOf = ({ metrics }: (typeof systems)[number]): number => metrics[MEASURED_METRIC] ?? 0;
    const firstStage = systems.find(({ recipe }) => recipe.kind === "first-stage");
    for (const { key: modelUrl, device } of models) {
      const [best] = systems
        .filter(({ recipe }) => recipe.model === modelUrl && !recipe.after)
        .sort((a, b) => valueOf(b) - valueOf(a));
      if (firstStage === undefined || best === undefined) continue;
      const entry: MeasuredQuality = {
        modelUrl,
        dataset: dataset.name,
        questions: dataset.questions,
        candidates,
        firstStage: valueOf(firstStage),
        best: valueOf(best),
        isBlended: best.recipe.kind === "blended",
        msPerQuery: best.latency?.mean ?? 0,
        device,
      };
      this.put(entry, (other) => other.modelUrl === modelUrl && other.dataset === dataset.name);
    }
  }

  /** Newest first. */
  of(modelUrl: string): readonly MeasuredQuality[] {
    return this.value.filter((entry) => entry.modelUrl === modelUrl).reverse();
  }
}
