import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { runName } from "../eval/report.ts";
import type { EvaluationReport, EvaluationRun } from "../eval/types.ts";
import { AppElement } from "./app-element.ts";
import { formatFor } from "./format.ts";
import type { Watchable } from "./observable.ts";
import { reportActions, type CopyState } from "./report-actions.ts";
import { verdictOn } from "./verdict.ts";

/** The comparison table of one finished evaluation, with its reading in a sentence and its ways out. */
export class EvaluationReportView extends AppElement {
  static override properties: PropertyDeclarations = {
    ...AppElement.properties,
    report: { attribute: false },
    copy: { state: true },
  };
  declare report: EvaluationReport;
  declare copy: CopyState;

  constructor() {
    super();
    this.copy = { type: "none" };
  }

  protected override watched(): readonly Watchable[] {
    return [];
  }

  protected override willUpdate(changes: PropertyValues<this>): void {
    super.willUpdate(changes);
    if (changes.has("report")) this.copy = { type: "none" };
  }

  protected override render(): TemplateResult {
    const { t, report } = this;
    const { evaluation } = t;
    const verdict = verdictOn(report, t);
    return html`
      <h3 id="report-heading">${evaluation.results}</h3>
      ${
        verdict === undefined
          ? nothing
          : html`<p class="verdict ${verdict.effect}" role="status">
              ${verdict.text} <span class="hint">${evaluation.noSignificance(report.dataset.questions)}</span>
            </p>`
      }
      ${this.#table()}
      <p class="hint">${evaluation.ceiling(report.ceiling)}</p>
      ${reportActions(report, t, this.copy, (copy) => {
        this.copy = copy;
      })}
    `;
  }

  #table(): TemplateResult {
    const { evaluation } = this.t;
    const { dataset, candidates, runs } = this.report;
    const metrics = Object.keys(runs[0]?.metrics ?? {});
    return html`
      <div class="table-scroll" role="region" aria-labelledby="report-heading" tabindex="0">
        <table class="report">
          <caption>
            ${evaluation.caption(dataset.name, dataset.questions, dataset.documents, candidates)}
          </caption>
          <thead>
            <tr>
              <th scope="col">${evaluation.columns.run}</th>
              ${metrics.map((name) => html`<th scope="col" class="number">${name}</th>`)}
              <th scope="col" class="cost">
                ${evaluation.columns.perQuery}<br />${evaluation.columns.device}<br />${evaluation.columns.download}
              </th>
            </tr>
          </thead>
          <tbody>
            ${runs.map((run) => this.#row(run, metrics))}
          </tbody>
        </table>
      </div>
    `;
  }

  #row(run: EvaluationRun, metrics: readonly string[]): TemplateResult {
    const { evaluation, model, locale } = this.t;
    const { bytes, elapsed } = formatFor(locale);
    const device =
      run.device === "webgpu" || run.device === "wasm" ? model.devices[run.device] : run.device.toUpperCase();
    return html`
      <tr>
        <th scope="row">${runName(run, locale)}</th>
        ${metrics.map((name) => html`<td class="number">${this.#metric(run, name)}</td>`)}
        <td class="cost">
          ${elapsed(run.msPerQuery)}<br />${device}<br />${
            run.downloadBytes === 0 ? evaluation.noDownload : bytes(run.downloadBytes)
          }
        </td>
      </tr>
    `;
  }

  /** The value, and how far it lies from the first row's. */
  #metric(run: EvaluationRun, name: string): TemplateResult {
    const { evaluation, locale } = this.t;
    const { decimal, signed } = formatFor(locale);
    const value = run.metrics[name] ?? 0;
    if (run.kind === "first-stage") return html`${decimal(value, 3)}`;
    // Of the printed values, so that the reader's own subtraction agrees.
    const change = (Math.round(value * 1000) - Math.round((this.report.runs[0]?.metrics[name] ?? 0) * 1000)) / 1000;
    const direction = change > 0 ? "up" : change < 0 ? "down" : "same";
    return html`
      ${decimal(value, 3)}
      <small class="change ${direction}">
        <span class="visually-hidden">${evaluation.change(name, "")}</span>${signed(change, 3)}
      </small>
    `;
  }
}
