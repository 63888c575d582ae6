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

/**
 * Reads CSV (RFC 4180) with the line on which each row begins. Blank rows, "" or ",,,", are left out but counted.
 * @param text with line ends as "\n"
 * @returns rows in file order; time is linear in the length of the text
 */
export function readCsvRows(text: string, delimiter: Delimiter): readonly CsvRow[] {
  const rows: CsvRow[] = [];
  let begin = 0;
  let line = 1;
  Papa.parse<string[]>(text, {
    delimiter,
    newline: "\n",
    step: ({ data: fields, errors, meta }) => {
      const lineEnds = countLineEnds(text, begin, meta.cursor);
      if (fields.some((field) => field.trim() !== "")) {
        const lines = text[meta.cursor - 1] === "\n" ? lineEnds : lineEnds + 1;
        rows.push({ fields, line, lines, brokenQuote: errors.some(({ type }) => type === "Quotes") });
      }
      begin = meta.cursor;
      line += lineEnds;
    },
  });
  return rows;
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
