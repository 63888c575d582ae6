/** Question id -> document id -> grade, above 0 for relevant. */
export type Qrels = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Question id -> document ids, best first. */
export type Run = ReadonlyMap<string, readonly string[]>;

export interface Question {
  readonly id: string;
  readonly text: string;
  /** The expected answer in words, where the file has one. Shown, never scored. */
  readonly answer: string;
}

interface EvaluationDocument {
  readonly id: string;
  readonly text: string;
}

export interface EvaluationDataset {
  /** The file's name, as shown. */
  readonly name: string;
  readonly questions: readonly Question[];
  readonly documents: readonly EvaluationDocument[];
  readonly qrels: Qrels;
}

/** Something wrong with one row of a file. `code` and `details` are what a page translates. */
export interface RowProblem {
  /** Line of the file on which the row begins, from 1. */
  readonly line: number;
  readonly code: RowProblemCode;
  /** In English: what is wrong and what was done. */
  readonly message: string;
  readonly details: Readonly<Record<string, string | number>>;
}
export type RowProblemCode =
  | "missing-document"
  | "missing-doc-id"
  | "conflicting-document"
  | "duplicate-question"
  | "too-many-fields"
  | "too-few-fields"
  | "broken-quote";

/** A measure over one ranking. */
export interface Metric {
  /** As printed and as a JSON key: "MRR@10", "Hit@5". */
  readonly name: string;
  /** In [0, 1]. `judgments` maps document id to grade. */
  score(ranking: readonly string[], judgments: ReadonlyMap<string, number>): number;
}

/** What was scored and where. */
export interface RerankedBy {
  readonly model: string;
  readonly device: string;
  readonly downloadBytes: number;
  readonly blendWeight?: number;
}

export interface EvaluationRun {
  /**
   * `first-stage`: without reranking. `logit`: by the model alone. `blended`: by the model and the first stage
   * together.
   */
  readonly kind: "first-stage" | "logit" | "blended";
  /** The first stage's or the model's name. */
  readonly model: string;
  readonly device: string;
  readonly downloadBytes: number;
  readonly blendWeight?: number;
  /** Means over all questions, by metric name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Mean wall time of this stage alone, milliseconds. */
  readonly msPerQuery: number;
  /** Rank of the first relevant document per question, from 1; 0 where it is not among the candidates. */
  readonly ranks: ReadonlyMap<string, number>;
}

export interface EvaluationReport {
  readonly dataset: {
    readonly name: string;
    readonly questions: number;
    readonly documents: number;
    /** Rows of the file that were left out. */
    readonly skipped: number;
  };
  /** Candidates taken from the first stage for each question. */
  readonly candidates: number;
  /** Share of questions with a relevant document among the candidates: no reranking can do better. */
  readonly ceiling: number;
  readonly runs: readonly EvaluationRun[];
  readonly elapsedMs: number;
}

export interface EvaluationProgress {
  readonly done: number;
  readonly total: number;
  readonly elapsedMs: number;
  /** Absent before the first question is done. */
  readonly remainingMs?: number;
}
