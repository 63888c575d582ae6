import { recogniseColumns } from "./columns.ts";
import { DatasetBuilder } from "./dataset-builder.ts";
import { cellText, type Table } from "./table.ts";
import type { TableReading } from "./table-dataset.ts";
import { readQrels, readRun } from "./trec.ts";

/** Documents, questions and judgments in files of their own: BEIR (Thakur et al., NeurIPS 2021) and TREC. */
export interface Collection {
  /** As shown: the folder's or the archive's. */
  readonly name: string;
  readonly documents: Table;
  readonly questions: Table;
  /** TREC's `question iteration document grade`, or BEIR's `query-id corpus-id score` with a header. */
  readonly qrels: string;
  /** TREC's six fields; then its candidates are the first stage. */
  readonly run?: string;
}

/**
 * Reads a collection. A document's text is its title, a line end and its text. What judgments or run say of unknown
 * questions and documents is reported; an unknown document that is judged relevant still counts as not found, as in
 * trec_eval. Questions without a relevant document are not evaluated.
 */
export function readCollection({ name, documents, questions, qrels, run }: Collection): TableReading {
  const builder = new DatasetBuilder();
  for (const table of [documents, questions]) builder.problems.push(...table.problems);
  addDocuments(documents, builder);
  addQuestions(questions, builder);
  const skipped = builder.problems.length;
  addQrels(qrels, builder);
  if (run !== undefined) addRun(run, builder);
  const { dataset, withoutAnswer } = builder.build(name);
  const rows = [documents, questions].reduce((sum, table) => sum + table.rows.length + table.problems.length, 0);
  return { dataset, problems: builder.problems, rows, skipped, withoutAnswer };
}

/** Positions of id, title and text; nothing where a table lacks id or text. */
export function collectionColumns(
  columns: readonly string[],
  of: "documents" | "questions",
): { readonly id: number; readonly title: number; readonly text: number } | undefined {
  const roles = recogniseColumns(columns);
  const plain = columns.map((column) => column.trim().toLowerCase());
  const own = of === "documents" ? roles.documentId : roles.questionId;
  const id = own?.[0] ?? plain.findIndex((column) => column === "_id" || column === "id");
  const text = (of === "documents" ? roles.document : (roles.question ?? roles.document))?.[0] ?? -1;
  return id < 0 || text < 0 ? undefined : { id, text, title: roles.title?.[0] ?? -1 };
}

function addDocuments(table: Table, builder: DatasetBuilder): void {
  const columns = collectionColumns(table.columns, "documents");
  for (const { line, cells } of columns === undefined ? [] : table.rows) {
    const [id, title, text] = [columns?.id, columns?.title, columns?.text].map((at) => cellText(cells[at ?? -1]));
    const parts = [title, text].filter((part) => part !== undefined && part !== "");
    if (id === undefined || id === "") {
      builder.report(line, "missing-doc-id", "The row has no id and was left out.");
    } else if (parts.length === 0) {
      missingDocument(builder, id, line);
    } else {
      builder.addDocument(line, id, parts.join("\n"));
    }
  }
}

function addQuestions(table: Table, builder: DatasetBuilder): void {
  const columns = collectionColumns(table.columns, "questions");
  for (const { line, cells } of columns === undefined ? [] : table.rows) {
    const [id = "", text = ""] = [columns?.id, columns?.text].map((at) => cellText(cells[at ?? -1]));
    if (id !== "" && text !== "") builder.question(id, id, text, "");
    else builder.report(line, "missing-question", "The row has no question with an id and was left out.");
  }
}

function addQrels(text: string, builder: DatasetBuilder): void {
  const { qrels, problems } = readQrels(text);
  builder.problems.push(...problems);
  for (const [questionId, judged] of qrels) {
    const question = builder.known(questionId);
    if (question === undefined) {
      builder.report(0, "unknown-question", `Question "${questionId}" of the judgments has no text.`, { questionId });
      continue;
    }
    for (const [documentId, grade] of judged) {
      question.grades.set(documentId, grade);
      if (!builder.hasDocument(documentId)) missingDocument(builder, documentId, 0);
    }
  }
}

function addRun(text: string, builder: DatasetBuilder): void {
  const { entries, problems } = readRun(text);
  builder.problems.push(...problems);
  for (const [questionId, found] of entries) {
    const question = builder.known(questionId);
    for (const { documentId, score } of question === undefined ? [] : found) {
      if (builder.hasDocument(documentId)) question?.candidates.push({ documentId, score });
      else missingDocument(builder, documentId, 0);
    }
  }
}

function missingDocument(builder: DatasetBuilder, documentId: string, line: number): void {
  builder.report(line, "missing-document", `There is no text for document "${documentId}".`, { docId: documentId });
}
