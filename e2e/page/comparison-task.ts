import { DatasetClient } from "../../src/app/dataset-client.ts";
import { factsOf, type ScoredModel } from "../../src/app/workbench/workbench-state.ts";
import { reportPlots } from "../../src/app/workbench/plots.ts";
import { messagesFor } from "../../src/app/messages/messages-for.ts";
import { WorkerReranker } from "../../src/client/worker-reranker.ts";
import type { DeviceChoice, LoadedModel } from "../../src/core/protocol.ts";
import { recogniseColumns, type ColumnMapping, type ColumnRole } from "../../src/eval/columns.ts";
import type { DatasetFacts } from "../../src/eval/dataset-protocol.ts";
import { recipesOf } from "../../src/eval/judging.ts";
import { reportAsHtml } from "../../src/eval/report-html.ts";
import { scoreTasks, type ScoreStore } from "../../src/eval/scoring.ts";
import {
  newReport,
  reportAsCsv,
  reportAsJson,
  reportAsMarkdown,
  type WorkbenchReport,
} from "../../src/eval/workbench-report.ts";

export interface ComparisonTask {
  /** Path and URL of each input file. */
  readonly files: readonly { readonly path: string; readonly url: string }[];
  /** Folders of model packages. */
  readonly modelUrls: readonly string[];
  readonly device: DeviceChoice;
  readonly candidates: number;
  readonly metric: string;
  readonly windows: boolean;
  /** Names of columns by role; they come before what their names say. */
  readonly columns: Readonly<Partial<Record<ColumnRole, string>>>;
  readonly limit?: number;
  readonly draws?: number;
  readonly seed?: number;
  readonly locale: "ko" | "en";
  readonly version: string;
}

export interface ComparisonOutcome {
  readonly facts: DatasetFacts;
  readonly models: readonly LoadedModel[];
  readonly markdown: string;
  readonly json: string;
  readonly csv: string;
  readonly html: string;
  /** TREC runs by the row's key. */
  readonly runs: Readonly<Record<string, string>>;
}

declare global {
  interface Window {
    /** The terminal's end of the progress, where it gave one. */
    showProgress?: (model: string, done: number, total: number, remainingMs: number) => void;
  }
}

/** For one run: nothing outlives it. */
class NoStore implements ScoreStore {
  read(_: string, pairKeys: readonly string[]): Promise<readonly undefined[]> {
    return Promise.resolve(pairKeys.map(() => undefined));
  }

  write(): Promise<void> {
    return Promise.resolve();
  }
}

/** Reads, scores and judges as the workbench does; an error comes back as its message. */
export async function runComparison(task: ComparisonTask): Promise<ComparisonOutcome | { readonly error: string }> {
  try {
    const datasets = new DatasetClient();
    const facts = await readFiles(datasets, task);
    const scored: ScoredModel[] = [];
    const models: LoadedModel[] = [];
    for (const modelUrl of task.modelUrls) {
      const loaded = await scoreModel(datasets, facts, modelUrl, task);
      models.push(loaded);
      scored.push({
        facts: factsOf({ name: loaded.name, url: modelUrl }, loaded, undefined),
        blendWeight: loaded.blendWeight,
      });
    }
    const report = await judged(datasets, facts, scored, task);
    return { facts, models, ...(await written(datasets, report, task)) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

async function readFiles(datasets: DatasetClient, { files, columns, limit }: ComparisonTask): Promise<DatasetFacts> {
  const given = await Promise.all(
    files.map(async ({ path, url }) => ({ path, file: await (await fetch(url)).blob() })),
  );
  const summary = await datasets.open(given);
  const mapping = summary.type === "table" ? mappingOf(summary.columns, columns) : undefined;
  return await datasets.use({ ...(mapping && { mapping }), ...(limit !== undefined && { limit }) });
}

/** @throws Error for a column that the table lacks */
function mappingOf(names: readonly string[], columns: ComparisonTask["columns"]): ColumnMapping {
  const named = Object.entries(columns).map(([role, column]) => {
    const position = names.indexOf(column);
    if (position < 0) throw new Error(`There is no column "${column}". The file has: ${names.join(", ")}.`);
    return [role, [position]] as const;
  });
  return { ...recogniseColumns(names), ...Object.fromEntries(named) };
}

async function scoreModel(
  datasets: DatasetClient,
  facts: DatasetFacts,
  modelUrl: string,
  { device, windows, candidates }: ComparisonTask,
): Promise<LoadedModel> {
  const reranker = new WorkerReranker({ name: modelUrl, modelUrl, device });
  try {
    const loaded = await reranker.load();
    const scores = await scoreTasks({
      tasks: tasksOf(datasets, facts.questions, candidates),
      total: facts.questions,
      scorer: reranker,
      scope: modelUrl,
      store: new NoStore(),
      windows,
      onProgress: ({ done, total, remainingMs }) => window.showProgress?.(loaded.id, done, total, remainingMs ?? 0),
    });
    await datasets.putScores(modelUrl, scores);
    return loaded;
  } finally {
    await reranker.dispose();
  }
}

async function* tasksOf(datasets: DatasetClient, total: number, limit: number) {
  for (let from = 0; from < total; from += 25) yield* await datasets.tasks({ from, to: from + 25, limit });
}

async function judged(
  datasets: DatasetClient,
  facts: DatasetFacts,
  scored: readonly ScoredModel[],
  { candidates, metric, windows, draws, seed, version }: ComparisonTask,
): Promise<WorkbenchReport> {
  const judgement = await datasets.judge({
    candidates,
    metric,
    recipes: scored.flatMap((model) => recipesOf(model.facts.key, model.blendWeight, windows)),
    resampling: { ...(draws !== undefined && { draws }), ...(seed !== undefined && { seed }) },
  });
  const models = scored.map((model) => model.facts);
  return newReport(judgement, facts, { candidates, models, version, browser: navigator.userAgent });
}

async function written(datasets: DatasetClient, report: WorkbenchReport, { locale }: ComparisonTask) {
  const runs: Record<string, string> = {};
  for (const { key } of report.judgement.systems) runs[key] = await datasets.trecRun(key, `sunwi-${key}`);
  return {
    markdown: reportAsMarkdown(report, locale),
    json: reportAsJson(report),
    csv: reportAsCsv(report),
    html: reportAsHtml(report, reportPlots(report, messagesFor(locale)), locale),
    runs,
  };
}
