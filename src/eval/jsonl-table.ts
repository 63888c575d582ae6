import type { CellValue, Table, TableRow } from "./table.ts";
import type { RowProblem } from "./types.ts";

/**
 * Reads one JSON object a line, or one JSON list of objects. Columns are the objects' keys in the order of their first
 * coming; objects within objects become JSON text.
 * @param text decoded, see `decodeText`
 */
export function readJsonTable(text: string, name: string): Table {
  const problems: RowProblem[] = [];
  const objects = jsonObjects(text.replace(/^\ufeff/, ""), problems);
  const columns = [...new Set(objects.flatMap(({ value }) => Object.keys(value)))];
  const rows = objects.map(({ line, value }): TableRow => ({
    line,
    cells: columns.map((column) => cellOf(value[column])),
    width: columns.length,
  }));
  return { name, columns, rows, problems };
}

interface JsonObject {
  readonly line: number;
  readonly value: Readonly<Record<string, unknown>>;
}

function jsonObjects(text: string, problems: RowProblem[]): readonly JsonObject[] {
  if (/^\s*\[/.test(text)) {
    const list = parsed(text);
    if (Array.isArray(list)) return list.flatMap((value, at) => objectOf(value, at + 1, problems));
  }
  return text.split(/\r\n?|\n/).flatMap((line, at) => {
    return line.trim() === "" ? [] : objectOf(parsed(line), at + 1, problems);
  });
}

function objectOf(value: unknown, line: number, problems: RowProblem[]): readonly JsonObject[] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return [{ line, value: value as Readonly<Record<string, unknown>> }];
  }
  problems.push({ line, code: "broken-json", message: "The line is no JSON object and was left out.", details: {} });
  return [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A value of JSON or Parquet as a cell. Objects with a text, as passages of fine-tuning files have, become that text. */
export function cellOf(value: unknown): CellValue {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map((item) => textOf(item));
  return textOf(value);
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  const { title, text } = value as { readonly title?: unknown; readonly text?: unknown };
  if (typeof text === "string") return typeof title === "string" && title !== "" ? `${title}\n${text}` : text;
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner));
}
