/** One line of a terminal that tells how far a long job is; silent where output is not a terminal. */
export class ProgressLine {
  #label = "";
  #startedAt = 0;
  #startedFrom = 0;
  #shownAt = 0;

  /** @param done in whatever unit `total` has */
  show(label: string, done: number, total: number): void {
    if (!process.stderr.isTTY) return;
    const now = performance.now();
    if (label !== this.#label) {
      this.end();
      [this.#label, this.#startedAt, this.#startedFrom, this.#shownAt] = [label, now, done, 0];
    }
    if (now - this.#shownAt < 200 && done < total) return;
    this.#shownAt = now;
    const rate = (done - this.#startedFrom) / (now - this.#startedAt);
    const secondsLeft = rate > 0 ? Math.ceil((total - done) / rate / 1000) : undefined;
    const left = secondsLeft === undefined ? "" : `, about ${String(secondsLeft)} s left`;
    process.stderr.write(`\r\x1b[K${label}: ${String(done)}/${String(total)}${left}`);
  }

  /** Goes to the next line, if anything was shown. */
  end(): void {
    if (this.#label !== "") process.stderr.write("\n");
    this.#label = "";
  }
}
