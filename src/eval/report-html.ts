/** A report that stands alone: one HTML file, no script, nothing loaded from anywhere. */
import type { ReportLocale } from "./system-names.ts";
import {
  differenceText,
  latencyText,
  nameIn,
  originIn,
  outcomeText,
  RULES,
  shownMetrics,
  verdictIn,
  type WorkbenchReport,
} from "./workbench-report.ts";
import { pText } from "./verdict-text.ts";

/** A picture with what it shows in words. */
export interface ReportPlot {
  readonly title: string;
  readonly description: string;
  /** An `svg` element as text, made by this page's own code. */
  readonly svg: string;
}

interface Wording {
  readonly title: string;
  readonly columns: readonly [run: string, difference: string, p: string, outcome: string, latency: string];
  readonly receipt: string;
  readonly rules: string;
}

const WORDING: Readonly<Record<ReportLocale, Wording>> = {
  ko: {
    title: "순위 평가 보고서",
    columns: ["방식", "차이 (95 % 구간)", "보정한 p", "승/무/패", "질문당 ms (p95)"],
    receipt: "측정 조건",
    rules: "규칙",
  },
  en: {
    title: "Sunwi evaluation report",
    columns: ["Run", "Difference (95 %)", "Corrected p", "Win/tie/loss", "ms/query (p95)"],
    receipt: "Measured on",
    rules: "Rules",
  },
};

const STYLE =
  "body{font:16px/1.6 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1a1d21;background:#fff}" +
  "table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #d5dae0;padding:.4rem .6rem;text-align:right}" +
  "th:first-child,td:first-child{text-align:left}pre{white-space:pre-wrap;background:#f4f6f8;padding:1rem}" +
  ".verdict{font-size:1.15rem;font-weight:600}figure{margin:2rem 0;overflow-x:auto}" +
  "@media(max-width:40rem){.scroll{overflow-x:auto}}";

export function reportAsHtml(report: WorkbenchReport, plots: readonly ReportPlot[], locale: ReportLocale): string {
  const words = WORDING[locale];
  const metrics = shownMetrics(report.judgement);
  const [run, difference, p, outcome, latency] = words.columns;
  const header = [run, ...metrics, difference, p, outcome, latency];
  const rows = report.judgement.systems.map((system) => [
    nameIn(report, system, locale),
    ...metrics.map((name) => (system.metrics[name] ?? 0).toFixed(3)),
    differenceText(system),
    system.difference === undefined ? "" : pText(system.difference.correctedP),
    outcomeText(system),
    latencyText(system),
  ]);
  const figures = plots.map(
    ({ title, description, svg }) =>
      `<figure><figcaption><strong>${escapeHtml(title)}</strong> ${escapeHtml(description)}</figcaption>${svg}</figure>`,
  );
  return [
    `<!doctype html><html lang="${locale}"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escapeHtml(`${words.title}: ${report.receipt.dataset.name}`)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escapeHtml(words.title)}</h1><p>${escapeHtml(report.receipt.dataset.name)}</p>`,
    `<p class="verdict">${escapeHtml(verdictIn(report, locale))}</p>`,
    tableHtml([header, ...rows]),
    ...figures,
    ...originHtml(report, locale),
    `<h2>${escapeHtml(words.receipt)}</h2><pre>${escapeHtml(JSON.stringify(report.receipt, null, 2))}</pre>`,
    `<h2>${escapeHtml(words.rules)}</h2><ul>${RULES.map((rule) => `<li>${escapeHtml(rule)}</li>`).join("")}</ul>`,
    "</body></html>\n",
  ].join("\n");
}

/** @param rows header first */
function tableHtml([header = [], ...rows]: readonly (readonly string[])[]): string {
  const cells = (tag: string, values: readonly string[]): string =>
    `<tr>${values.map((value) => `<${tag}>${escapeHtml(value)}</${tag}>`).join("")}</tr>`;
  const body = rows.map((row) => cells("td", row)).join("\n");
  return `<div class="scroll"><table><thead>${cells("th", header)}</thead><tbody>\n${body}\n</tbody></table></div>`;
}

function originHtml(report: WorkbenchReport, locale: ReportLocale): readonly string[] {
  const origin = originIn(report, locale);
  if (origin === undefined) return [];
  return [
    `<h2>${escapeHtml(origin.title)}</h2><p>${escapeHtml(origin.intro)}</p>`,
    tableHtml(origin.rows),
    `<p>${escapeHtml(origin.claimsTitle)}</p>`,
    tableHtml(origin.claims),
    `<ul>${origin.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("")}</ul>`,
  ];
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);
}
