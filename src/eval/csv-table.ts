import { DELIMITERS, normaliseLineEnds, readCsvRows, splitCsvLine, type CsvRow, type Delimiter } from "./csv-rows.ts";
import { recogniseColumns } from "./columns.ts";
import type { Table, TableRow } from "./table.ts";
import type { RowProblem } from "./types.ts";

/**
 * Reads CSV, TSV or semicolons, the first row being the header. The delimiter is the one under which most columns have
 * a name that is known; where none has, the one that makes most columns.
 * @param text decoded, see `decodeText`
 */
export function readCsvTable(text: string, name: string): Table {
  const content = normaliseLineEnds(text);
  const header = /\S.*/.exec(content)?.[0] ?? "";
  const [first, ...found] = readCsvRows(content, findDelimiter(header));
  const columns = (first?.fields ?? []).map((field) => field.trim());
  const problems: RowProblem[] = [];
  const rows = found.flatMap((row) => readRow(row, columns.length, problems));
  return { name, columns, rows, problems };
}

function findDelimiter(header: string): Delimiter {
  const counted = DELIMITERS.map((delimiter) => {
    const columns = splitCsvLine(header, delimiter);
    return { delimiter, known: Object.keys(recogniseColumns(columns)).length, columns: columns.length };
  });
  const [best] = counted.sort((a, b) => b.known - a.known || b.columns - a.columns);
  return best?.delimiter ?? ",";
}

/** The row, filled up to the header's width; nothing, and a problem reported, where its fields cannot be told apart. */
function readRow(
  { fields, line, lines, brokenQuote }: CsvRow,
  width: number,
  problems: RowProblem[],
): readonly TableRow[] {
  if (brokenQuote) {
    const message = `A quoted field does not end where it should: ${String(lines)} line(s) from here were left out.`;
    problems.push({ line, code: "broken-quote", message, details: { lines } });
    return [];
  }
  if (fields.slice(width).some((extra) => extra.trim() !== "")) {
    const message =
      `The row has ${String(fields.length)} fields where the header has ${String(width)} ` +
      "(a delimiter outside quotes?) and was left out.";
    problems.push({ line, code: "too-many-fields", message, details: { fields: fields.length, expected: width } });
    return [];
  }
  return [{ line, cells: Array.from({ length: width }, (_, at) => fields[at] ?? ""), width: fields.length }];
}
