import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { AppElement } from "./app-element.ts";
import type { DatasetFacts, GivenFile } from "../eval/dataset-protocol.ts";
import { TABLE_FILES } from "./dropped-files.ts";
import { formatFor } from "./format.ts";
import { errorNotice } from "./notice.ts";
import type { Watchable } from "./observable.ts";
import { describeProblem, problemsAsText, SHOWN_PROBLEMS } from "./problem-list.ts";
import { saveFile } from "./save-file.ts";

/** Which documents and questions are in use, where they came from, and what was wrong with them. */
export class DatasetPanel extends AppElement {
  static override properties: PropertyDeclarations = { ...AppElement.properties, allProblemsOf: { state: true } };
  /** The dataset whose problems are shown to the last. */
  declare allProblemsOf: DatasetFacts | undefined;

  protected override watched(): readonly Watchable[] {
    return [this.app.datasets.state, this.app.datasets.intake];
  }

  protected override render(): TemplateResult {
    const { t } = this;
    return html`
      <section class="card" aria-labelledby="dataset-heading">
        <h2 id="dataset-heading">${t.dataset.heading}</h2>
        ${this.#intake()} ${this.#current()}
        <div class="actions">
          <label class="button file-button">
            <input type="file" class="visually-hidden" multiple accept=${TABLE_FILES} @change=${this.#onFile} />
            ${t.dataset.choose}
          </label>
          ${this.#sampleButton()} ${this.#evaluateButton()}
        </div>
        <p class="hint">${t.dataset.dropHint}<br />${t.dataset.format}</p>
      </section>
    `;
  }

  readonly #onFile = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    const files = Array.from(input.files ?? [], (file) => ({ path: file.name, file }));
    if (files.length > 0) void this.app.datasets.useFiles(files);
    // The same file, mended, may be chosen again.
    input.value = "";
  };

  #sampleButton(): TemplateResult | typeof nothing {
    const { datasets } = this.app;
    const state = datasets.state.value;
    if (state.type !== "ready" || state.source === "sample") return nothing;
    return html`
      <button type="button" class="button quiet" @click=${() => void datasets.useSample()}>
        ${this.t.dataset.useSample}
      </button>
    `;
  }

  /** The sample is in the workbench already. */
  #evaluateButton(): TemplateResult | typeof nothing {
    const state = this.app.datasets.state.value;
    if (state.type !== "ready") return nothing;
    return this.#workbenchButton(this.t.dataset.evaluate, state.source === "sample" ? [] : state.loaded.files);
  }

  #workbenchButton(label: string, files: readonly GivenFile[]): TemplateResult {
    return html`
      <button type="button" class="button" @click=${() => void this.app.openWorkbench(files)}>${label}</button>
    `;
  }

  #intake(): TemplateResult | typeof nothing {
    const { t } = this;
    const intake = this.app.datasets.intake.value;
    switch (intake.type) {
      case "none":
        return nothing;
      case "reading":
        return html`<p class="state-line" role="status">${t.dataset.reading(intake.name)}</p>`;
      case "rejected":
        return html`${errorNotice(t.dataset.rejected(intake.name), intake.error, t)}
          <p class="hint">${t.dataset.kept}</p>
          ${intake.files.length === 0 ? nothing : this.#workbenchButton(t.dataset.mapColumns, intake.files)}`;
    }
  }

  #current(): TemplateResult {
    const { t } = this;
    const { datasets } = this.app;
    const state = datasets.state.value;
    switch (state.type) {
      case "loading":
        return html`<p class="state-line" role="status">${t.dataset.loading}</p>`;
      case "failed":
        return errorNotice(t.dataset.failed, state.error, t, {
          label: t.retry,
          run: () => void datasets.useSample(),
        });
      case "ready":
        return html`${this.#facts(state.loaded.facts, state.source === "sample")} ${this.#problems(state.loaded.facts)}`;
    }
  }

  #facts({ name, questions, documents, encoding, skipped, rows }: DatasetFacts, isSample: boolean): TemplateResult {
    const { dataset: t, locale } = this.t;
    const { count } = formatFor(locale);
    return html`
      <p class="state-line ready" role="status">
        <span class="file-name">${name}</span>
        ${isSample ? html`<span class="badge">${t.sample}</span>` : nothing}
      </p>
      <dl class="facts">
        <dt>${t.facts.questions}</dt>
        <dd>${count(questions)}</dd>
        <dt>${t.facts.documents}</dt>
        <dd>${count(documents)}</dd>
        ${
          encoding === undefined
            ? nothing
            : html`<dt>${t.facts.encoding}</dt>
                <dd>${encoding.toUpperCase()}</dd>`
        }
        <dt>${t.facts.skipped}</dt>
        <dd>${t.skippedOf(skipped, rows)}</dd>
      </dl>
    `;
  }

  #problems(loaded: DatasetFacts): TemplateResult | typeof nothing {
    const { t } = this;
    const { problems, problemCount, name } = loaded;
    if (problems.length === 0) return nothing;
    const showAll = this.allProblemsOf === loaded;
    const shown = showAll ? problems : problems.slice(0, SHOWN_PROBLEMS);
    return html`
      <details class="problems">
        <summary>${t.dataset.problems(problemCount)}</summary>
        <ul tabindex="0" aria-label=${t.dataset.problems(problemCount)}>
          ${shown.map(
            (problem) => html`
              <li><b class="number">${t.dataset.line(problem.line)}</b> ${describeProblem(problem, t)}</li>
            `,
          )}
        </ul>
        <div class="actions">
          ${
            problems.length > SHOWN_PROBLEMS
              ? html`<button
                  type="button"
                  class="link"
                  @click=${() => {
                    this.allProblemsOf = showAll ? undefined : loaded;
                  }}
                >
                  ${showAll ? t.dataset.showLess : t.dataset.showAll(problems.length)}
                </button>`
              : nothing
          }
          <button
            type="button"
            class="link"
            @click=${() => {
              saveFile(`${name}.problems.txt`, "text/plain;charset=utf-8", problemsAsText(problems, t));
            }}
          >
            ${t.dataset.downloadProblems}
          </button>
        </div>
      </details>
    `;
  }
}
