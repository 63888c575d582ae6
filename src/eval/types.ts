/** Question id -> document id -> grade, above 0 for relevant. */
export type Qrels = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Question id -> document ids, best first. */
export type Run = ReadonlyMap<string, readonly string[]>;

interface Question {
  readonly id: string;
  readonly text: string;
  /** The expected answer in words, where the file has one. Shown, never scored. */
  readonly answer: string;
}

interface EvaluationDocument {
  readonly id: string;
  readonly text: string;
}

/** A document that a file's own first stage found. */
export interface DatasetCandidate {
  readonly documentId: string;
  /** Higher is better; absent where the file has only an order. */
  readonly score?: number;
}

export interface EvaluationDataset {
  /** The file's name, as shown. */
  readonly name: string;
  readonly questions: readonly Question[];
  readonly documents: readonly EvaluationDocument[];
  /** By question id; every question has at least one document with a grade above 0. */
  readonly qrels: Qrels;
  /** By question id, best first: the first stage that the file brings. Without it there is BM25 over all documents. */
  readonly candidates?: ReadonlyMap<string, readonly DatasetCandidate[]>;
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
  | "broken-quote"
  | "broken-json"
  | "bad-line"
  | "bad-number"
  | "missing-question"
  | "missing-positive"
  | "unknown-question"
  | "duplicate-judgment"
  | "duplicate-candidate";

export type MetricFamily = "MRR" | "Hit" | "nDCG" | "MAP" | "Recall" | "P";

/** A measure over one ranking. */
export interface Metric {
  /** As printed and as a JSON key: "MRR@10", "Hit@5". */
  readonly name: string;
  readonly family: MetricFamily;
  /** Ranks that count, 1 or more. */
  readonly cut: number;
  /** In [0, 1]. `judgments` maps document id to grade. */
  score(ranking: readonly string[], judgments: ReadonlyMap<string, number>): number;
}

export interface EvaluationProgress {
  readonly done: number;
  readonly total: number;
  readonly elapsedMs: number;
  /** Absent before the first question is done. */
  readonly remainingMs?: number;
}
