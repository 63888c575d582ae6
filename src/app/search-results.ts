import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { AppElement } from "./app-element.ts";
import { formatFor } from "./format.ts";
import { firstStageItem, rerankedItem, type HitContext } from "./hit-item.ts";
import { positionsOf, slideFrom, type LinePositions } from "./list-motion.ts";
import { loadProgress, type LoadProgress } from "./model-progress.ts";
import { errorNotice } from "./notice.ts";
import type { Watchable } from "./observable.ts";
import { progressBar } from "./progress-line.ts";
import { resultRows, type ResultRow } from "./result-rows.ts";
import type { Reranking, SearchHit, SearchState } from "./search-controller.ts";

type Results = Extract<SearchState, { readonly type: "results" }>;
type Shown = "before" | "after";

/** Both orders side by side; on narrow screens one of them, with a switch. */
export class SearchResults extends AppElement {
  static override properties: PropertyDeclarations = {
    ...AppElement.properties,
    shown: { state: true },
    expanded: { state: true },
  };
  /** The order that narrow screens show. */
  declare shown: Shown;
  /** Ids of documents shown in full. */
  declare expanded: ReadonlySet<string>;
  #query = "";
  #positions: LinePositions | undefined;

  constructor() {
    super();
    this.shown = "after";
    this.expanded = new Set();
  }

  protected override watched(): readonly Watchable[] {
    return [this.app.search.state, this.app.models.state, this.app.models.choice];
  }

  protected override willUpdate(changes: PropertyValues<this>): void {
    super.willUpdate(changes);
    const state = this.app.search.state.value;
    const query = state.type === "results" ? state.query : "";
    const list = query === this.#query ? this.querySelector(".after > .hits") : null;
    this.#positions = list === null ? undefined : positionsOf(list);
    if (query !== this.#query) this.expanded = new Set();
    this.#query = query;
  }

  protected override updated(): void {
    const list = this.querySelector(".after > .hits");
    if (list !== null && this.#positions !== undefined) slideFrom(this.#positions, list);
  }

  protected override render(): TemplateResult | typeof nothing {
    const state = this.app.search.state.value;
    if (state.type !== "results") return nothing;
    const rows = resultRows(state);
    return html`
      <p class="visually-hidden" role="status">${this.#announcement(state, rows)}</p>
      ${this.#orderSwitch()}
      <div class="columns" data-shown=${this.shown}>${this.#before(state)} ${this.#after(state, rows)}</div>
    `;
  }

  #announcement({ hits, reranking }: Results, rows: readonly ResultRow[]): string {
    const { search } = this.t;
    if (reranking.type === "failed") return "";
    if (reranking.type !== "done") return search.announceFound(hits.length);
    const moved = rows.filter(({ rank, firstStageRank }) => rank !== firstStageRank).length;
    return search.announceDone(hits.length, reranking.elapsedMs, moved);
  }

  #orderSwitch(): TemplateResult {
    const { search } = this.t;
    const choice = (shown: Shown): TemplateResult => html`
      <button
        type="button"
        aria-pressed=${this.shown === shown}
        @click=${() => {
          this.shown = shown;
        }}
      >
        ${search[shown]}
      </button>
    `;
    return html`
      <div class="order-switch" role="group" aria-label=${search.shown}>${choice("after")} ${choice("before")}</div>
    `;
  }

  #before(state: Results): TemplateResult {
    const { t } = this;
    const context = this.#context(state);
    const stage = [
      t.search.firstStage,
      t.search.candidates(state.hits.length),
      formatFor(t.locale).elapsed(state.firstStageMs),
    ];
    return html`
      <section class="column before" aria-labelledby="before-heading">
        <header class="column-header">
          <h3 id="before-heading">${t.search.before}</h3>
          <p class="number">${stage.join(" · ")}</p>
        </header>
        <ol class="hits" role="list">
          ${repeat(
            state.hits,
            ({ id }) => id,
            (hit, at) => firstStageItem(hit, at + 1, context),
          )}
        </ol>
      </section>
    `;
  }

  #after(state: Results, rows: readonly ResultRow[]): TemplateResult {
    const { t } = this;
    const { reranking } = state;
    const context = this.#context(state);
    const progress = this.#progress(state);
    return html`
      <section class="column after" aria-labelledby="after-heading">
        <header class="column-header">
          <h3 id="after-heading">${t.search.after}</h3>
          <p class="number">${progress?.text ?? this.#scoredBy(reranking)}</p>
          ${progress === undefined ? nothing : progressBar(progress.fraction, t.search.after)}
        </header>
        ${this.#failure(reranking)}
        ${
          reranking.type === "waiting" || reranking.type === "failed"
            ? html`<p class="hint">${t.search.stillFirstStage}</p>`
            : nothing
        }
        <ol class="hits" role="list" aria-busy=${reranking.type === "waiting" || reranking.type === "scoring"}>
          ${repeat(
            rows,
            ({ hit }) => hit.id,
            (row) => rerankedItem(row, context),
          )}
        </ol>
      </section>
    `;
  }

  /** The model, its device and its time, as far as they are known. */
  #scoredBy(reranking: Reranking): string {
    const { t } = this;
    const { choice, state } = this.app.models;
    const device = state.value.type === "ready" ? [t.model.devices[state.value.model.device]] : [];
    const elapsed = reranking.type === "done" ? [formatFor(t.locale).elapsed(reranking.elapsedMs)] : [];
    return [choice.value.name, ...device, ...elapsed].join(" · ");
  }

  /** What the list still waits for. */
  #progress({ reranking, hits }: Results): LoadProgress | undefined {
    const { t } = this;
    if (reranking.type === "waiting") return loadProgress(this.app.models.state.value, t) ?? { text: t.model.loading };
    if (reranking.type !== "scoring") return undefined;
    return { text: t.search.scoring(reranking.scored, hits.length), fraction: reranking.scored / hits.length };
  }

  #failure(reranking: Reranking): TemplateResult | typeof nothing {
    const { t } = this;
    if (reranking.type !== "failed") return nothing;
    const retry = (): void => {
      this.app.search.retry();
    };
    return errorNotice(t.search.failed, reranking.error, t, { label: t.retry, run: retry });
  }

  #context({ query, reranking }: Results): HitContext {
    return {
      t: this.t,
      query,
      blended: reranking.type === "done" && reranking.blended,
      isExpanded: ({ id }: SearchHit) => this.expanded.has(id),
      toggle: ({ id }: SearchHit) => {
        this.expanded = new Set([...this.expanded, id].filter((other) => other !== id || !this.expanded.has(id)));
      },
    };
  }
}
