/** A finished comparison as files: what a reader, a spreadsheet or another program needs to check and repeat it. */
import Papa from "papaparse";
import type { Difference } from "./compare.ts";
import type { DatasetFacts, JudgementSummary, SystemSummary } from "./dataset-protocol.ts";
import type { Latency } from "./judging.ts";
import { METRIC_CUTS, METRIC_FAMILIES } from "./metrics.ts";
import { ORIGIN_CLAIMS } from "./origin-protocol.ts";
import { originTable, type OriginTable } from "./origin-text.ts";
import { systemName, type ReportLocale } from "./system-names.ts";
import { pText, signed, verdictText } from "./verdict-text.ts";

/** A reranker behind HTTP: nothing of its key or address but the host. */
interface ServiceFacts {
  /** "cohere", "tei" */
  readonly kind: string;
  readonly host: string;
  /** Empty where the service has one model only. */
  readonly model: string;
}

/** The model that made some rows, and where it ran. */
export interface ModelFacts {
  /** As recipes name it. */
  readonly key: string;
  readonly id: string;
  readonly name: string;
  readonly licence: string;
  readonly variant: string;
  readonly device: string;
  readonly runtime: string;
  readonly threads: number;
  /** The GPU as WebGPU names it, empty on WASM. */
  readonly adapter: string;
  readonly downloadBytes: number;
  /** JavaScript and WASM of the whole page while the model was in it; absent where the browser does not tell. */
  readonly memoryBytes?: number;
  readonly maxTokens: number;
  /** Golden pairs scored at loading, and the largest difference from what they should give. */
  readonly selfTest: { readonly pairs: number; readonly maxError: number; readonly tolerance: number };
  /** Present where another machine scored: nothing was downloaded then, and nothing tested. */
  readonly service?: ServiceFacts;
}

/** Everything that the numbers depend on. */
export interface Receipt {
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Version of Sunwi. */
  readonly version: string;
  readonly dataset: Pick<
    DatasetFacts,
    "name" | "hash" | "questions" | "documents" | "rows" | "skipped" | "withoutAnswer"
  >;
  /** Absent where the file brought the candidates. */
  readonly firstStage?: string;
  readonly candidates: number;
  readonly models: readonly ModelFacts[];
  readonly browser: string;
}

export interface WorkbenchReport {
  readonly receipt: Receipt;
  readonly judgement: JudgementSummary;
}

/** @param made what the numbers depend on beside the data */
export function newReport(
  judgement: JudgementSummary,
  { name, hash, questions, documents, rows, skipped, withoutAnswer, firstStage }: DatasetFacts,
  made: Pick<Receipt, "candidates" | "models" | "version" | "browser">,
): WorkbenchReport {
  const dataset = { name, hash, questions, documents, rows, skipped, withoutAnswer };
  const receipt = {
    createdAt: new Date().toISOString(),
    dataset,
    ...(firstStage !== undefined && { firstStage }),
    ...made,
  };
  return { receipt, judgement };
}

/** How the numbers come about; part of every receipt. */
export const RULES = [
  "A document without a grade counts as not relevant; grades above 0 count as relevant.",
  "A question whose answer is not among the candidates counts as 0; questions without any answer are left out.",
  "Equal scores keep the first stage's order.",
  "Metrics are trec_eval's; nDCG has linear gain.",
  "Intervals: percentile bootstrap over questions, 95 %. p: two-sided paired randomisation, Holm-corrected over the rows.",
  "Latency: the reranker's call per question, after one warm-up call.",
] as const;

/** As the table calls a row. */
export function nameIn(
  { receipt }: WorkbenchReport,
  { recipe }: Pick<SystemSummary, "recipe">,
  locale: ReportLocale,
): string {
  const modelName = (key: string): string => receipt.models.find((model) => model.key === key)?.id ?? key;
  return systemName(recipe, receipt.firstStage, modelName, locale);
}

/** What a row's TREC run is tagged with: its kind, its model's id, and how long documents were read. */
export function runTag({ receipt }: WorkbenchReport, { recipe }: Pick<SystemSummary, "recipe">): string {
  const { kind, model, aggregation = "first", after } = recipe;
  const idOf = (wanted: string | undefined): string => receipt.models.find(({ key }) => key === wanted)?.id ?? "";
  const stage = after === undefined ? "" : `after-${String(after.keep)}-${idOf(after.model)}`;
  const parts = ["sunwi", kind, idOf(model), aggregation === "first" ? "" : aggregation, stage];
  return parts.filter((part) => part !== "").join("-");
}

/** The sentence above the table; "" where there is nothing to say. */
export function verdictIn(report: WorkbenchReport, locale: ReportLocale): string {
  const { verdict, comparison, metric, systems } = report.judgement;
  if (verdict === undefined) return "";
  const nameOf = (key: string): string => {
    const system = systems.find((each) => each.key === key);
    return system ? nameIn(report, system, locale) : key;
  };
  return verdictText(verdict, { metric, questions: comparison.questions, means: comparison.means, nameOf }, locale);
}

/** What the origin's protocol came to; nothing where it was not asked for. */
export function originIn({ judgement, receipt }: WorkbenchReport, locale: ReportLocale): OriginTable | undefined {
  const nameOf = (key: string): string => receipt.models.find((model) => model.key === key)?.id ?? key;
  return judgement.origin && originTable(judgement.origin, nameOf, locale);
}

/** Columns that a table shows unasked. */
export function shownMetrics({ metric }: { readonly metric: string }): readonly string[] {
  return [...new Set([metric, "Hit@1", "Hit@5", "nDCG@10", "Recall@10"])];
}

const COLUMNS: Readonly<Record<ReportLocale, readonly string[]>> = {
  ko: ["방식", "차이 (95 % 구간)", "p", "승/무/패", "질문당 ms (p95)", "내려받기", "장치"],
  en: ["Run", "Difference (95 %)", "p", "Win/tie/loss", "ms/query (p95)", "Download", "Device"],
};

/** A GitHub table under the verdict; metrics with 3 decimals. */
export function reportAsMarkdown(report: WorkbenchReport, locale: ReportLocale): string {
  const { judgement, receipt } = report;
  const metrics = shownMetrics(judgement);
  const [run = "", difference = "", p = "", outcome = "", latency = "", download = "", device = ""] = COLUMNS[locale];
  const header = [run, ...metrics, difference, p, outcome, latency, download, device];
  const rows = judgement.systems.map((system) => {
    const model = receipt.models.find(({ key }) => key === system.recipe.model);
    return [
      nameIn(report, system, locale),
      ...metrics.map((name) => decimals(system.metrics[name])),
      differenceText(system),
      system.difference === undefined ? "" : pText(system.difference.correctedP),
      outcomeText(system),
      latencyText(system),
      model === undefined || model.service ? "" : megabytes(model.downloadBytes),
      model === undefined ? "" : `${model.device}, ${model.variant}`,
    ];
  });
  return [
    verdictIn(report, locale),
    "",
    summaryLine(report, locale),
    "",
    ...markdownTable([header, ...rows]),
    "",
    ...originMarkdown(report, locale),
  ].join("\n");
}

/** @param rows header first; all columns but the first to the right */
function markdownTable([header = [], ...rows]: readonly (readonly string[])[]): readonly string[] {
  const align = header.map((_, at) => (at === 0 ? "---" : "---:"));
  return [header, align, ...rows].map((cells) => `| ${cells.map(escapeMarkdown).join(" | ")} |`);
}

function originMarkdown(report: WorkbenchReport, locale: ReportLocale): readonly string[] {
  const origin = originIn(report, locale);
  if (origin === undefined) return [];
  const { title, intro, rows, claimsTitle, claims, notes } = origin;
  return [
    `**${title}.** ${intro}`,
    "",
    ...markdownTable(rows),
    "",
    claimsTitle,
    "",
    ...markdownTable(claims),
    "",
    ...notes.map((note) => `- ${escapeMarkdown(note)}`),
    "",
  ];
}

function summaryLine({ receipt, judgement }: WorkbenchReport, locale: ReportLocale): string {
  const { dataset, candidates } = receipt;
  const [questions, documents] = [dataset.questions, dataset.documents].map((value) => value.toLocaleString("en-US"));
  const ceiling = judgement.ceiling.toFixed(3);
  return escapeMarkdown(
    locale === "ko"
      ? `${dataset.name} (${dataset.hash.slice(0, 12)}): 질문 ${questions ?? ""}개, 문서 ${documents ?? ""}개, 후보 ${String(candidates)}개, 상한 ${ceiling}`
      : `${dataset.name} (${dataset.hash.slice(0, 12)}): ${questions ?? ""} questions, ${documents ?? ""} documents, ${String(candidates)} candidates, ceiling ${ceiling}`,
  );
}

/** papaparse's own pattern misses a formula that holds a line end. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * One line per row, header first, names in English, every metric; what a spreadsheet would run as a formula gets an
 * apostrophe in front. Lines end in CRLF (RFC 4180), without a byte order mark.
 */
export function reportAsCsv(report: WorkbenchReport): string {
  const { judgement, receipt } = report;
  const names = METRIC_FAMILIES.flatMap((family) => METRIC_CUTS.map((cut) => `${family}@${String(cut)}`));
  const rows = judgement.systems.map((system) => {
    const model = receipt.models.find(({ key }) => key === system.recipe.model);
    return {
      run: nameIn(report, system, "en"),
      ...columns(MODEL_COLUMNS, model),
      ...Object.fromEntries(names.map((name) => [name, system.metrics[name] ?? ""])),
      comparedBy: judgement.metric,
      ...columns(DIFFERENCE_COLUMNS, system.difference),
      ...columns(LATENCY_COLUMNS, system.latency),
      ceiling: judgement.ceiling,
      questions: receipt.dataset.questions,
      datasetHash: receipt.dataset.hash,
    };
  });
  return Papa.unparse(rows, { escapeFormulae: FORMULA });
}

type Columns<T> = Readonly<Record<string, (value: T) => string | number>>;

const MODEL_COLUMNS: Columns<ModelFacts> = {
  model: ({ id }) => id,
  variant: ({ variant }) => variant,
  device: ({ device }) => device,
  downloadBytes: ({ downloadBytes, service }) => (service ? "" : downloadBytes),
  selfTestError: ({ selfTest, service }) => (service ? "" : selfTest.maxError),
};

const DIFFERENCE_COLUMNS: Columns<Difference> = {
  difference: ({ mean }) => mean,
  low95: ({ interval }) => interval.low,
  high95: ({ interval }) => interval.high,
  p: ({ p }) => p,
  correctedP: ({ correctedP }) => correctedP,
  wins: ({ wins }) => wins,
  ties: ({ ties }) => ties,
  losses: ({ losses }) => losses,
};

const LATENCY_COLUMNS: Columns<Latency> = {
  msMedian: ({ median }) => median,
  msP95: ({ p95 }) => p95,
};

/** Every column, empty where there is no value to read from. */
function columns<T>(of: Columns<T>, value: T | undefined): Readonly<Record<string, string | number>> {
  return Object.fromEntries(Object.entries(of).map(([name, read]) => [name, value === undefined ? "" : read(value)]));
}

/** The receipt with all numbers unrounded; per-question values under each row, in the data set's order. */
export function reportAsJson(report: WorkbenchReport): string {
  const { receipt, judgement } = report;
  const { comparison, verdict, metric, ceiling, ideal } = judgement;
  const { resampling, againstFirst, amongOthers } = comparison;
  return JSON.stringify(
    {
      receipt: { ...receipt, rules: RULES, metric, seed: resampling.seed, draws: resampling.draws },
      verdict: { ...verdict, text: verdictIn(report, "en") },
      ceiling,
      ideal,
      rows: judgement.systems.map((system) => ({
        ...system,
        name: nameIn(report, system, "en"),
        values: [...system.values],
        ranks: [...system.ranks],
      })),
      differences: [...againstFirst, ...amongOthers],
      ...(judgement.origin && { origin: { ...judgement.origin, claims: ORIGIN_CLAIMS } }),
    },
    null,
    2,
  );
}

export function differenceText({ difference }: Pick<SystemSummary, "difference">): string {
  if (difference === undefined) return "";
  const { mean, interval } = difference;
  return `${signed(mean)} (${signed(interval.low)} ~ ${signed(interval.high)})`;
}

export function outcomeText({ difference }: Pick<SystemSummary, "difference">): string {
  return difference === undefined ? "" : [difference.wins, difference.ties, difference.losses].join("/");
}

export function latencyText({ latency }: Pick<SystemSummary, "latency">): string {
  return latency === undefined ? "" : `${latency.median.toFixed(0)} (${latency.p95.toFixed(0)})`;
}

/** 3 decimals; "" for a metric that a row lacks. */
function decimals(value: number | undefined): string {
  return value?.toFixed(3) ?? "";
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Keeps text in its cell: a file or model name may hold anything. "<" before a digit opens no tag. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\|]|<(?!\d)/g, "\\$&").replace(/[\r\n]+/g, " ");
}
