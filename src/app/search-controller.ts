import type { RerankError } from "../core/errors.ts";
import type { RankedDocument } from "../core/types.ts";
import type { FoundDocument } from "../eval/dataset-protocol.ts";
import type { DatasetController, LoadedDataset } from "./dataset-controller.ts";
import { failureOf, isExpectedEnd } from "./failures.ts";
import type { ModelController } from "./model-controller.ts";
import { Observable } from "./observable.ts";
import type { PreferencesStore } from "./preferences.ts";

export const SEARCH_CANDIDATES = 20;
/** Long enough that a word in the making is not scored syllable by syllable. */
const TYPING_PAUSE_MS = 250;

/** A document that the first stage found. Its rank there is its position in the list. */
export type SearchHit = FoundDocument;

export type Reranking =
  /** For the model, see `ModelController.state`. */
  | { readonly type: "waiting" }
  | { readonly type: "scoring"; readonly scored: number }
  /** `elapsedMs` is the reranker's call alone, without loading. */
  | {
      readonly type: "done";
      readonly ranked: readonly RankedDocument[];
      readonly elapsedMs: number;
      readonly blended: boolean;
    }
  | { readonly type: "failed"; readonly error: RerankError };

export type SearchState =
  | { readonly type: "idle" }
  /** The dataset is not there yet; the search runs when it is. */
  | { readonly type: "pending" }
  | { readonly type: "no-results"; readonly query: string }
  /** The first stage did not answer. */
  | { readonly type: "failed"; readonly query: string; readonly error: RerankError }
  | {
      readonly type: "results";
      readonly query: string;
      readonly hits: readonly SearchHit[];
      readonly firstStageMs: number;
      readonly reranking: Reranking;
    };

/** Searches the dataset in use: first stage at once, new order when the scores are there. The newest query wins. */
export class SearchController {
  /** As it stands in the search box. */
  readonly query = new Observable("");
  readonly state = new Observable<SearchState>({ type: "idle" });
  readonly #datasets: DatasetController;
  readonly #models: ModelController;
  readonly #preferences: PreferencesStore;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #running = new AbortController();
  #dataset: LoadedDataset | undefined;
  #blend: boolean;

  constructor(datasets: DatasetController, models: ModelController, preferences: PreferencesStore) {
    this.#datasets = datasets;
    this.#models = models;
    this.#preferences = preferences;
    this.#blend = preferences.value.blend;
    datasets.state.subscribe(() => {
      this.#onDataset();
    });
    models.reranker.subscribe(() => {
      this.retry();
    });
    preferences.subscribe(() => {
      if (preferences.value.blend === this.#blend) return;
      this.#blend = preferences.value.blend;
      this.retry();
    });
  }

  /** Searches after a pause in typing. */
  type(query: string): void {
    this.query.set(query);
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      this.search(query);
    }, TYPING_PAUSE_MS);
  }

  /** Searches now, unless the same search is there or on its way. */
  search(query: string): void {
    clearTimeout(this.#pause);
    this.query.set(query);
    const current = this.state.value;
    if (current.type === "results" && current.query === query.trim() && current.reranking.type !== "failed") return;
    this.#run();
  }

  /** Searches for the same query once more: after a failure, or with another model. */
  retry(): void {
    if (this.state.value.type !== "idle") this.#run();
  }

  #onDataset(): void {
    const dataset = this.#datasets.state.value;
    if (dataset.type !== "ready" || dataset.loaded === this.#dataset) return;
    const replaced = this.#dataset !== undefined;
    this.#dataset = dataset.loaded;
    // The questions one had for other documents make no sense for these.
    if (replaced) this.search("");
    else this.retry();
  }

  #run(): void {
    this.#running.abort();
    const query = this.query.value.trim();
    if (query === "") this.state.set({ type: "idle" });
    else if (this.#dataset === undefined) this.state.set({ type: "pending" });
    else void this.#search(query);
  }

  /** What was found before stays until there is something new to show. */
  async #search(query: string): Promise<void> {
    this.#running = new AbortController();
    const { signal } = this.#running;
    try {
      const { found: hits, ms: firstStageMs } = await this.#datasets.search(query, SEARCH_CANDIDATES);
      if (signal.aborted) return;
      if (hits.length === 0) this.state.set({ type: "no-results", query });
      else await this.#rerank({ type: "results", query, hits, firstStageMs }, signal);
    } catch (error) {
      if (!signal.aborted) this.state.set({ type: "failed", query, error: failureOf(error) });
    }
  }

  async #rerank(
    results: Omit<Extract<SearchState, { type: "results" }>, "reranking">,
    signal: AbortSignal,
  ): Promise<void> {
    const show = (reranking: Reranking): void => {
      if (!signal.aborted) this.state.set({ ...results, reranking });
    };
    const { blend } = this.#preferences.value;
    show({ type: "waiting" });
    try {
      const { blendWeight = 0 } = await this.#models.load();
      if (signal.aborted) return;
      show({ type: "scoring", scored: 0 });
      const startMs = performance.now();
      const ranked = await this.#models.reranker.value.rerank(results.query, results.hits, {
        supersedeKey: "search",
        signal,
        blend,
        onProgress: (scored) => {
          show({ type: "scoring", scored });
        },
      });
      const elapsedMs = performance.now() - startMs;
      show({ type: "done", ranked, elapsedMs, blended: blend && blendWeight > 0 });
    } catch (error) {
      if (!isExpectedEnd(error)) show({ type: "failed", error: failureOf(error) });
    }
  }
}
