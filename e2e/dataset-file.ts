import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { readPlan, recogniseInput } from "../src/eval/input-files.ts";
import { readParquetTable } from "../src/eval/parquet-table.ts";
import type { EvaluationDataset } from "../src/eval/types.ts";
import { unzipFiles } from "../src/eval/unzip.ts";

/** Reads one file as the workbench does. @throws RerankError `invalid-input` */
export async function readDatasetFile(path: string): Promise<EvaluationDataset> {
  const plan = await recogniseInput([{ path: basename(path), bytes: await readFile(path) }], {
    unzip: (bytes) => Promise.resolve(unzipFiles(bytes)),
    readParquet: readParquetTable,
  });
  return readPlan(plan).dataset;
}
