import { RerankError } from "../core/errors.ts";
import { DELIMITERS, normaliseLineEnds, readCsvRows, splitCsvLine, type CsvRow, type Delimiter } from "./csv-rows.ts";
import { collectDocuments, collectQuestions, type OriginRow } from "./origin-rows.ts";
import type { EvaluationDataset, RowProblem } from "./types.ts";

/** The columns that are read; `answer` may be missing. */
const ORIGIN_HEADER = "question,answer,doc_id,doc";
const LONGEST_FOUND = 200;

export interface OriginCsv {
  readonly dataset: EvaluationDataset;
  /** By line. A row can have several. */
  readonly problems: readonly RowProblem[];
  /** Rows below the header, blank ones not counted. */
  readonly rows: number;
  /** Rows of these that were left out. */
  readonly skipped: number;
}

/** Positions of the columns in a row, from 0. */
interface Columns {
  readonly question: number;
  readonly answer: number | undefined;
  readonly docId: number;
  readonly doc: number;
}

/**
 * Reads an evaluation set in the format of the Korean reranker that this project descends from: one row per question
 * with the document that answers it.
 *
 * - Columns in any order, others ignored; names in any case. Comma, tab or semicolon, whichever makes the header row
 *   hold the needed names: surer than papaparse's guess, which goes by how evenly ten rows split.
 * - Rows with one `doc_id` are one document. Its text may stand in any of them; a second, different one is reported and
 *   not used.
 * - A row without a question adds a document to search through, a distractor.
 * - The same question for two documents is *one* question with two relevant documents. A ranker sees the text of a
 *   question only, so it cannot know which of the two was meant; either is a right answer, and the question counts once.
 * - Rows that cannot be read for sure are reported and left out.
 *
 * @param text decoded, see `decodeText`
 * @param name the file's name, for display
 * @throws RerankError `invalid-input` where nothing can be evaluated; details: `reason` ("empty", "no-header",
 * "no-rows", "no-questions"), `expected` (the header) and `found` (the first line, at most 200 characters); for
 * "no-questions" also `rows`, `skipped` and, where a row was at fault, the first one's `line` and `problem`
 */
export function readOriginCsv(text: string, name: string): OriginCsv {
  const content = normaliseLineEnds(text);
  const header = /\S.*/.exec(content)?.[0] ?? "";
  if (header === "") throw unusable("empty", "The file is empty.", header);
  const [first, ...rows] = readCsvRows(content, findDelimiter(header));
  const columns = findColumns(first?.fields ?? []);
  if (!columns) throw unusable("no-header", "The first line does not name the columns.", header);
  if (rows.length === 0) throw unusable("no-rows", "The file has a header and nothing below it.", header);

  const problems: RowProblem[] = [];
  const readable = rows.flatMap((row) => readRow(row, columns, first?.fields.length ?? 0, problems));
  const documents = collectDocuments(readable, problems);
  const { questions, qrels, counted } = collectQuestions(readable, documents, problems);
  const skipped = rows.length - counted;
  problems.sort((a, b) => a.line - b.line);
  if (questions.length === 0) {
    const [problem] = problems;
    throw unusable("no-questions", "No row has a question together with its document.", header, {
      rows: rows.length,
      skipped,
      ...(problem && { line: problem.line, problem: problem.code }),
    });
  }
  const dataset = { name, questions, documents: Array.from(documents, ([id, body]) => ({ id, text: body })), qrels };
  return { dataset, problems, rows: rows.length, skipped };
}

function unusable(
  reason: "empty" | "no-header" | "no-rows" | "no-questions",
  what: string,
  header: string,
  more: Readonly<Record<string, string | number>> = {},
): RerankError {
  const found = header.slice(0, LONGEST_FOUND);
  return new RerankError("invalid-input", `${what} Expected the columns ${ORIGIN_HEADER}.`, {
    details: { reason, expected: ORIGIN_HEADER, found, ...more },
  });
}

function findDelimiter(header: string): Delimiter {
  return DELIMITERS.find((delimiter) => findColumns(splitCsvLine(header, delimiter))) ?? ",";
}

function findColumns(fields: readonly string[]): Columns | undefined {
  const names = fields.map((field) => field.trim().toLowerCase());
  const positionOf = (name: string): number | undefined => {
    const position = names.indexOf(name);
    return position < 0 ? undefined : position;
  };
  const [question, docId, doc] = [positionOf("question"), positionOf("doc_id"), positionOf("doc")];
  if (question === undefined || docId === undefined || doc === undefined) return undefined;
  return { question, answer: positionOf("answer"), docId, doc };
}

/** The row's columns by name; nothing, and a problem reported, where its fields cannot be told apart for sure. */
function readRow(row: CsvRow, columns: Columns, width: number, problems: RowProblem[]): readonly OriginRow[] {
  const fault = faultOf(row, columns, width);
  if (fault) {
    problems.push(fault);
    return [];
  }
  const field = (position: number | undefined): string => row.fields[position ?? -1]?.trim() ?? "";
  return [
    {
      line: row.line,
      question: field(columns.question),
      answer: field(columns.answer),
      docId: field(columns.docId),
      doc: field(columns.doc),
    },
  ];
}

function faultOf(
  { fields, line, lines, brokenQuote }: CsvRow,
  columns: Columns,
  width: number,
): RowProblem | undefined {
  if (brokenQuote) {
    const message = `A quoted field does not end where it should: ${String(lines)} line(s) from here were left out.`;
    return { line, code: "broken-quote", message, details: { lines } };
  }
  const details = { fields: fields.length, expected: width };
  const counts = `${String(fields.length)} fields where the header has ${String(width)}`;
  if (fields.slice(width).some((extra) => extra.trim() !== "")) {
    const message = `The row has ${counts} (a delimiter outside quotes?) and was left out.`;
    return { line, code: "too-many-fields", message, details };
  }
  if (fields.length <= Math.max(columns.question, columns.docId, columns.doc)) {
    return { line, code: "too-few-fields", message: `The row has ${counts} and was left out.`, details };
  }
  return undefined;
}
