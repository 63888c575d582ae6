/** Scores all candidates of a data set by one model, so that a stop at any moment loses one question at most. */
import { throwIfAborted } from "../core/errors.ts";
import type { PairScorer } from "../core/pair-scores.ts";
import type { QuestionScores } from "./systems.ts";
import type { EvaluationProgress } from "./types.ts";

/** A question with what is to be scored. */
export interface ScoringTask {
  readonly questionId: string;
  readonly query: string;
  /** Texts of the candidates, best first. */
  readonly documents: readonly string[];
  /** SHA-256 over query and document, one per document. */
  readonly pairKeys: readonly string[];
}

/** What is kept of one pair. */
export interface KeptScore {
  /** One per window. */
  readonly logits: readonly number[];
  readonly truncated: boolean;
  /** Milliseconds of the call that scored it, over its pairs. */
  readonly ms: number;
}

/** Where scores outlive a page; `scope` names model, variant and how long documents are read. */
export interface ScoreStore {
  read(scope: string, pairKeys: readonly string[]): Promise<readonly (KeptScore | undefined)[]>;
  write(scope: string, scores: ReadonlyMap<string, KeptScore>): Promise<void>;
}

export interface ScoringRequest {
  readonly tasks: AsyncIterable<ScoringTask>;
  /** How many tasks there are. */
  readonly total: number;
  readonly scorer: PairScorer;
  readonly scope: string;
  readonly store: ScoreStore;
  readonly windows: boolean;
  readonly signal?: AbortSignal;
  /** After each question; `reused` questions needed no scoring. */
  readonly onProgress?: (progress: EvaluationProgress & { readonly reused: number }) => void;
  /** A clock in milliseconds. @default performance.now */
  readonly now?: () => number;
}

/**
 * Scores question by question. Pairs that the store knows are not scored again; what is scored is stored before the
 * next question begins. The first call is made twice where the clock runs, for the first one compiles.
 * @returns by question id, in the tasks' order
 * @throws RerankError `aborted` when `signal` says so; whatever the scorer or the store rejects with
 */
export async function scoreTasks(request: ScoringRequest): Promise<ReadonlyMap<string, QuestionScores>> {
  const { tasks, total, signal, onProgress, now = () => performance.now() } = request;
  const scored = new Map<string, QuestionScores>();
  const startMs = now();
  let reused = 0;
  let workMs = 0;
  let warm = false;
  for await (const task of tasks) {
    throwIfAborted(signal);
    const kept = await request.store.read(request.scope, task.pairKeys);
    const missing = task.pairKeys.flatMap((_, at) => (kept[at] === undefined ? [at] : []));
    if (missing.length > 0 && !warm) {
      await call(request, task, missing);
      warm = true;
    }
    const begin = now();
    const fresh = missing.length === 0 ? [] : keptScores(await call(request, task, missing), now() - begin);
    workMs += now() - begin;
    if (missing.length === 0) reused += 1;
    else
      await request.store.write(
        request.scope,
        new Map(missing.map((at, place) => [key(task, at), fresh[place] ?? NONE])),
      );
    throwIfAborted(signal);
    scored.set(task.questionId, assembled(kept, missing, fresh));
    const done = scored.size;
    const perQuestion = workMs / Math.max(1, done - reused);
    onProgress?.({ done, total, reused, elapsedMs: now() - startMs, remainingMs: perQuestion * (total - done) });
  }
  return scored;
}

const NONE: KeptScore = { logits: [], truncated: false, ms: 0 };

function key({ pairKeys }: ScoringTask, at: number): string {
  return pairKeys[at] ?? "";
}

async function call(
  { scorer, windows, signal }: ScoringRequest,
  { query, documents }: ScoringTask,
  positions: readonly number[],
): Promise<Awaited<ReturnType<PairScorer["scorePairs"]>>> {
  const texts = positions.map((at) => documents[at] ?? "");
  return await scorer.scorePairs(query, texts, { windows, ...(signal && { signal }) });
}

function keptScores(
  { logits, windows, truncated }: Awaited<ReturnType<PairScorer["scorePairs"]>>,
  elapsedMs: number,
): readonly KeptScore[] {
  let start = 0;
  return Array.from(windows, (count, at) => {
    const own = Array.from(logits.subarray(start, start + count));
    start += count;
    return { logits: own, truncated: truncated[at] === 1, ms: elapsedMs / windows.length };
  });
}

/** In the candidates' order; the time is the sum of the pairs', so that a question scored in two goes counts whole. */
function assembled(
  kept: readonly (KeptScore | undefined)[],
  missing: readonly number[],
  fresh: readonly KeptScore[],
): QuestionScores {
  const byPosition = new Map(missing.map((at, place) => [at, fresh[place] ?? NONE]));
  const all = kept.map((score, at) => score ?? byPosition.get(at) ?? NONE);
  return {
    logits: Float32Array.from(all.flatMap(({ logits }) => logits)),
    windows: Uint8Array.from(all, ({ logits }) => logits.length),
    truncated: Uint8Array.from(all, ({ truncated }) => (truncated ? 1 : 0)),
    ms: all.reduce((sum, { ms }) => sum + ms, 0),
  };
}
