/** Loaded after the first paint: the readers and the first stage are the larger half of the page's own code. */
import { decodeText, type TextEncoding } from "../eval/decode-text.ts";
import { readOriginCsv, type OriginCsv } from "../eval/origin-csv.ts";
import { Bm25FirstStage } from "../retrieval/first-stage.ts";
import type { FirstStage } from "../core/types.ts";

/** A dataset with its search, ready to use. */
export interface LoadedDataset extends OriginCsv {
  readonly encoding: TextEncoding;
  /** Has indexed the texts of `dataset.documents`, in that order. */
  readonly firstStage: FirstStage;
}

/**
 * Reads a CSV of unknown encoding and indexes its documents.
 * @throws RerankError `invalid-input`, see `decodeText` and `readOriginCsv`
 */
export function readDataset(bytes: Uint8Array, name: string): LoadedDataset {
  const { text, encoding } = decodeText(bytes);
  const csv = readOriginCsv(text, name);
  const firstStage = new Bm25FirstStage(csv.dataset.documents.map((document) => document.text));
  return { ...csv, encoding, firstStage };
}
