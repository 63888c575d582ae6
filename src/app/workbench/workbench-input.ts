import { html, nothing, type TemplateResult } from "lit";
import { COLUMN_ROLES, shapeOf, type ColumnMapping, type ColumnRole } from "../../eval/columns.ts";
import type { DatasetFacts, InputSummary } from "../../eval/dataset-protocol.ts";
import { firstStageName } from "../../eval/system-names.ts";
import { readChosen } from "../dropped-files.ts";
import { formatFor } from "../format.ts";
import { errorNotice } from "../notice.ts";
import type { Watchable } from "../observable.ts";
import { describeProblem, SHOWN_PROBLEMS } from "../problem-list.ts";
import { progressLine } from "../progress-line.ts";
import { WorkbenchElement } from "./workbench-element.ts";

/** Which data are compared on: files as they are recognised, and what is in use. */
export class WorkbenchInput extends WorkbenchElement {
  protected override watched(): readonly Watchable[] {
    return [this.workbench.input, this.workbench.dataset];
  }

  protected override render(): TemplateResult {
    const { t } = this;
    const inUse = this.workbench.dataset.value;
    return html`
      <section class="card" aria-labelledby="workbench-input-heading">
        <h3 id="workbench-input-heading">${t.workbench.data}</h3>
        ${inUse === undefined ? nothing : this.#facts(inUse.facts, inUse.isSample)} ${this.#state()}
        <div class="actions">
          <label class="button file-button">
            <input type="file" multiple class="visually-hidden" @change=${this.#onFiles} />
            ${t.workbench.chooseFiles}
          </label>
          <label class="button file-button">
            <input type="file" webkitdirectory class="visually-hidden" @change=${this.#onFiles} />
            ${t.workbench.chooseFolder}
          </label>
          ${
            inUse?.isSample === false
              ? html`<button type="button" class="button quiet" @click=${() => void this.workbench.useSample()}>
                  ${t.dataset.useSample}
                </button>`
              : nothing
          }
        </div>
        <details>
          <summary class="hint">${t.workbench.formats}</summary>
          <ul class="hint bullets">
            ${t.workbench.formatList.map((line) => html`<li>${line}</li>`)}
          </ul>
        </details>
      </section>
    `;
  }

  readonly #onFiles = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    const { files } = readChosen(input.files ?? new DataTransfer().files);
    if (files.length > 0) void this.workbench.open(files);
    // The same file, mended, may be chosen again.
    input.value = "";
  };

  #facts(facts: DatasetFacts, isSample: boolean): TemplateResult {
    const { dataset: t, workbench, locale } = this.t;
    const { count } = formatFor(locale);
    return html`
      <p class="state-line ready" role="status">
        <span class="file-name">${facts.name}</span>
        ${isSample ? html`<span class="badge">${t.sample}</span>` : nothing}
      </p>
      <dl class="facts">
        <dt>${t.facts.questions}</dt>
        <dd>${count(facts.questions)}</dd>
        <dt>${t.facts.documents}</dt>
        <dd>${count(facts.documents)}</dd>
        <dt>${workbench.firstStage}</dt>
        <dd>${firstStageName(facts.firstStage, locale)}</dd>
        <dt>${t.facts.skipped}</dt>
        <dd>${t.skippedOf(facts.skipped, facts.rows)}</dd>
      </dl>
      ${facts.withoutAnswer === 0 ? nothing : html`<p class="hint">${workbench.withoutAnswer(facts.withoutAnswer)}</p>`}
      ${
        facts.problemCount === 0
          ? nothing
          : html`<details class="problems">
              <summary>${t.problems(facts.problemCount)}</summary>
              <ul tabindex="0" aria-label=${t.problems(facts.problemCount)}>
                ${facts.problems
                  .slice(0, SHOWN_PROBLEMS)
                  .map(
                    (problem) =>
                      html`<li><b class="number">${t.line(problem.line)}</b> ${describeProblem(problem, this.t)}</li>`,
                  )}
              </ul>
            </details>`
      }
    `;
  }

  #state(): TemplateResult | typeof nothing {
    const { t } = this;
    const input = this.workbench.input.value;
    switch (input.type) {
      case "none":
        return nothing;
      case "opening":
        return progressLine({ text: t.dataset.reading(input.name) }, t.dataset.reading(input.name));
      case "reading": {
        const { progress } = input;
        const fraction = progress?.step === "indexing" ? { fraction: progress.done / Math.max(1, progress.total) } : {};
        return progressLine({ text: t.dataset.reading(input.name), ...fraction }, t.dataset.reading(input.name));
      }
      case "rejected":
        return html`${errorNotice(t.dataset.rejected(input.name), input.error, t)}
          <p class="hint">${t.dataset.kept}</p>`;
      case "preview":
        return this.#preview(input.summary, input.mapping);
    }
  }

  #preview(summary: InputSummary, mapping: ColumnMapping): TemplateResult {
    const { workbench: t, locale } = this.t;
    const { count } = formatFor(locale);
    const found = shapeOf(mapping);
    const isUsable = summary.type === "collection" || found.shape !== undefined;
    return html`
      <div class="preview" role="group" aria-label=${t.preview(summary.name)}>
        <h4>${t.preview(summary.name)}</h4>
        <p>
          ${
            summary.type === "collection"
              ? t.collection(
                  count(summary.documents.rows),
                  count(summary.questions.rows),
                  count(summary.qrels.judgments),
                  summary.run === undefined ? undefined : count(summary.run.candidates),
                )
              : found.shape === undefined
                ? t.missing(found.missing.map((role) => t.roles[role]).join(", "))
                : t.shapes[found.shape](count(summary.rows))
          }
        </p>
        ${summary.type === "table" ? this.#columns(summary, mapping) : this.#rows(summary.preview)}
        <div class="actions">
          <button
            type="button"
            class="button primary"
            ?disabled=${!isUsable}
            @click=${() => void this.workbench.accept()}
          >
            ${t.accept}
          </button>
          <button
            type="button"
            class="button quiet"
            @click=${() => {
              this.workbench.dismiss();
            }}
          >
            ${t.dismiss}
          </button>
        </div>
      </div>
    `;
  }

  #columns(summary: Extract<InputSummary, { type: "table" }>, mapping: ColumnMapping): TemplateResult {
    const { workbench: t } = this.t;
    return html`
      <div class="table-scroll" role="region" aria-label=${t.preview(summary.name)} tabindex="0">
        <table class="report preview-table">
          <thead>
            <tr>
              ${summary.columns.map(
                (column, at) => html`
                  <th scope="col">
                    ${column}
                    <select
                      aria-label=${t.roleOf(column)}
                      @change=${(event: Event) => {
                        this.workbench.map(withRole(mapping, at, (event.target as HTMLSelectElement).value));
                      }}
                    >
                      <option value="" ?selected=${roleAt(mapping, at) === undefined}>${t.unused}</option>
                      ${COLUMN_ROLES.map(
                        (role) =>
                          html`<option value=${role} ?selected=${roleAt(mapping, at) === role}>
                            ${t.roles[role]}
                          </option>`,
                      )}
                    </select>
                  </th>
                `,
              )}
            </tr>
          </thead>
          ${tableBody(summary.preview)}
        </table>
      </div>
    `;
  }

  #rows(rows: readonly (readonly string[])[]): TemplateResult {
    return html`
      <div class="table-scroll" role="region" aria-label=${this.t.workbench.data} tabindex="0">
        <table class="report preview-table">
          ${tableBody(rows)}
        </table>
      </div>
    `;
  }
}

function tableBody(rows: readonly (readonly string[])[]): TemplateResult {
  return html`
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            ${row.map((cell) => html`<td>${cell}</td>`)}
          </tr>`,
      )}
    </tbody>
  `;
}

function roleAt(mapping: ColumnMapping, position: number): ColumnRole | undefined {
  return COLUMN_ROLES.find((role) => mapping[role]?.includes(position));
}

/** The column in its new role; another column that had a role of which there is only one gives it up. */
function withRole(mapping: ColumnMapping, position: number, chosen: string): ColumnMapping {
  const role = COLUMN_ROLES.find((known) => known === chosen);
  const changed: Partial<Record<ColumnRole, readonly number[]>> = {};
  for (const known of COLUMN_ROLES) {
    const others = (mapping[known] ?? []).filter((other) => other !== position);
    const several = known === "positive" || known === "negative";
    const kept = known === role ? [...(several ? others : []), position] : others;
    if (kept.length > 0) changed[known] = kept;
  }
  return changed;
}
