import type { DownloadProgress } from "../../src/core/protocol.ts";

const LEAST_INTERVAL_MS = 100;

interface FileProgress {
  readonly storedBytes: number;
  readonly transferredBytes: number;
  readonly isWaiting: boolean;
}

/** Sums up the progress of several files, and tells it ten times a second at most. */
export class ProgressSum {
  readonly #totalBytes: number;
  readonly #onProgress: (progress: DownloadProgress) => void;
  readonly #files = new Map<string, FileProgress>();
  #toldAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(totalBytes: number, onProgress: (progress: DownloadProgress) => void) {
    this.#totalBytes = totalBytes;
    this.#onProgress = onProgress;
  }

  get transferredBytes(): number {
    return this.#sum(({ transferredBytes }) => transferredBytes);
  }

  update(file: string, progress: Partial<FileProgress>): void {
    const before = this.#files.get(file) ?? { storedBytes: 0, transferredBytes: 0, isWaiting: false };
    this.#files.set(file, { ...before, ...progress });
    const startsWaiting = progress.isWaiting === true && !before.isWaiting;
    const waitMs = startsWaiting ? 0 : this.#toldAt + LEAST_INTERVAL_MS - performance.now();
    if (waitMs <= 0) this.#tell();
    // Nothing more may come for long: what came last is told too.
    else
      this.#timer ??= setTimeout(() => {
        this.#tell();
      }, waitMs);
  }

  /** Runs what makes the progress; tells how it ended, however soon after the last time, and nothing after that. */
  async over<T>(body: () => Promise<T>): Promise<T> {
    try {
      const result = await body();
      this.#tell();
      return result;
    } finally {
      clearTimeout(this.#timer);
    }
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#toldAt = performance.now();
    this.#onProgress({
      totalBytes: this.#totalBytes,
      storedBytes: this.#sum(({ storedBytes }) => storedBytes),
      transferredBytes: this.transferredBytes,
      isWaiting: [...this.#files.values()].some(({ isWaiting }) => isWaiting),
    });
  }

  #sum(bytesOf: (file: FileProgress) => number): number {
    return [...this.#files.values()].reduce((sum, file) => sum + bytesOf(file), 0);
  }
}
