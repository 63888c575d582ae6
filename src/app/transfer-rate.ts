/** Long enough to ride out a stutter, short enough to follow a train into a tunnel. */
const WINDOW_MS = 8000;
/** Below this, a first burst from a buffer would be taken for the rate. */
const LEAST_SPAN_MS = 1000;

/** Bytes per second over the last seconds of a transfer. */
export class TransferRate {
  #samples: { readonly bytes: number; readonly atMs: number }[] = [];

  /**
   * Takes how many bytes have come so far.
   * @param atMs any clock that only goes forward
   * @returns bytes per second; undefined until enough is known
   */
  add(bytes: number, atMs: number): number | undefined {
    const newest = this.#samples.at(-1);
    // A file that proved wrong starts anew: what came before says nothing any more.
    if (newest !== undefined && bytes < newest.bytes) this.#samples = [];
    this.#samples.push({ bytes, atMs });
    this.#samples = this.#samples.filter((sample) => atMs - sample.atMs <= WINDOW_MS);
    const [oldest] = this.#samples;
    if (oldest === undefined || atMs - oldest.atMs < LEAST_SPAN_MS || bytes === oldest.bytes) return undefined;
    return ((bytes - oldest.bytes) / (atMs - oldest.atMs)) * 1000;
  }
}
