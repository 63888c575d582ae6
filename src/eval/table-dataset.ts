import { shapeOf, type ColumnMapping, type ColumnRole, type TableShape } from "./columns.ts";
import { DatasetBuilder } from "./dataset-builder.ts";
import { cellText, cellTexts, type Table, type TableRow } from "./table.ts";
import type { EvaluationDataset, RowProblem } from "./types.ts";

export interface TableReading {
  readonly dataset: EvaluationDataset;
  /** By line. A row can have several. */
  readonly problems: readonly RowProblem[];
  /** Rows of the table, unreadable ones among them. */
  readonly rows: number;
  /** Rows of these that were left out. */
  readonly skipped: number;
  /** Questions left out because no document is marked as their answer. */
  readonly withoutAnswer: number;
}

/**
 * Reads a table by what its columns mean.
 *
 * - Question and document: a row says which document answers a question. Rows with one document id are one document,
 *   whose text may stand in any of them; without ids, equal texts are one document. A row without a question adds a
 *   document to search through. The same question for two documents is *one* question with two right answers: a ranker
 *   sees its text only, and cannot know which of the two was meant.
 * - Positives and negatives: all texts of the table are searched, not those of a row alone.
 * - Judged candidates: a question's rows are its candidates. They are ordered by rank where there is one, else by score,
 *   else as they stand; that order is the first stage. A candidate without a grade counts as not relevant.
 *
 * Rows that cannot be read for sure are reported and left out.
 *
 * @param mapping needs the roles of one shape, see `shapeOf`
 */
export function readTableDataset(table: Table, mapping: ColumnMapping): TableReading {
  const found = shapeOf(mapping);
  if (found.shape === undefined) throw new TypeError(`The mapping lacks ${found.missing.join(", ")}.`);
  const builder = new DatasetBuilder();
  builder.problems.push(...table.problems);
  const rows = table.rows.flatMap((row) => wholeRow(row, mapping, builder));
  const counted = READERS[found.shape](rows, builder);
  const { dataset, withoutAnswer } = builder.build(table.name);
  const total = table.rows.length + table.problems.length;
  return { dataset, problems: builder.problems, rows: total, skipped: total - counted, withoutAnswer };
}

/** One row by role. */
interface MappedRow {
  readonly line: number;
  text(role: ColumnRole): string;
  texts(role: "positive" | "negative"): readonly string[];
  has(role: ColumnRole): boolean;
}

/** Nothing, and a problem reported, for a row that ends before a column that is read. */
function wholeRow(
  { line, cells, width }: TableRow,
  mapping: ColumnMapping,
  builder: DatasetBuilder,
): readonly MappedRow[] {
  const last = Math.max(...Object.entries(mapping).flatMap(([role, at]) => (NEEDS_CELL.has(role) ? at : [])));
  if (width <= last) {
    const message = `The row has ${String(width)} fields where the header has ${String(cells.length)} and was left out.`;
    builder.report(line, "too-few-fields", message, { fields: width, expected: cells.length });
    return [];
  }
  const cellsOf = (role: ColumnRole): readonly (string | readonly string[])[] =>
    (mapping[role] ?? []).map((position) => cells[position] ?? "");
  return [
    {
      line,
      text: (role) => cellText(cellsOf(role)[0]),
      texts: (role) => cellsOf(role).flatMap(cellTexts),
      has: (role) => mapping[role] !== undefined,
    },
  ];
}

/** A row may end before any other column. */
const NEEDS_CELL: ReadonlySet<string> = new Set<ColumnRole>(["question", "document", "documentId", "relevance"]);

/** Each reads all rows and answers how many were used. */
const READERS: Readonly<Record<TableShape, (rows: readonly MappedRow[], builder: DatasetBuilder) => number>> = {
  "question-document": readQuestionDocuments,
  "positives-negatives": readPositivesNegatives,
  "judged-candidates": readJudgedCandidates,
};

function readQuestionDocuments(rows: readonly MappedRow[], builder: DatasetBuilder): number {
  for (const row of rows) {
    const [id, text] = [row.text("documentId"), documentText(row)];
    if (row.has("documentId") && id !== "" && text !== "") builder.addDocument(row.line, id, text);
  }
  let counted = 0;
  for (const row of rows) {
    const documentId = documentIdOf(row, builder);
    if (documentId === undefined) continue;
    const text = row.text("question");
    const key = row.text("questionId") || text;
    if (text !== "" && builder.known(key)?.grades.has(documentId) === true) {
      const message = `The same question for document "${documentId}" stands further up; the row was left out.`;
      builder.report(row.line, "duplicate-question", message, { docId: documentId, question: text });
      continue;
    }
    counted += 1;
    if (text !== "") questionOf(row, builder).grades.set(documentId, 1);
  }
  return counted;
}

function readPositivesNegatives(rows: readonly MappedRow[], builder: DatasetBuilder): number {
  let counted = 0;
  for (const row of rows) {
    const positives = row.texts("positive");
    if (row.text("question") === "") {
      builder.report(row.line, "missing-question", "The row has no question and was left out.");
    } else if (positives.length === 0) {
      builder.report(row.line, "missing-positive", "The row has no text that answers its question and was left out.");
    } else {
      counted += 1;
      const { grades } = questionOf(row, builder);
      for (const text of positives) grades.set(builder.addText(text), 1);
      for (const text of row.texts("negative")) builder.addText(text);
    }
  }
  return counted;
}

interface PlacedCandidate {
  readonly documentId: string;
  readonly score: number | undefined;
  readonly rank: number | undefined;
}

function readJudgedCandidates(rows: readonly MappedRow[], builder: DatasetBuilder): number {
  const placed = new Map<string, PlacedCandidate[]>();
  let counted = 0;
  for (const row of rows) {
    const candidate = candidateOf(row, builder);
    if (candidate === undefined) continue;
    const { documentId, key, grade, score, rank } = candidate;
    const list = placed.get(key) ?? [];
    if (list.some((other) => other.documentId === documentId)) {
      const message = `Document "${documentId}" stands among the candidates of its question further up; the row was left out.`;
      builder.report(row.line, "duplicate-candidate", message, { docId: documentId });
      continue;
    }
    counted += 1;
    const question = questionOf(row, builder);
    question.grades.set(documentId, grade);
    list.push({ documentId, score, rank });
    placed.set(key, list);
  }
  for (const [key, list] of placed) builder.known(key)?.candidates.push(...inOrder(list));
  return counted;
}

function candidateOf(
  row: MappedRow,
  builder: DatasetBuilder,
): (PlacedCandidate & { readonly key: string; readonly grade: number }) | undefined {
  const question = row.text("question");
  const key = row.text("questionId") || question;
  if (key === "" || (question === "" && builder.known(key) === undefined)) {
    builder.report(row.line, "missing-question", "The row has no question and was left out.");
    return undefined;
  }
  const grade = numberOf(row, "relevance", builder) ?? 0;
  const [score, rank] = [numberOf(row, "score", builder), numberOf(row, "rank", builder)];
  if (grade === "bad" || score === "bad" || rank === "bad") return undefined;
  const text = documentText(row);
  const id = row.text("documentId");
  if (id !== "" && text !== "") builder.addDocument(row.line, id, text);
  const documentId = documentIdOf(row, builder);
  return documentId === undefined ? undefined : { key, documentId, grade, score, rank };
}

/** Nothing for an empty cell; "bad", and a problem reported, for one that is no number. */
function numberOf(row: MappedRow, role: ColumnRole, builder: DatasetBuilder): number | "bad" | undefined {
  const written = row.text(role);
  if (written === "") return undefined;
  const value = /^(true|yes|relevant|o|정답|관련)$/i.test(written)
    ? 1
    : /^(false|no|x)$/i.test(written)
      ? 0
      : Number(written);
  if (Number.isFinite(value)) return value;
  const message = `"${written.slice(0, 40)}" is no number; the row was left out.`;
  builder.report(row.line, "bad-number", message, { found: written.slice(0, 40), role });
  return "bad";
}

/** By rank, else by score, else as they came; what lacks the number comes last. */
function inOrder(
  list: readonly PlacedCandidate[],
): readonly { readonly documentId: string; readonly score?: number }[] {
  const hasRanks = list.some(({ rank }) => rank !== undefined);
  const hasScores = list.some(({ score }) => score !== undefined);
  const last = Number.POSITIVE_INFINITY;
  const ordered = [...list].sort((a, b) =>
    hasRanks ? compare(a.rank ?? last, b.rank ?? last) : hasScores ? compare(b.score ?? -last, a.score ?? -last) : 0,
  );
  return ordered.map(({ documentId, score }) => ({ documentId, ...(score !== undefined && { score }) }));
}

/** A subtraction would make two infinities NaN. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function questionOf(row: MappedRow, builder: DatasetBuilder): ReturnType<DatasetBuilder["question"]> {
  const [id, text] = [row.text("questionId"), row.text("question")];
  return builder.question(id || text, id || undefined, text, row.text("answer"));
}

/** The row's document, made known; nothing, and a problem reported, where it has none. */
function documentIdOf(row: MappedRow, builder: DatasetBuilder): string | undefined {
  const text = documentText(row);
  if (!row.has("documentId")) {
    if (text !== "") return builder.addText(text);
    builder.report(row.line, "missing-document", "The row has no document and was left out.", { docId: "" });
    return undefined;
  }
  const id = row.text("documentId");
  if (id === "") {
    builder.report(row.line, "missing-doc-id", "The row has no doc_id and was left out.");
  } else if (!builder.hasDocument(id)) {
    const message = `No row has a text for document "${id}"; the row was left out.`;
    builder.report(row.line, "missing-document", message, { docId: id });
  } else {
    return id;
  }
  return undefined;
}

/** With its title above it, where the table has one. */
function documentText(row: MappedRow): string {
  return [row.text("title"), row.text("document")].filter((part) => part !== "").join("\n");
}
