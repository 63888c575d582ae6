/** Which files make up a data set, what each is, and what will be done with them. */
import { RerankError } from "../core/errors.ts";
import { collectionColumns, readCollection } from "./collection.ts";
import { recogniseColumns, shapeOf, type ColumnMapping } from "./columns.ts";
import { readCsvTable } from "./csv-table.ts";
import { decodeText, type TextEncoding } from "./decode-text.ts";
import { readJsonTable } from "./jsonl-table.ts";
import type { Table } from "./table.ts";
import { readTableDataset, type TableReading } from "./table-dataset.ts";
import { readQrels, readRun } from "./trec.ts";

export interface InputFile {
  /** With the folders it lies in, divided by "/". */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What was recognised, before anything is evaluated. */
export type InputPlan =
  | {
      readonly type: "table";
      readonly table: Table;
      /** Of the columns whose names are known; the user may give another. */
      readonly mapping: ColumnMapping;
      readonly encoding: TextEncoding | undefined;
    }
  | {
      readonly type: "collection";
      readonly name: string;
      readonly documents: Table;
      readonly questions: Table;
      /** Path of the judgments that are used, and their text. */
      readonly qrels: NamedText;
      readonly run: NamedText | undefined;
    };

interface NamedText {
  readonly path: string;
  readonly text: string;
}

/** Readers that come on demand: most visitors give a CSV. */
export interface LazyReaders {
  readonly unzip: (bytes: Uint8Array) => Promise<readonly InputFile[]>;
  readonly readParquet: (bytes: Uint8Array, name: string) => Promise<Table>;
}

/**
 * Recognises files by their content and names: a ZIP is its files, a table is CSV, TSV, JSON lines or Parquet, and
 * judgments beside documents and questions are a collection.
 * @throws RerankError `invalid-input`; details: `reason` ("empty", "encoding", "no-table", "several-tables",
 * "no-documents", "no-questions-file", "broken-file") and `name` of the file it is about
 */
export async function recogniseInput(files: readonly InputFile[], readers: LazyReaders): Promise<InputPlan> {
  const all = (await Promise.all(files.map((file) => unpacked(file, readers)))).flat().filter(isOfUse);
  const parts = await Promise.all(all.map((file) => partOf(file, readers)));
  const qrels = chosenQrels(parts.flatMap((part) => (part.type === "qrels" ? [part] : [])));
  const tables = parts.flatMap((part) => (part.type === "table" ? [part] : []));
  if (qrels !== undefined) {
    const run = parts.find((part) => part.type === "run");
    return collectionOf(
      files[0]?.path ?? "",
      tables.map(({ table }) => table),
      qrels,
      run,
    );
  }
  const [only, second] = tables;
  if (only === undefined) throw unusable("no-table", files[0]?.path ?? "", "No table was found in it.");
  if (second !== undefined) {
    throw unusable("several-tables", second.table.name, "Several tables and no judgments (qrels): give one of them.");
  }
  return { type: "table", table: only.table, mapping: recogniseColumns(only.table.columns), encoding: only.encoding };
}

/**
 * Reads what was recognised.
 * @param mapping the user's, in place of the recognised one
 * @throws RerankError `invalid-input`; details: `reason` ("no-header", "no-rows", "no-questions") with `expected` and
 * `found`, and where rows were at fault the first one's `line` and `problem`
 */
export function readPlan(plan: InputPlan, mapping?: ColumnMapping): TableReading {
  if (plan.type === "table") return readTablePlan(plan.table, mapping ?? plan.mapping);
  const { name, documents, questions, qrels, run } = plan;
  const reading = readCollection({
    name,
    documents,
    questions,
    qrels: qrels.text,
    ...(run !== undefined && { run: run.text }),
  });
  return withQuestions(reading, documents);
}

/** The columns that are asked for where none is recognised. */
const EXPECTED = "question,answer,doc_id,doc";
const LONGEST_FOUND = 200;

function readTablePlan(table: Table, mapping: ColumnMapping): TableReading {
  const found = table.columns.join(",").slice(0, LONGEST_FOUND);
  const { name } = table;
  if (shapeOf(mapping).shape === undefined) {
    throw unusable("no-header", name, "The columns' names are not known.", { expected: EXPECTED, found });
  }
  if (table.rows.length === 0 && table.problems.length === 0) {
    throw unusable("no-rows", name, "The file has a header and nothing below it.", { expected: EXPECTED, found });
  }
  return withQuestions(readTableDataset(table, mapping), table);
}

function withQuestions(reading: TableReading, { name, columns }: Table): TableReading {
  if (reading.dataset.questions.length > 0) return reading;
  const [problem] = reading.problems;
  throw unusable("no-questions", name, "No row has a question together with its document.", {
    expected: EXPECTED,
    found: columns.join(",").slice(0, LONGEST_FOUND),
    rows: reading.rows,
    skipped: reading.skipped,
    ...(problem && { line: problem.line, problem: problem.code }),
  });
}

async function unpacked(file: InputFile, { unzip }: LazyReaders): Promise<readonly InputFile[]> {
  if (!startsWith(file.bytes, "PK\u0003\u0004")) return [file];
  try {
    return await unzip(file.bytes);
  } catch (cause) {
    throw unusable("broken-file", file.path, "The ZIP file cannot be unpacked.", {}, cause);
  }
}

/** What systems and archivers leave beside the files that were meant. */
function isOfUse({ path, bytes }: InputFile): boolean {
  const name = nameOf(path);
  return (
    bytes.length > 0 && !name.startsWith(".") && !path.includes("__MACOSX/") && !/\.(md|pdf|png|jpe?g)$/i.test(name)
  );
}

type Part =
  | { readonly type: "table"; readonly table: Table; readonly encoding: TextEncoding | undefined }
  | ({ readonly type: "qrels" } & NamedText)
  | ({ readonly type: "run" } & NamedText);

async function partOf({ path, bytes }: InputFile, { readParquet }: LazyReaders): Promise<Part> {
  const name = nameOf(path);
  if (startsWith(bytes, "PAR1")) {
    try {
      return { type: "table", table: await readParquet(bytes, name), encoding: undefined };
    } catch (cause) {
      throw unusable("broken-file", path, "The Parquet file cannot be read.", {}, cause);
    }
  }
  const { text, encoding } = decodeText(bytes);
  const kind = trecKind(path, text);
  if (kind !== undefined) return { type: kind, path, text };
  const table = /^\s*[[{]/.test(text) ? readJsonTable(text, name) : readCsvTable(text, name);
  return { type: "table", table, encoding };
}

/** By content: six fields of which the fifth is a number, or judgments in a file that its name or folder calls so. */
function trecKind(path: string, text: string): "qrels" | "run" | undefined {
  const lines = text.split("\n", 4).map((line) => line.trim().split(/\s+/));
  const whole = (test: (fields: readonly string[]) => boolean): boolean => {
    const filled = lines.filter((fields) => fields.join("") !== "");
    return filled.length > 0 && filled.every(test);
  };
  const isNumber = (field: string | undefined): boolean => field !== undefined && Number.isFinite(Number(field));
  if (whole((fields) => fields.length === 6 && isNumber(fields[3]) && isNumber(fields[4]))) return "run";
  if (whole((fields) => fields.length === 4 && isNumber(fields[1]) && isNumber(fields[3]))) return "qrels";
  const [, ...belowHeader] = lines.filter((fields) => fields.join("") !== "");
  const isBeir = belowHeader.length > 0 && belowHeader.every((fields) => fields.length === 3 && isNumber(fields[2]));
  return isBeir && /qrels|^(test|dev|train)\.tsv$/i.test(path.includes("/") ? path : nameOf(path))
    ? "qrels"
    : undefined;
}

/** The test split where there are several. */
function chosenQrels(parts: readonly NamedText[]): NamedText | undefined {
  return parts.find(({ path }) => /test/i.test(nameOf(path))) ?? parts[0];
}

function collectionOf(path: string, tables: readonly Table[], qrels: NamedText, run: NamedText | undefined): InputPlan {
  const fits = (of: "documents" | "questions", named: RegExp, but?: Table): Table | undefined => {
    const whole = tables.filter((table) => table !== but && collectionColumns(table.columns, of) !== undefined);
    return (
      whole.find(({ name }) => named.test(name)) ?? (whole.length + (but ? 1 : 0) > 1 ? smallest(whole) : undefined)
    );
  };
  const questions = fits("questions", /quer|question|topic|질문/i);
  const documents = fits("documents", /corpus|doc|passage|collection|문서/i, questions);
  if (questions === undefined) {
    throw unusable("no-questions-file", qrels.path, "Judgments were found, but no file of questions (id and text).");
  }
  if (documents === undefined) {
    throw unusable("no-documents", qrels.path, "Judgments were found, but no file of documents (id and text).");
  }
  const name = path.split("/")[0] ?? path;
  return { type: "collection", name, documents, questions, qrels: { path: qrels.path, text: qrels.text }, run };
}

/** Where names don't tell, questions are fewer than documents. */
function smallest(tables: readonly Table[]): Table | undefined {
  return [...tables].sort((a, b) => a.rows.length - b.rows.length)[0];
}

/** For a preview: how many judgments and candidates the TREC files hold. */
export function countTrec({ qrels, run }: { readonly qrels: string; readonly run?: string }): {
  readonly judgments: number;
  readonly candidates: number;
} {
  const sum = (lists: Iterable<{ readonly length: number } | ReadonlyMap<string, number>>): number => {
    let count = 0;
    for (const list of lists) count += list instanceof Map ? list.size : (list as { readonly length: number }).length;
    return count;
  };
  return {
    judgments: sum(readQrels(qrels).qrels.values()),
    candidates: run === undefined ? 0 : sum(readRun(run).entries.values()),
  };
}

function nameOf(path: string): string {
  return path.split("/").at(-1) ?? path;
}

function startsWith(bytes: Uint8Array, magic: string): boolean {
  return bytes.length >= magic.length && new TextDecoder("latin1").decode(bytes.subarray(0, magic.length)) === magic;
}

function unusable(
  reason: string,
  name: string,
  what: string,
  more: Readonly<Record<string, string | number>> = {},
  cause?: unknown,
): RerankError {
  return new RerankError("invalid-input", `${name}: ${what}`, {
    details: { reason, name, ...more },
    ...(cause !== undefined && { cause }),
  });
}
