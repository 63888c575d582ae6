import type { RerankError } from "../core/errors.ts";
import type { EvaluationRequest } from "../eval/evaluate.ts";
import type { EvaluationProgress, EvaluationReport } from "../eval/types.ts";
import type { DatasetController } from "./dataset-controller.ts";
import { failureOf, isExpectedEnd } from "./failures.ts";
import type { ModelController } from "./model-controller.ts";
import { Observable } from "./observable.ts";

export type EvaluationState =
  | { readonly type: "idle" }
  /** For the model, see `ModelController.state`. */
  | { readonly type: "waiting" }
  | { readonly type: "running"; readonly progress: EvaluationProgress }
  /** Ended before its time: by the user, or by a change of model or dataset. Nothing of it is shown. */
  | { readonly type: "stopped" }
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly error: RerankError };

export type Evaluate = (request: EvaluationRequest) => Promise<EvaluationReport>;

export const CANDIDATE_LIMITS = { least: 1, most: 200, standard: 20 } as const;

/** Measures the model in use on the dataset in use. */
export class EvaluationController {
  readonly state = new Observable<EvaluationState>({ type: "idle" });
  /** Of the newest evaluation that reached its end. */
  readonly report = new Observable<EvaluationReport | undefined>(undefined);
  readonly candidates = new Observable<number>(CANDIDATE_LIMITS.standard);
  readonly #datasets: DatasetController;
  readonly #models: ModelController;
  readonly #evaluate: Evaluate;
  #running = new AbortController();

  constructor(datasets: DatasetController, models: ModelController, evaluate: Evaluate) {
    this.#datasets = datasets;
    this.#models = models;
    this.#evaluate = evaluate;
    for (const change of [datasets.state, models.reranker]) {
      change.subscribe(() => {
        this.stop();
      });
    }
  }

  /** Does nothing while there is no dataset. */
  async run(): Promise<void> {
    this.#running.abort();
    const dataset = this.#datasets.state.value;
    if (dataset.type !== "ready") return;
    this.#running = new AbortController();
    const { signal } = this.#running;
    const isCurrent = (): boolean => !signal.aborted;
    const show = (state: EvaluationState): void => {
      if (isCurrent()) this.state.set(state);
    };
    const { loaded } = dataset;
    show({ type: "waiting" });
    try {
      const { id: model, device, downloadBytes, blendWeight } = await this.#models.load();
      if (!isCurrent()) return;
      show({ type: "running", progress: { done: 0, total: loaded.dataset.questions.length, elapsedMs: 0 } });
      const report = await this.#evaluate({
        ...loaded,
        reranker: this.#models.reranker.value,
        rerankedBy: { model, device, downloadBytes, ...(blendWeight !== undefined && { blendWeight }) },
        candidates: this.candidates.value,
        signal,
        onProgress: (progress) => {
          show({ type: "running", progress });
        },
      });
      if (!isCurrent()) return;
      this.report.set(report);
      show({ type: "done" });
    } catch (error) {
      if (!isExpectedEnd(error)) show({ type: "failed", error: failureOf(error) });
    }
  }

  stop(): void {
    this.#running.abort();
    const { type } = this.state.value;
    if (type === "waiting" || type === "running") this.state.set({ type: "stopped" });
  }
}
