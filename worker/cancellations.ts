/** Requests that can be cancelled by their number, from their first moment to their end. */
export class Cancellations {
  readonly #open = new Map<number, AbortController>();

  async run<T>(requestId: number, body: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#open.set(requestId, controller);
    try {
      return await body(controller.signal);
    } finally {
      this.#open.delete(requestId);
    }
  }

  cancel(requestId: number): void {
    this.#open.get(requestId)?.abort();
  }
}
