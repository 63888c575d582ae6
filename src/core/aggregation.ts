/** How the logits of a document's windows become one. */
export type Aggregation = "max" | "mean" | "first";

/**
 * One logit per document.
 * @param logits of all windows, document by document
 * @param counts windows of each document, 1 or more
 */
export function aggregateWindows(logits: Float32Array, counts: ArrayLike<number>, by: Aggregation): Float32Array {
  const aggregated = new Float32Array(counts.length);
  let start = 0;
  for (let at = 0; at < aggregated.length; at += 1) {
    const windows = logits.subarray(start, start + (counts[at] ?? 0));
    start += windows.length;
    aggregated[at] = AGGREGATE[by](windows);
  }
  return aggregated;
}

const AGGREGATE: Readonly<Record<Aggregation, (windows: Float32Array) => number>> = {
  max: (windows) => windows.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY),
  mean: (windows) => windows.reduce((sum, logit) => sum + logit, 0) / windows.length,
  first: (windows) => windows[0] ?? Number.NaN,
};
