import Papa from "papaparse";
import type { EvaluationReport, EvaluationRun } from "./types.ts";

export type ReportLocale = "ko" | "en";

/** First stages that have a Korean name; others keep the one they give themselves. */
const KOREAN_FIRST_STAGES: Readonly<Record<string, string>> = {
  "BM25+ × matched terms (MiniSearch)": "BM25+ × 일치어 수 (MiniSearch)",
};

interface Wording {
  run(run: EvaluationRun): string;
  summary(report: EvaluationReport): string;
  ceiling(report: EvaluationReport): string;
  readonly columns: readonly [run: string, device: string, msPerQuery: string, download: string];
}

const WORDINGS: Readonly<Record<ReportLocale, Wording>> = {
  ko: {
    run: ({ kind, model, blendWeight }) =>
      ({
        "first-stage": `리랭킹 없음 — ${KOREAN_FIRST_STAGES[model] ?? model}`,
        logit: `${model} (모델 점수만)`,
        blended: `${model} + 1차 검색 점수 × ${String(blendWeight ?? 0)}`,
      })[kind],
    summary: ({ dataset: { name, questions, documents, skipped }, candidates }) =>
      `${name}: 질문 ${count(questions)}개, 문서 ${count(documents)}개, 제외한 행 ${count(skipped)}개, ` +
      `질문마다 후보 ${count(candidates)}개`,
    ceiling: ({ ceiling }) =>
      `상한 ${ceiling.toFixed(3)}: 정답 문서가 후보 안에 있는 질문의 비율. 리랭킹으로는 넘을 수 없습니다.`,
    columns: ["방식", "장치", "질문당 ms", "내려받기"],
  },
  en: {
    run: ({ kind, model, blendWeight }) =>
      ({
        "first-stage": `No reranking — ${model}`,
        logit: `${model} (model score only)`,
        blended: `${model} + first-stage score × ${String(blendWeight ?? 0)}`,
      })[kind],
    summary: ({ dataset: { name, questions, documents, skipped }, candidates }) =>
      `${name}: ${count(questions)} questions, ${count(documents)} documents, ${count(skipped)} rows skipped, ` +
      `${count(candidates)} candidates per question`,
    ceiling: ({ ceiling }) =>
      `Ceiling ${ceiling.toFixed(3)}: the share of questions whose answer is among the candidates. No reranking can exceed it.`,
    columns: ["Run", "Device", "ms/query", "Download"],
  },
};

/** The row's true name: which part of the order is the model's and which the first stage's. */
export function runName(run: EvaluationRun, locale: ReportLocale): string {
  return WORDINGS[locale].run(run);
}

/** A GitHub table, one row per run, with dataset and ceiling above it. Metrics with 3 decimals. */
export function reportToMarkdown(report: EvaluationReport, locale: ReportLocale): string {
  const wording = WORDINGS[locale];
  const metrics = metricNames(report);
  const [run, device, msPerQuery, download] = wording.columns;
  const lines = report.runs.map((row) => [
    wording.run(row),
    row.device,
    ...metrics.map((name) => decimals(row.metrics[name])),
    row.msPerQuery.toFixed(1),
    megabytes(row.downloadBytes),
  ]);
  return [
    escapeMarkdown(wording.summary(report)),
    "",
    escapeMarkdown(wording.ceiling(report)),
    "",
    tableLine([run, device, ...metrics, msPerQuery, download]),
    tableLine(["---", "---", ...metrics.map(() => "---:"), "---:", "---:"]),
    ...lines.map(tableLine),
    "",
  ].join("\n");
}

/** papaparse's own pattern misses a formula that holds a line end. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * One line per run, header first, names in English, metrics with 3 decimals; what a spreadsheet would run as a formula
 * gets an apostrophe in front. Lines end in CRLF (RFC 4180). Without a byte order mark: whoever writes it to a file for Excel adds one.
 */
export function reportToCsv(report: EvaluationReport): string {
  const { dataset, candidates, ceiling, runs } = report;
  const rows = runs.map((run) => ({
    dataset: dataset.name,
    questions: dataset.questions,
    documents: dataset.documents,
    skipped: dataset.skipped,
    candidates,
    run: runName(run, "en"),
    model: run.model,
    device: run.device,
    ...Object.fromEntries(metricNames(report).map((name) => [name, decimals(run.metrics[name])])),
    ceiling: decimals(ceiling),
    msPerQuery: run.msPerQuery.toFixed(1),
    downloadBytes: run.downloadBytes,
  }));
  return Papa.unparse(rows, { escapeFormulae: FORMULA });
}

/** The report as JSON text, numbers unrounded, names in English; ranks by question are left out. */
export function reportToJson(report: EvaluationReport): string {
  const { dataset, candidates, ceiling, runs } = report;
  const { name, questions, documents, skipped } = dataset;
  const rows = runs.map((run) => ({
    name: runName(run, "en"),
    model: run.model,
    device: run.device,
    metrics: run.metrics,
    ceiling,
    msPerQuery: run.msPerQuery,
    downloadBytes: run.downloadBytes,
  }));
  return JSON.stringify({ dataset: { name, questions, documents, skipped }, candidates, runs: rows }, null, 2);
}

function metricNames({ runs }: EvaluationReport): readonly string[] {
  return [...new Set(runs.flatMap(({ metrics }) => Object.keys(metrics)))];
}

/** 3 decimals; "" for a metric that the run lacks. */
function decimals(value: number | undefined): string {
  return value?.toFixed(3) ?? "";
}

function megabytes(bytes: number): string {
  return bytes === 0 ? "0" : `${(bytes / 1e6).toFixed(1)} MB`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map(escapeMarkdown).join(" | ")} |`;
}

/** Keeps text in its cell: a file or model name may hold anything. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\|<]/g, "\\$&").replace(/[\r\n]+/g, " ");
}
