import type { RowProblem } from "./types.ts";

/** A cell: text, or a list of texts where the format has lists (JSONL, Parquet). */
export type CellValue = string | readonly string[];

export interface TableRow {
  /** Line of the file on which the row begins, from 1; for files without lines the row's number. */
  readonly line: number;
  /** One per column; "" where the row has none. */
  readonly cells: readonly CellValue[];
  /** How many cells the row itself has. */
  readonly width: number;
}

/** Rows under named columns, wherever they come from. */
export interface Table {
  /** The file's name, as shown. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
  /** Rows that could not be read, by line; they are not among `rows`. */
  readonly problems: readonly RowProblem[];
}

/** A cell as one text, trimmed; a list's texts on lines of their own. */
export function cellText(value: CellValue | undefined): string {
  if (value === undefined) return "";
  return (typeof value === "string" ? value : value.join("\n")).trim();
}

/** A cell as a list of texts, trimmed, without empty ones. Text that is a JSON list of texts is one. */
export function cellTexts(value: CellValue | undefined): readonly string[] {
  const list = typeof value === "string" ? (jsonList(value) ?? [value]) : (value ?? []);
  return list.map((text) => text.trim()).filter((text) => text !== "");
}

function jsonList(text: string): readonly string[] | undefined {
  if (!/^\s*\[/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
  } catch {
    return undefined;
  }
}
