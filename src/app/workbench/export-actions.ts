import { html, nothing, type TemplateResult } from "lit";
import { reportAsHtml } from "../../eval/report-html.ts";
import {
  reportAsCsv,
  reportAsJson,
  reportAsMarkdown,
  runTag,
  type WorkbenchReport,
} from "../../eval/workbench-report.ts";
import type { Messages } from "../messages/ko.ts";
import { saveFile } from "../save-file.ts";
import type { WorkbenchController } from "./workbench-controller.ts";
import { reportPlots } from "./plots.ts";

/** Excel takes a CSV for UTF-8 only with a byte order mark. */
const BYTE_ORDER_MARK = "\ufeff";

/** Buttons that take a report elsewhere. */
export function exportActions(report: WorkbenchReport, workbench: WorkbenchController, t: Messages): TemplateResult {
  const { locale } = t;
  const base = `sunwi-${report.receipt.dataset.name.replace(/\.[^.]*$/, "")}`;
  const button = (label: string, save: () => void): TemplateResult =>
    html`<button type="button" class="button" @click=${save}>${label}</button>`;
  return html`
    <div class="actions" role="group" aria-label=${t.workbench.export}>
      ${button("Markdown", () => {
        saveFile(`${base}.md`, "text/markdown;charset=utf-8", reportAsMarkdown(report, locale));
      })}
      ${button("CSV", () => {
        saveFile(`${base}.csv`, "text/csv;charset=utf-8", BYTE_ORDER_MARK + reportAsCsv(report));
      })}
      ${button("JSON", () => {
        saveFile(`${base}.json`, "application/json", reportAsJson(report));
      })}
      ${button("HTML", () => {
        saveFile(`${base}.html`, "text/html;charset=utf-8", reportAsHtml(report, reportPlots(report, t), locale));
      })}
      ${
        // The worker has the orders of what was judged last.
        workbench.isCurrent(report)
          ? button("TREC run", () => {
              void saveRuns(report, workbench, base);
            })
          : nothing
      }
      ${button("SVG", () => {
        for (const { id, svg } of reportPlots(report, t)) saveFile(`${base}-${id}.svg`, "image/svg+xml", svg);
      })}
    </div>
  `;
}

/** A file for each row: TREC's tools take runs one by one. */
async function saveRuns(report: WorkbenchReport, workbench: WorkbenchController, base: string): Promise<void> {
  for (const [at, system] of report.judgement.systems.entries()) {
    const run = await workbench.trecRun(system.key, runTag(report, system));
    saveFile(`${base}-${String(at)}.run`, "text/plain;charset=utf-8", run);
  }
}
