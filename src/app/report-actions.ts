import { html, nothing, type TemplateResult } from "lit";
import { reportToCsv, reportToJson, reportToMarkdown } from "../eval/report.ts";
import type { EvaluationReport } from "../eval/types.ts";
import type { Messages } from "./messages/ko.ts";
import { saveFile } from "./save-file.ts";

/** What became of copying; a browser may refuse it, then the text is shown. */
export type CopyState = { readonly type: "none" | "copied" } | { readonly type: "refused"; readonly markdown: string };

/** Excel takes a CSV for UTF-8 only with a byte order mark. */
const BYTE_ORDER_MARK = "\ufeff";

/** Buttons that take a report elsewhere. */
export function reportActions(
  report: EvaluationReport,
  t: Messages,
  copy: CopyState,
  onCopy: (state: CopyState) => void,
): TemplateResult {
  const { evaluation, locale } = t;
  const fileName = `sunwi-${report.dataset.name.replace(/\.[^.]*$/, "")}`;
  return html`
    <div class="actions">
      <button
        type="button"
        class="button"
        @click=${async () => {
          onCopy(await copyText(reportToMarkdown(report, locale)));
        }}
      >
        ${evaluation.copy}
      </button>
      <button
        type="button"
        class="button"
        @click=${() => {
          saveFile(`${fileName}.csv`, "text/csv;charset=utf-8", BYTE_ORDER_MARK + reportToCsv(report));
        }}
      >
        ${evaluation.csv}
      </button>
      <button
        type="button"
        class="button"
        @click=${() => {
          saveFile(`${fileName}.json`, "application/json", reportToJson(report));
        }}
      >
        ${evaluation.json}
      </button>
    </div>
    <p class="hint" role="status">
      ${copy.type === "copied" ? evaluation.copied : copy.type === "refused" ? evaluation.copyRefused : nothing}
    </p>
    ${copy.type === "refused" ? refusedCopy(copy.markdown, evaluation.markdown) : nothing}
  `;
}

async function copyText(markdown: string): Promise<CopyState> {
  try {
    await navigator.clipboard.writeText(markdown);
    return { type: "copied" };
  } catch {
    // Refused, or not there outside secure contexts.
    return { type: "refused", markdown };
  }
}

function refusedCopy(markdown: string, label: string): TemplateResult {
  return html`
    <div class="field">
      <label for="markdown">${label}</label>
      <textarea
        id="markdown"
        class="code"
        readonly
        rows="8"
        .value=${markdown}
        @focus=${(event: FocusEvent) => {
          (event.target as HTMLTextAreaElement).select();
        }}
      ></textarea>
    </div>
  `;
}
