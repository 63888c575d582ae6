import { html, nothing, type TemplateResult } from "lit";
import type { EvaluationProgress } from "../eval/types.ts";
import { AppElement } from "./app-element.ts";
import { CANDIDATE_LIMITS } from "./evaluation-controller.ts";
import { loadProgress } from "./model-progress.ts";
import { errorNotice } from "./notice.ts";
import type { Watchable } from "./observable.ts";
import { progressLine } from "./progress-line.ts";

/** Measures the model in use on the dataset in use, while the rest of the page stays usable. */
export class EvaluationPanel extends AppElement {
  #shown = "idle";

  protected override watched(): readonly Watchable[] {
    const { evaluation, datasets, models } = this.app;
    return [evaluation.state, evaluation.report, evaluation.candidates, datasets.state, models.state];
  }

  protected override updated(): void {
    const { type } = this.app.evaluation.state.value;
    if (type === "done" && this.#shown !== "done") void this.#showReport();
    this.#shown = type;
  }

  /** Brings the report into view of a user who is still here, and leaves alone one who is not. */
  async #showReport(): Promise<void> {
    if (!this.contains(document.activeElement)) return;
    const report = this.querySelector<AppElement>("sunwi-report");
    await report?.updateComplete;
    report?.scrollIntoView({ block: "nearest" });
  }

  protected override render(): TemplateResult {
    const { t } = this;
    const report = this.app.evaluation.report.value;
    return html`
      <section class="card" aria-labelledby="evaluation-heading">
        <h2 id="evaluation-heading">${t.evaluation.heading}</h2>
        ${this.#controls()} ${this.#state()}
        ${report === undefined ? nothing : html`<sunwi-report .app=${this.app} .report=${report}></sunwi-report>`}
      </section>
    `;
  }

  #controls(): TemplateResult {
    const { evaluation: t } = this.t;
    const { evaluation, datasets } = this.app;
    const dataset = datasets.state.value;
    const { type } = evaluation.state.value;
    const running = type === "waiting" || type === "running";
    return html`
      <p class="hint">
        ${dataset.type === "ready" ? t.intro(dataset.loaded.dataset.questions.length) : t.needsDataset}
      </p>
      <form
        class="evaluation-form"
        novalidate
        @submit=${(event: SubmitEvent) => {
          event.preventDefault();
          if (running) evaluation.stop();
          else void evaluation.run();
        }}
      >
        <div class="field inline">
          <label for="candidates">${t.candidates}</label>
          <input
            id="candidates"
            type="number"
            inputmode="numeric"
            min=${CANDIDATE_LIMITS.least}
            max=${CANDIDATE_LIMITS.most}
            .value=${String(evaluation.candidates.value)}
            ?disabled=${running}
            @change=${this.#onCandidates}
          />
        </div>
        <button type="submit" class="button ${running ? "" : "primary"}" ?disabled=${dataset.type !== "ready"}>
          ${running ? t.stop : t.run}
        </button>
      </form>
    `;
  }

  readonly #onCandidates = (event: Event): void => {
    const { least, most, standard } = CANDIDATE_LIMITS;
    const input = event.target as HTMLInputElement;
    const typed = Math.round(input.valueAsNumber);
    const candidates = Number.isNaN(typed) ? standard : Math.min(most, Math.max(least, typed));
    this.app.evaluation.candidates.set(candidates);
    // Lit writes the field only when the number changes, which leaves typing in peace and rejected text in place.
    input.value = String(candidates);
  };

  #state(): TemplateResult | typeof nothing {
    const { t } = this;
    const { evaluation, models } = this.app;
    const state = evaluation.state.value;
    switch (state.type) {
      case "idle":
      case "done":
        return nothing;
      case "waiting":
        return progressLine(loadProgress(models.state.value, t) ?? { text: t.evaluation.waiting }, t.model.loading);
      case "running":
        return this.#progress(state.progress);
      case "stopped":
        return html`<p class="notice" role="status">${t.evaluation.stopped}</p>`;
      case "failed":
        return errorNotice(t.evaluation.failed, state.error, t, {
          label: t.retry,
          run: () => void evaluation.run(),
        });
    }
  }

  #progress({ done, total, remainingMs }: EvaluationProgress): TemplateResult {
    const { evaluation: t } = this.t;
    const words = [t.progress(done, total), ...(remainingMs === undefined ? [] : [t.remaining(remainingMs)])];
    return progressLine({ text: words.join(" · "), fraction: total === 0 ? 1 : done / total }, t.progressLabel);
  }
}
