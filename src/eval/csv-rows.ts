import Papa from "papaparse";

export const DELIMITERS = [",", "\t", ";"] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** One row that is not blank. */
export interface CsvRow {
  /** As written, quotes taken off, not trimmed. */
  readonly fields: readonly string[];
  /** Line of the file on which the row begins, from 1. */
  readonly line: number;
  /** How many lines the row takes: more than one where a quoted field holds line ends. */
  readonly lines: number;
  /** True where a quoted field does not end where it should, so that the row may have swallowed others. */
  readonly brokenQuote: boolean;
}

/** Line ends as "\n", without a byte order mark: what `readCsvRows` reads. Line ends inside quotes change as well. */
export function normaliseLineEnds(text: string): string {
  return text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
}

/** Broken rows after which the rest of a file is read on; a file with more of them is no CSV. */
const MOST_RECOVERIES = 500;

/**
 * Reads CSV (RFC 4180) with the line on which each row begins. Blank rows, "" or ",,,", are left out but counted. Where
 * a quoted field does not end as it should, its line alone is given up: reading goes on with the next line, so that one
 * stray quote does not swallow the rows behind it.
 * @param text with line ends as "\n"
 * @returns rows in file order; time is linear in the length of the text, but for each broken row once more
 */
export function readCsvRows(text: string, delimiter: Delimiter): readonly CsvRow[] {
  const rows: CsvRow[] = [];
  let position: Position | undefined = { begin: 0, line: 1 };
  for (let recoveries = 0; position !== undefined; recoveries += 1) {
    position = readUntilBroken(text, delimiter, position, recoveries < MOST_RECOVERIES, rows);
  }
  return rows;
}

/** Where a row begins in the text. */
interface Position {
  readonly begin: number;
  /** From 1. */
  readonly line: number;
}

/** Adds rows up to the end, or to a broken row; then where to go on. */
function readUntilBroken(
  text: string,
  delimiter: Delimiter,
  from: Position,
  mayRecover: boolean,
  rows: CsvRow[],
): Position | undefined {
  let { begin, line } = from;
  let goOn: Position | undefined;
  Papa.parse<string[]>(from.begin === 0 ? text : text.slice(from.begin), {
    delimiter,
    newline: "\n",
    step: ({ data: fields, errors, meta }, parser) => {
      const cursor = from.begin + meta.cursor;
      const lineEnds = countLineEnds(text, begin, cursor);
      const brokenQuote = errors.some(({ type }) => type === "Quotes");
      const lineEnd = text.indexOf("\n", begin);
      if (brokenQuote && mayRecover) {
        rows.push({ fields, line, lines: 1, brokenQuote });
        if (lineEnd >= 0) goOn = { begin: lineEnd + 1, line: line + 1 };
        parser.abort();
        return;
      }
      if (fields.some((field) => field.trim() !== "")) {
        const lines = text[cursor - 1] === "\n" ? lineEnds : lineEnds + 1;
        rows.push({ fields, line, lines, brokenQuote });
      }
      begin = cursor;
      line += lineEnds;
    },
  });
  return goOn;
}

/** The fields of a single line. */
export function splitCsvLine(line: string, delimiter: Delimiter): readonly string[] {
  return Papa.parse<string[]>(line, { delimiter, newline: "\n" }).data[0] ?? [];
}

/** "\n"s in `text` from `begin` up to, not including, `end`. */
function countLineEnds(text: string, begin: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", begin); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
