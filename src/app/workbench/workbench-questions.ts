import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { PlacedDocument, QuestionOrders } from "../../eval/dataset-protocol.ts";
import { nameIn, type WorkbenchReport } from "../../eval/workbench-report.ts";
import { formatFor } from "../format.ts";
import type { Watchable } from "../observable.ts";
import { matchingSentence } from "./matching-sentence.ts";
import { WorkbenchElement } from "./workbench-element.ts";

type Filter = "all" | "gained" | "lost" | "unreached";
const FILTERS: readonly Filter[] = ["all", "gained", "lost", "unreached"];
const SHOWN_AT_ONCE = 50;
const SHOWN_DOCUMENTS = 10;

/** Every question with what a row gained or lost on it; one opens to show all orders. */
export class WorkbenchQuestions extends WorkbenchElement {
  static override properties: PropertyDeclarations = {
    ...WorkbenchElement.properties,
    against: { state: true },
    filter: { state: true },
    shown: { state: true },
  };
  /** Position of the row that is compared with the first. */
  declare against: number;
  declare filter: Filter;
  declare shown: number;

  constructor() {
    super();
    this.against = -1;
    this.filter = "all";
    this.shown = SHOWN_AT_ONCE;
  }

  protected override watched(): readonly Watchable[] {
    return [this.workbench.report, this.workbench.questions, this.workbench.opened];
  }

  protected override render(): TemplateResult | typeof nothing {
    const { workbench: t } = this.t;
    const report = this.workbench.report.value;
    // Of an earlier report only the numbers are kept.
    if (report === undefined || !this.workbench.isCurrent(report)) return nothing;
    const rows = this.#rows(report);
    return html`
      <section class="card" aria-labelledby="questions-heading">
        <h3 id="questions-heading">${t.questions}</h3>
        ${this.#controls(report)}
        <p class="hint" role="status">${t.questionsShown(Math.min(rows.length, this.shown), rows.length)}</p>
        <ol class="question-list">
          ${rows.slice(0, this.shown).map(({ at, before, after, change }) => this.#line(report, at, before, after, change))}
        </ol>
        ${
          rows.length <= this.shown
            ? nothing
            : html`<button
                type="button"
                class="button"
                @click=${() => {
                  this.shown += SHOWN_AT_ONCE;
                }}
              >
                ${t.moreQuestions}
              </button>`
        }
      </section>
    `;
  }

  /** The row looked at: the best one, unless the user chose another. */
  #system(report: WorkbenchReport): number {
    const { systems } = report.judgement;
    if (this.against > 0 && this.against < systems.length) return this.against;
    const means = systems.map((system) => system.difference?.mean ?? Number.NEGATIVE_INFINITY);
    return means.indexOf(Math.max(...means));
  }

  /** Largest gain first; for "lost", largest loss first. */
  #rows(report: WorkbenchReport) {
    const { systems } = report.judgement;
    const [first] = systems;
    const system = systems[this.#system(report)];
    const lines = this.workbench.questions.value;
    const rows = lines.map((_, at) => ({
      at,
      before: first?.ranks[at] ?? 0,
      after: system?.ranks[at] ?? 0,
      change: (system?.values[at] ?? 0) - (first?.values[at] ?? 0),
    }));
    const kept = rows.filter(({ at, change }) => {
      if (this.filter === "gained") return change > 0;
      if (this.filter === "lost") return change < 0;
      return this.filter === "all" || lines[at]?.found === 0;
    });
    const sign = this.filter === "lost" ? 1 : -1;
    return kept.sort((a, b) => sign * (a.change - b.change) || a.at - b.at);
  }

  #controls(report: WorkbenchReport): TemplateResult {
    const { workbench: t, locale } = this.t;
    const chosen = this.#system(report);
    return html`
      <div class="workbench-settings">
        <div class="field">
          <label for="questions-against">${t.against}</label>
          <select
            id="questions-against"
            @change=${(event: Event) => {
              this.against = Number((event.target as HTMLSelectElement).value);
            }}
          >
            ${report.judgement.systems
              .slice(1)
              .map(
                (system, at) =>
                  html`<option value=${at + 1} ?selected=${at + 1 === chosen}>
                    ${nameIn(report, system, locale)}
                  </option>`,
              )}
          </select>
        </div>
        <div class="field">
          <label for="questions-filter">${t.filter}</label>
          <select
            id="questions-filter"
            @change=${(event: Event) => {
              const { value } = event.target as HTMLSelectElement;
              this.filter = FILTERS.find((known) => known === value) ?? "all";
              this.shown = SHOWN_AT_ONCE;
            }}
          >
            ${FILTERS.map(
              (filter) =>
                html`<option value=${filter} ?selected=${filter === this.filter}>${t.filters[filter]}</option>`,
            )}
          </select>
        </div>
      </div>
    `;
  }

  #line(report: WorkbenchReport, at: number, before: number, after: number, change: number): TemplateResult {
    const { workbench: t, locale } = this.t;
    const { signed } = formatFor(locale);
    const line = this.workbench.questions.value[at];
    const opened = this.workbench.opened.value;
    const orders = opened?.question === at ? opened.orders : undefined;
    return html`
      <li>
        <button
          type="button"
          class="question-line"
          aria-expanded=${orders !== undefined}
          @click=${() => {
            if (orders !== undefined) this.workbench.closeQuestion();
            else void this.workbench.openQuestion(at);
          }}
        >
          <span>${line?.text ?? ""}</span>
          <span class="number">${t.ranks(before, after)}</span>
          <span class="number change ${change > 0 ? "up" : change < 0 ? "down" : "same"}">${signed(change, 3)}</span>
        </button>
        ${orders === undefined ? nothing : this.#orders(report, orders)}
      </li>
    `;
  }

  #orders(report: WorkbenchReport, { question, orders, unreached }: QuestionOrders): TemplateResult {
    const { workbench: t, locale } = this.t;
    const chosen = report.judgement.systems[this.#system(report)]?.key;
    const shown = orders.filter(({ key }, at) => at === 0 || key === chosen);
    return html`
      ${question.answer === "" ? nothing : html`<p class="hint">${t.expected} ${question.answer}</p>`}
      <div class="orders">
        ${shown.map(({ key, documents }) => {
          const system = report.judgement.systems.find((each) => each.key === key);
          return html`
            <div>
              <h4>${system === undefined ? key : nameIn(report, system, locale)}</h4>
              <ol>
                ${documents.slice(0, SHOWN_DOCUMENTS).map((document) => this.#document(document, question.text))}
              </ol>
            </div>
          `;
        })}
      </div>
      ${
        unreached.length === 0
          ? nothing
          : html`<p class="hint">${t.unreached(unreached.length)}</p>
              <ul class="bullets">
                ${unreached.map(({ id, text }) => html`<li><code>${id}</code> ${text.slice(0, 200)}</li>`)}
              </ul>`
      }
    `;
  }

  #document({ id, text, grade, firstRank, score }: PlacedDocument, query: string): TemplateResult {
    const { workbench: t, locale } = this.t;
    const { decimal } = formatFor(locale);
    const { before, match, after } = matchingSentence(text, query);
    return html`
      <li class=${grade > 0 ? "right" : ""}>
        <p class="hint">
          <code>${id}</code> ${grade > 0 ? html`<span class="badge answer">${t.right}</span>` : nothing}
          ${t.fromRank(firstRank)} ${score === undefined ? nothing : html`· ${t.score(decimal(score, 2))}`}
        </p>
        <p>${before}<mark>${match}</mark>${after}</p>
      </li>
    `;
  }
}
