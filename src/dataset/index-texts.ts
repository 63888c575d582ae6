import { nextMacrotask } from "../core/macrotask.ts";
import type { ReadingProgress } from "../eval/dataset-protocol.ts";
import { Bm25FirstStage } from "../retrieval/first-stage.ts";

/** Texts indexed between two macrotasks, so that a search of the former data set is answered meanwhile. */
const INDEXED_AT_ONCE = 500;

/** A first stage over all texts, by their positions. */
export async function indexTexts(
  texts: readonly string[],
  onProgress: (progress: ReadingProgress) => void = () => undefined,
): Promise<Bm25FirstStage> {
  const stage = new Bm25FirstStage([]);
  for (let from = 0; from < texts.length; from += INDEXED_AT_ONCE) {
    stage.add(texts.slice(from, from + INDEXED_AT_ONCE));
    onProgress({ step: "indexing", done: Math.min(texts.length, from + INDEXED_AT_ONCE), total: texts.length });
    await nextMacrotask();
  }
  return stage;
}
