import { parquetMetadata, parquetReadObjects, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { cellOf } from "./jsonl-table.ts";
import type { Table } from "./table.ts";

/**
 * Reads a Parquet file; a row's line is its number, from 1.
 * @throws what hyparquet throws for a broken file or a codec that it lacks
 */
export async function readParquetTable(bytes: Uint8Array, name: string): Promise<Table> {
  const file = bytes.slice().buffer;
  const columns = parquetSchema(parquetMetadata(file)).children.map(({ element }) => element.name);
  const objects = await parquetReadObjects({ file, compressors });
  const rows = objects.map((object, at) => ({
    line: at + 1,
    cells: columns.map((column) => cellOf(object[column])),
    width: columns.length,
  }));
  return { name, columns, rows, problems: [] };
}
