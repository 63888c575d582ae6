/** Aborts `signal` when `feed` was not called for a while, or when the outer signal aborts. */
export class StallWatch {
  readonly signal: AbortSignal;
  readonly #limitMs: number;
  readonly #stalled = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(limitMs: number, outer: AbortSignal | undefined) {
    this.#limitMs = limitMs;
    this.signal = outer ? AbortSignal.any([outer, this.#stalled.signal]) : this.#stalled.signal;
    this.feed();
  }

  get isStalled(): boolean {
    return this.#stalled.signal.aborted;
  }

  /** Something has arrived: the time starts anew. */
  feed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#stalled.abort();
    }, this.#limitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
