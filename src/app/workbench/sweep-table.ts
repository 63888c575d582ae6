import { html, nothing, type TemplateResult } from "lit";
import { nameIn, type WorkbenchReport } from "../../eval/workbench-report.ts";
import { formatFor } from "../format.ts";
import type { Messages } from "../messages/ko.ts";

/** The metric by how many candidates are reranked, and the best that could come of them. */
export function sweepTable(
  report: WorkbenchReport,
  { workbench: t, locale }: Messages,
): TemplateResult | typeof nothing {
  const { decimal, count } = formatFor(locale);
  const swept = report.judgement.systems.filter(({ sweep }) => sweep.length > 1);
  const [first] = swept;
  if (first === undefined) return nothing;
  return html`
    <details>
      <summary>${t.sweep}</summary>
      <p class="hint">${t.sweepHelp(report.judgement.metric)}</p>
      <div class="table-scroll" role="region" aria-label=${t.sweep} tabindex="0">
        <table class="report">
          <thead>
            <tr>
              <th scope="col">${t.columns.run}</th>
              ${first.sweep.map(({ candidates }) => html`<th scope="col" class="number">${count(candidates)}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${swept.map(
              (system) => html`
                <tr>
                  <th scope="row">${nameIn(report, system, locale)}</th>
                  ${system.sweep.map(({ value }) => html`<td class="number">${decimal(value, 3)}</td>`)}
                </tr>
              `,
            )}
            <tr>
              <th scope="row">${t.idealRow}</th>
              ${first.sweep.map(({ ideal }) => html`<td class="number">${decimal(ideal, 3)}</td>`)}
            </tr>
          </tbody>
        </table>
      </div>
    </details>
  `;
}
