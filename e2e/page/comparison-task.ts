import { DatasetClient } from "../../src/app/dataset-client.ts";
import { judgeModels, scoreModels } from "../../src/app/workbench/compare-models.ts";
import type { RunScorer } from "../../src/app/workbench/run-scorer.ts";
import type { ComparisonEnvironment, RunState } from "../../src/app/workbench/workbench-state.ts";
import { reportPlots } from "../../src/app/workbench/plots.ts";
import { messagesFor } from "../../src/app/messages/messages-for.ts";
import { WorkerReranker } from "../../src/client/worker-reranker.ts";
import type { DeviceChoice, LoadedModel } from "../../src/core/protocol.ts";
import { recogniseColumns, type ColumnMapping, type ColumnRole } from "../../src/eval/columns.ts";
import type { DatasetFacts } from "../../src/eval/dataset-protocol.ts";
import { reportAsHtml } from "../../src/eval/report-html.ts";
import type { ScoreStore } from "../../src/eval/scoring.ts";
import {
  reportAsCsv,
  reportAsJson,
  reportAsMarkdown,
  runTag,
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
  readonly origin: boolean;
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
    const loaded: LoadedModel[] = [];
    const environment: ComparisonEnvironment = {
      datasets,
      store: new NoStore(),
      createScorer: ({ name, url }) =>
        remembering(new WorkerReranker({ name, modelUrl: url, device: task.device }), loaded),
      measureMemory: () => Promise.resolve(undefined),
      version: task.version,
      browser: navigator.userAgent,
    };
    const scored = await scoreModels(
      environment,
      task.modelUrls.map((url) => ({ name: url, url })),
      task,
      {
        questions: facts.questions,
        signal: new AbortController().signal,
        show: (state) => {
          showRun(state, loaded.at(-1)?.id ?? "");
        },
      },
    );
    const { metric, draws, seed } = task;
    const resampling = { ...(draws !== undefined && { draws }), ...(seed !== undefined && { seed }) };
    const { report } = await judgeModels(environment, facts, scored, { metric, resampling, known: [] });
    return { facts, models: loaded, ...(await written(datasets, report, task)) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** The same reranker, which notes in `models` what it loaded. */
function remembering(reranker: WorkerReranker, models: LoadedModel[]): RunScorer {
  return {
    load: async () => {
      const model = await reranker.load();
      models.push(model);
      return model;
    },
    scorePairs: (query, documents, options) => reranker.scorePairs(query, documents, options),
    dispose: () => reranker.dispose(),
  };
}

function showRun(state: RunState, name: string): void {
  if (state.type !== "scoring") return;
  const { done, total, remainingMs } = state.progress;
  const what = state.protocol === "origin" ? `${name}, origin’s protocol` : name;
  window.showProgress?.(what, done, total, remainingMs ?? 0);
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

async function written(datasets: DatasetClient, report: WorkbenchReport, { locale }: ComparisonTask) {
  const runs: Record<string, string> = {};
  for (const system of report.judgement.systems) {
    runs[system.key] = await datasets.trecRun(system.key, runTag(report, system));
  }
  return {
    markdown: reportAsMarkdown(report, locale),
    json: reportAsJson(report),
    csv: reportAsCsv(report),
    html: reportAsHtml(report, reportPlots(report, messagesFor(locale)), locale),
    runs,
  };
}
