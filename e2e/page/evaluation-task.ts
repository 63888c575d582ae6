import { WorkerReranker } from "../../src/client/worker-reranker.ts";
import type { DeviceChoice, LoadedModel } from "../../src/core/protocol.ts";
import { decodeText } from "../../src/eval/decode-text.ts";
import { evaluateDataset } from "../../src/eval/evaluate.ts";
import { readOriginCsv } from "../../src/eval/origin-csv.ts";
import { reportToJson, reportToMarkdown } from "../../src/eval/report.ts";
import type { EvaluationReport, RowProblem } from "../../src/eval/types.ts";
import { Bm25FirstStage } from "../../src/retrieval/first-stage.ts";

export interface EvaluationTask {
  readonly modelUrl: string;
  readonly inputUrl: string;
  /** The file's name, for the report. */
  readonly name: string;
  readonly device: DeviceChoice;
  readonly candidates: number;
  readonly limit?: number;
  readonly locale: "ko" | "en";
}

export interface EvaluationOutcome {
  readonly markdown: string;
  readonly json: string;
  readonly model: LoadedModel;
  readonly problems: readonly RowProblem[];
}

declare global {
  interface Window {
    /** The terminal's end of the progress, where it gave one. */
    showProgress?: (done: number, total: number, remainingMs: number) => void;
  }
}

/** Reads, scores and judges one file as the app does; an error comes back as its message. */
export async function runEvaluation(task: EvaluationTask): Promise<EvaluationOutcome | { readonly error: string }> {
  const { name, modelUrl, device } = task;
  const reranker = new WorkerReranker({ name, modelUrl, device });
  try {
    const bytes = new Uint8Array(await (await fetch(task.inputUrl)).arrayBuffer());
    const reading = readOriginCsv(decodeText(bytes).text, name);
    const model = await reranker.load();
    const report = await evaluateReading(reading, reranker, model, task);
    return {
      markdown: reportToMarkdown(report, task.locale),
      json: reportToJson(report),
      model,
      problems: reading.problems,
    };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  } finally {
    await reranker.dispose();
  }
}

function evaluateReading(
  { dataset, skipped }: ReturnType<typeof readOriginCsv>,
  reranker: WorkerReranker,
  { id, device, downloadBytes, blendWeight }: LoadedModel,
  { candidates, limit }: EvaluationTask,
): Promise<EvaluationReport> {
  return evaluateDataset({
    dataset,
    skipped,
    firstStage: new Bm25FirstStage(dataset.documents.map(({ text }) => text)),
    reranker,
    rerankedBy: { model: id, device, downloadBytes, ...(blendWeight !== undefined && { blendWeight }) },
    candidates,
    ...(limit !== undefined && { limit }),
    onProgress: ({ done, total, remainingMs }) => window.showProgress?.(done, total, remainingMs ?? 0),
  });
}
