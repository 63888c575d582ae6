/** What the rows of an origin CSV mean: documents, questions and which document answers which question. */
import type { Qrels, Question, RowProblem } from "./types.ts";

/** One row, trimmed; "" where a field is empty. */
export interface OriginRow {
  /** Line of the file on which the row begins, from 1. */
  readonly line: number;
  readonly question: string;
  readonly answer: string;
  readonly docId: string;
  readonly doc: string;
}

export interface CollectedQuestions {
  readonly questions: readonly Question[];
  readonly qrels: Qrels;
  /** Rows that were used, those which only add a document among them. */
  readonly counted: number;
}

/** Document id -> text, in the order of the first row that has the text. A later, different text is reported. */
export function collectDocuments(rows: readonly OriginRow[], problems: RowProblem[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { line, docId, doc } of rows) {
    if (docId === "" || doc === "") continue;
    const known = texts.get(docId);
    if (known === undefined) {
      texts.set(docId, doc);
    } else if (known !== doc) {
      const message = `Document "${docId}" has another text further up; that one is used.`;
      problems.push({ line, code: "conflicting-document", message, details: { docId } });
    }
  }
  return texts;
}

/** Gathers questions, "q1" and so on in file order, with every document that some row gives as their answer. */
export function collectQuestions(
  rows: readonly OriginRow[],
  documents: ReadonlyMap<string, string>,
  problems: RowProblem[],
): CollectedQuestions {
  const answers = new Map<string, string>();
  const relevant = new Map<string, Map<string, number>>();
  let counted = 0;
  for (const row of rows) {
    const fault = faultOf(row, documents, relevant.get(row.question));
    if (fault) {
      problems.push(fault);
      continue;
    }
    counted += 1;
    if (row.question === "") continue;
    const known = answers.get(row.question) ?? "";
    answers.set(row.question, known === "" ? row.answer : known);
    relevant.set(row.question, (relevant.get(row.question) ?? new Map<string, number>()).set(row.docId, 1));
  }
  const questions = Array.from(answers, ([text, answer], at) => ({ id: `q${String(at + 1)}`, text, answer }));
  const qrels = new Map(questions.map(({ id, text }) => [id, relevant.get(text) ?? new Map<string, number>()]));
  return { questions, qrels, counted };
}

/** Why a row cannot be used. `judged`: documents already known to answer its question. */
function faultOf(
  { line, question, docId }: OriginRow,
  documents: ReadonlyMap<string, string>,
  judged: ReadonlyMap<string, number> | undefined,
): RowProblem | undefined {
  if (docId === "") {
    return { line, code: "missing-doc-id", message: "The row has no doc_id and was left out.", details: {} };
  }
  if (!documents.has(docId)) {
    const message = `No row has a text for document "${docId}"; the row was left out.`;
    return { line, code: "missing-document", message, details: { docId } };
  }
  if (question !== "" && judged?.has(docId) === true) {
    const message = `The same question for document "${docId}" stands further up; the row was left out.`;
    return { line, code: "duplicate-question", message, details: { docId, question } };
  }
  return undefined;
}
