/** The contract of the worker that reads files, searches them and judges: shapes only. */
import type { WireResult } from "../core/errors.ts";
import type { WorkerApi } from "../core/protocol.ts";
import type { ColumnMapping, ColumnRole, TableShape } from "./columns.ts";
import type { DataSuspicion } from "./data-checks.ts";
import type { TextEncoding } from "./decode-text.ts";
import type { JudgedSystem, Judgement, SweepPoint } from "./judging.ts";
import type { OriginJudgement } from "./origin-protocol.ts";
import type { Resampling } from "./significance.ts";
import type { ScoresByQuestion, SystemRecipe } from "./systems.ts";
import type { RowProblem } from "./types.ts";

/** A file as the user gave it. */
export interface GivenFile {
  /** With the folders it lies in, divided by "/". */
  readonly path: string;
  readonly file: Blob;
}

/** What was recognised, shown before anything is read for good. */
export type InputSummary =
  | {
      readonly type: "table";
      readonly name: string;
      readonly encoding?: TextEncoding;
      readonly columns: readonly string[];
      /** The first rows, one text per column, long ones cut. */
      readonly preview: readonly (readonly string[])[];
      readonly rows: number;
      readonly mapping: ColumnMapping;
      /** What the mapping makes of a row; absent where roles are missing. */
      readonly shape?: TableShape;
      readonly missing: readonly ColumnRole[];
    }
  | {
      readonly type: "collection";
      readonly name: string;
      readonly documents: { readonly name: string; readonly rows: number };
      readonly questions: { readonly name: string; readonly rows: number };
      readonly qrels: { readonly name: string; readonly judgments: number };
      readonly run?: { readonly name: string; readonly candidates: number };
      /** The first documents, then the first questions: id and text. */
      readonly preview: readonly (readonly string[])[];
    };

/** The data set in use. */
export interface DatasetFacts {
  readonly name: string;
  /** SHA-256 over questions, documents, judgments and candidates as read. */
  readonly hash: string;
  readonly encoding?: TextEncoding;
  readonly questions: number;
  readonly documents: number;
  /** Rows of the file, and how many of them were left out. */
  readonly rows: number;
  readonly skipped: number;
  /** Questions left out because no document is marked as their answer. */
  readonly withoutAnswer: number;
  /** At most 1,000. */
  readonly problems: readonly RowProblem[];
  readonly problemCount: number;
  /** What found the candidates: its name, or absent where the file brought them. */
  readonly firstStage?: string;
  /** Short questions whose answer is among the candidates. */
  readonly examples: readonly string[];
}

export interface UseRequest {
  /** What the columns of a table mean. @default as recognised */
  readonly mapping?: ColumnMapping;
  /** Evaluates the first so many questions only, against all documents. @default all */
  readonly limit?: number;
}

export interface ReadingProgress {
  readonly step: "reading" | "indexing" | "checking";
  readonly done: number;
  readonly total: number;
}

/** A document that the first stage found. */
export interface FoundDocument {
  readonly id: string;
  readonly text: string;
  /** 0 or more; absent where the file has an order only. */
  readonly score?: number;
  /** True where the query is a question of the data set and this document answers it. */
  readonly isAnswer: boolean;
}

/** By which rules candidates are made: ours, or those of `origin-protocol.ts`. */
export type Protocol = "candidates" | "origin";

export interface CandidateRequest {
  /** Questions `from` up to, not including, `to`. */
  readonly from: number;
  readonly to: number;
  /** Candidates of each; the origin's protocol has a number of its own. */
  readonly limit: number;
  /** @default "candidates" */
  readonly protocol?: Protocol;
}

/** A question with its candidates, or by the origin's protocol with their pieces, ready to be scored. */
export interface QuestionTask {
  readonly questionId: string;
  readonly query: string;
  readonly documentIds: readonly string[];
  readonly documents: readonly string[];
  /** One per document; empty where the first stage gave an order only. */
  readonly scores: readonly number[];
  /** SHA-256 over query and document, one per document. */
  readonly pairKeys: readonly string[];
  /** The first stage's own time, milliseconds; 0 where the file brought the candidates. */
  readonly searchMs: number;
}

export interface JudgeRequest {
  /** Candidates of each question. */
  readonly candidates: number;
  /** What comparison and verdict go by: "MRR@10". */
  readonly metric: string;
  /** Beside the first stage, which is always the first system. */
  readonly recipes: readonly SystemRecipe[];
  /** @default seed 1, as many draws as are quick */
  readonly resampling?: Partial<Resampling>;
  /** Models to judge by the origin's protocol too. @default none, and no such judgement */
  readonly origin?: readonly string[];
}

/** A judged system as it crosses threads: without its rankings. */
export type SystemSummary = Omit<JudgedSystem, "ranked"> & {
  /** The metric at 5, 10, 20 … reranked candidates; empty for the first stage. */
  readonly sweep: readonly SweepPoint[];
};

export type JudgementSummary = Omit<Judgement, "systems"> & {
  readonly systems: readonly SystemSummary[];
  /** By the origin's protocol, where it was asked for. */
  readonly origin?: OriginJudgement;
};

/** A question as a list shows it. */
export interface QuestionLine {
  readonly id: string;
  readonly text: string;
  readonly answer: string;
  /** Relevant documents, and how many of them are among the candidates. */
  readonly relevant: number;
  readonly found: number;
}

/** One document in one system's order. */
export interface PlacedDocument {
  readonly id: string;
  readonly text: string;
  readonly grade: number;
  /** Rank in the first stage's order, from 1. */
  readonly firstRank: number;
  /** What the order goes by; absent where there is an order only. */
  readonly score?: number;
}

/** A question opened: each system's order. */
export interface QuestionOrders {
  readonly question: QuestionLine;
  readonly orders: readonly { readonly key: string; readonly documents: readonly PlacedDocument[] }[];
  /** Relevant documents that no system has among its candidates. */
  readonly unreached: readonly { readonly id: string; readonly text: string }[];
}

export interface DatasetWorkerApi extends WorkerApi {
  /** Recognises files; the data set in use stays. @throws `invalid-input`, see `recogniseInput` */
  open(files: readonly GivenFile[]): Promise<WireResult<InputSummary>>;
  /** Reads and indexes what was opened last; the former data set stays in use until that has worked. */
  use(request: UseRequest, onProgress: (progress: ReadingProgress) => unknown): Promise<WireResult<DatasetFacts>>;
  search(
    query: string,
    limit: number,
  ): Promise<WireResult<{ readonly found: readonly FoundDocument[]; readonly ms: number }>>;
  tasks(request: CandidateRequest): Promise<WireResult<readonly QuestionTask[]>>;
  /** What makes the data set's numbers doubtful. */
  check(): Promise<WireResult<readonly DataSuspicion[]>>;
  /** Every question of the data set, in its order. */
  questions(candidates: number): Promise<WireResult<readonly QuestionLine[]>>;
  /** Hands over a model's scores, under the key that recipes name it by. */
  putScores(model: string, scores: ScoresByQuestion, protocol: Protocol): Promise<WireResult<null>>;
  judge(request: JudgeRequest): Promise<WireResult<JudgementSummary>>;
  /** A question in the orders of the systems judged last. @param question its position, from 0 */
  orders(question: number): Promise<WireResult<QuestionOrders>>;
  /** The TREC run of a system judged last. */
  trecRun(key: string, tag: string): Promise<WireResult<string>>;
}
