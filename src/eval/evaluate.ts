import { throwIfAborted } from "../core/errors.ts";
import { blendScores, orderByScore } from "../core/ranking.ts";
import type { Candidate, FirstStage, Reranker } from "../core/types.ts";
import { firstRelevantRank, meanMetrics, STANDARD_METRICS } from "./metrics.ts";
import type {
  EvaluationDataset,
  EvaluationProgress,
  EvaluationReport,
  EvaluationRun,
  Qrels,
  Question,
  RerankedBy,
  Run,
} from "./types.ts";

const DEFAULT_CANDIDATES = 20;

export interface EvaluationRequest {
  readonly dataset: EvaluationDataset;
  /** Rows of the file that were left out; handed through to the report. */
  readonly skipped: number;
  /** Must have indexed the texts of `dataset.documents`, in that order. */
  readonly firstStage: FirstStage;
  readonly reranker: Reranker;
  readonly rerankedBy: RerankedBy;
  /** Documents taken from the first stage for each question. @default 20 */
  readonly candidates?: number;
  /** Evaluates the first so many questions only, against all documents. @default all */
  readonly limit?: number;
  readonly signal?: AbortSignal;
  /** Called after each question. */
  readonly onProgress?: (progress: EvaluationProgress) => void;
  /** A clock in milliseconds. @default performance.now */
  readonly now?: () => number;
}

/** What was measured of one question. Rankings are document ids, best first. */
interface ScoredQuestion {
  readonly id: string;
  readonly firstStage: readonly string[];
  readonly logit: readonly string[];
  readonly blended: readonly string[];
  readonly searchMs: number;
  /** Absent where there was nothing to rerank. */
  readonly rerankMs?: number;
}

/**
 * Measures a dataset without reranking, by the model's logit alone and, where the model has a blend weight, by logit
 * and first stage together. Every row orders the same candidates, and both model rows come from one call per question.
 *
 * - A question for which the first stage finds nothing, or nothing relevant, counts as 0 in every row.
 * - `msPerQuery` is the first stage's search alone in its row (over all questions), and the reranker's call alone in
 *   the others (over the questions that had candidates). The first question with candidates is searched and reranked
 *   once more before the clocks start, for the first call compiles; a reranker paid by the call is paid for one more.
 * - The page stays live as far as the reranker does: the only waiting here is for its answers.
 *
 * @throws RerankError `aborted` when `signal` says so; `inference` for a logit that is missing or not finite; whatever
 * the reranker rejects with
 */
export async function evaluateDataset(request: EvaluationRequest): Promise<EvaluationReport> {
  const { dataset, firstStage, limit = dataset.questions.length, signal, onProgress } = request;
  const { now = () => performance.now() } = request;
  const questions = dataset.questions.slice(0, Math.max(0, limit));
  const startMs = now();
  const warmUp = questions.find(({ text }) => firstStage.search(text, 1).length > 0);
  if (warmUp) await scoreQuestion(request, warmUp, now);

  const warmMs = now();
  const scored: ScoredQuestion[] = [];
  for (const question of questions) {
    scored.push(await scoreQuestion(request, question, now));
    onProgress?.(progressOf(scored.length, questions.length, now() - startMs, now() - warmMs));
  }
  throwIfAborted(signal);
  return writeReport(request, scored, now() - startMs);
}

async function scoreQuestion(
  { dataset, firstStage, reranker, rerankedBy, candidates: limit = DEFAULT_CANDIDATES, signal }: EvaluationRequest,
  { id, text: query }: Question,
  now: () => number,
): Promise<ScoredQuestion> {
  throwIfAborted(signal);
  const searchStart = now();
  const candidates = firstStage.search(query, limit);
  const searchMs = now() - searchStart;
  if (candidates.length === 0) return { id, firstStage: [], logit: [], blended: [], searchMs };

  const documents = candidates.map(({ index, score }) => ({ text: dataset.documents[index]?.text ?? "", score }));
  const rerankStart = now();
  const ranked = await reranker.rerank(query, documents, { ...(signal && { signal }) });
  const rerankMs = now() - rerankStart;
  const logits = new Array<number>(candidates.length).fill(Number.NaN);
  for (const { index, logit } of ranked) logits[index] = logit;
  const blended = blendScores(
    logits,
    documents.map(({ score }) => score),
    rerankedBy.blendWeight ?? 0,
  );
  const rank = (order: readonly number[]): readonly string[] => documentIds(dataset, candidates, order);
  return {
    id,
    firstStage: rank(candidates.map((_, position) => position)),
    logit: rank(orderByScore(logits)),
    blended: rank(orderByScore(blended)),
    searchMs,
    rerankMs,
  };
}

/** Ids of candidates, put in `order` (positions among the candidates). */
function documentIds(
  { documents }: EvaluationDataset,
  candidates: readonly Candidate[],
  order: readonly number[],
): readonly string[] {
  return order.flatMap((position) => documents[candidates[position]?.index ?? -1]?.id ?? []);
}

/** `scoringMs` leaves the warm-up out, so that the rest is not overestimated. */
function progressOf(done: number, total: number, elapsedMs: number, scoringMs: number): EvaluationProgress {
  return { done, total, elapsedMs, remainingMs: (scoringMs / done) * (total - done) };
}

function writeReport(
  { dataset, skipped, firstStage, rerankedBy, candidates = DEFAULT_CANDIDATES }: EvaluationRequest,
  scored: readonly ScoredQuestion[],
  elapsedMs: number,
): EvaluationReport {
  const qrels: Qrels = new Map(scored.map(({ id }) => [id, dataset.qrels.get(id) ?? new Map<string, number>()]));
  const searchMs = mean(scored.map((question) => question.searchMs));
  const rerankMs = mean(scored.flatMap((question) => question.rerankMs ?? []));
  const { blendWeight = 0, ...model } = rerankedBy;
  const runs = [
    measure(
      { kind: "first-stage", model: firstStage.name, device: "cpu", downloadBytes: 0, msPerQuery: searchMs },
      qrels,
      new Map(scored.map((question) => [question.id, question.firstStage])),
    ),
    measure(
      { kind: "logit", ...model, msPerQuery: rerankMs },
      qrels,
      new Map(scored.map((question) => [question.id, question.logit])),
    ),
  ];
  if (blendWeight > 0) {
    const rankings = new Map(scored.map((question) => [question.id, question.blended]));
    runs.push(measure({ kind: "blended", ...model, blendWeight, msPerQuery: rerankMs }, qrels, rankings));
  }
  const reachable = Array.from(runs[0]?.ranks.values() ?? [], (rank) => (rank > 0 ? 1 : 0));
  return {
    dataset: { name: dataset.name, questions: scored.length, documents: dataset.documents.length, skipped },
    candidates,
    ceiling: mean(reachable),
    runs,
    elapsedMs,
  };
}

function measure(row: Omit<EvaluationRun, "metrics" | "ranks">, qrels: Qrels, run: Run): EvaluationRun {
  const ranks = new Map<string, number>();
  for (const [id, judgments] of qrels) ranks.set(id, firstRelevantRank(run.get(id) ?? [], judgments));
  return { ...row, metrics: meanMetrics(qrels, run, STANDARD_METRICS), ranks };
}

/** 0 where there is nothing to average. */
function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
