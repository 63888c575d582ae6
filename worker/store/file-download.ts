import { RerankError, throwIfAborted } from "../../src/core/errors.ts";
import type { DownloadPatience } from "../../src/core/protocol.ts";
import type { PartialFile } from "./partial-file.ts";
import { judgeAnswer, type Failure } from "./range-answer.ts";
import { pauseMs, sleep } from "./retry.ts";
import { StallWatch } from "./stall-watch.ts";
import type { ExpectedFile } from "./stored-files.ts";

/** A connection that brought this much further deserves all its tries again. */
const PROGRESS_WORTH_NEW_TRIES = 2 ** 20;

export interface FileDownloadOptions {
  readonly url: string;
  readonly patience: Required<DownloadPatience>;
  readonly cache: RequestCache;
  readonly signal?: AbortSignal;
  /** Bytes of the file that were there before, and those that came by now; both fall to 0 where it starts anew. */
  readonly onBytes: (storedBytes: number, transferredBytes: number) => void;
}

type Outcome =
  | { readonly type: "arrived" }
  /** The server's file is not the expected one. */
  | { readonly type: "wrong" }
  | { readonly type: "ask-for-whole" }
  | Failure;

/** Fetches what is missing of one file, over as many requests as that takes. */
export class FileDownload {
  readonly #file: ExpectedFile;
  readonly #partial: PartialFile;
  readonly #options: FileDownloadOptions;
  #storedBytes: number;
  #transferredBytes = 0;
  #failures = 0;
  #furthest: number;
  #askForWhole = false;
  #wasRangeAnswered = false;
  #isRenewed = false;

  constructor(file: ExpectedFile, partial: PartialFile, options: FileDownloadOptions) {
    this.#file = file;
    this.#partial = partial;
    this.#options = options;
    this.#storedBytes = partial.bytes;
    this.#furthest = partial.bytes;
  }

  /**
   * Resolves when the partial file is the expected one.
   * @throws RerankError `model-download`, `model-integrity`, or the signal's reason; DOMException where there is no room
   */
  async run(): Promise<void> {
    if (this.#partial.bytes > this.#file.bytes) await this.#restart("");
    this.#tell();
    for (;;) {
      const outcome: Outcome =
        this.#partial.bytes === this.#file.bytes ? { type: "arrived" } : await this.#requestRest();
      if (outcome.type === "arrived" && this.#partial.isRight) return;
      if (outcome.type === "failed") await this.#pause(outcome);
      else if (outcome.type === "ask-for-whole") this.#askForWhole = true;
      else await this.#renew();
    }
  }

  async #requestRest(): Promise<Outcome> {
    const { signal, patience } = this.#options;
    const from = this.#firstByteToAskFor();
    const watch = new StallWatch(patience.stallMs, signal);
    try {
      const response = await this.#ask(from, watch);
      return response instanceof Response ? await this.#takeAnswer(response, from, watch) : response;
    } finally {
      watch.stop();
    }
  }

  async #ask(from: number, watch: StallWatch): Promise<Response | Failure> {
    const cache = this.#isRenewed ? "reload" : this.#options.cache;
    try {
      const response = await fetch(this.#options.url, {
        cache,
        headers: this.#rangeHeaders(from),
        signal: watch.signal,
      });
      watch.feed();
      return response;
    } catch (cause) {
      return this.#brokenOff(watch, cause);
    }
  }

  /** Ranges that were never answered may be what the server refuses: the last try does without. */
  #firstByteToAskFor(): number {
    const isLastTry = this.#failures === this.#options.patience.tries - 1;
    return this.#askForWhole || (isLastTry && !this.#wasRangeAnswered) ? 0 : this.#partial.bytes;
  }

  /**
   * `If-Range` saves a request where the file has changed, but across origins needs the server's leave; there the
   * ETag of the answer is compared instead.
   */
  #rangeHeaders(from: number): Record<string, string> {
    if (from === 0) return {};
    const isOurs = new URL(this.#options.url).origin === self.location.origin;
    const { etag } = this.#partial;
    return { Range: `bytes=${from}-`, ...(isOurs && etag !== "" && { "If-Range": etag }) };
  }

  async #takeAnswer(response: Response, from: number, watch: StallWatch): Promise<Outcome> {
    const answer = judgeAnswer(response, { from, totalBytes: this.#file.bytes, etag: this.#partial.etag });
    if (from > 0) this.#wasRangeAnswered = true;
    if (answer.type === "failed" || answer.type === "other-file") {
      await response.body?.cancel().catch(() => undefined);
      return answer.type === "failed" ? answer : { type: "ask-for-whole" };
    }
    if (answer.type === "whole") {
      this.#askForWhole = false;
      await this.#restart(answer.etag);
    }
    return this.#readBody(response, watch);
  }

  async #readBody(response: Response, watch: StallWatch): Promise<Outcome> {
    const before = this.#transferredBytes;
    const reader = response.body?.getReader();
    let end: Outcome | undefined;
    while (end === undefined) end = await this.#readChunk(reader, watch);
    if (end.type !== "arrived" || this.#partial.bytes === this.#file.bytes) return end;
    // Ended as the server meant it to: its file is shorter. Without a length, the connection may have been cut.
    const sent = Number(response.headers.get("Content-Length") ?? Number.NaN);
    const isWhole = response.status === 200 && sent === this.#transferredBytes - before;
    return isWhole ? { type: "wrong" } : this.#brokenOff(watch);
  }

  /** @returns nothing while there may be more */
  async #readChunk(
    reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined,
    watch: StallWatch,
  ): Promise<Outcome | undefined> {
    let chunk: Uint8Array<ArrayBuffer> | undefined;
    try {
      chunk = (await reader?.read())?.value;
    } catch (cause) {
      return this.#brokenOff(watch, cause);
    }
    if (chunk === undefined) return { type: "arrived" };
    watch.feed();
    if (chunk.length > this.#file.bytes - this.#partial.bytes) {
      await reader?.cancel().catch(() => undefined);
      return { type: "wrong" };
    }
    await this.#partial.write(chunk);
    this.#transferredBytes += chunk.length;
    this.#tell();
    return undefined;
  }

  /** @throws RerankError the signal's reason, where that is why */
  #brokenOff(watch: StallWatch, cause?: unknown): Failure {
    throwIfAborted(this.#options.signal);
    const problem = watch.isStalled ? "stalled" : undefined;
    return { type: "failed", status: 0, isPassing: true, cause, ...(problem && { problem }) };
  }

  /** @throws RerankError `model-download` where trying again is of no use, or was of none */
  async #pause(failure: Failure): Promise<void> {
    if (this.#partial.bytes >= this.#furthest + PROGRESS_WORTH_NEW_TRIES) this.#failures = 0;
    this.#furthest = Math.max(this.#furthest, this.#partial.bytes);
    this.#failures += 1;
    const { patience, signal, url } = this.#options;
    if (!failure.isPassing || this.#failures >= patience.tries) throw downloadError(url, failure);
    await sleep(pauseMs(patience.firstPauseMs, this.#failures, failure.retryAfterMs), signal);
  }

  /**
   * Begins anew, once: past the browser's cache, which may hold the file of an earlier release.
   * @throws RerankError `model-integrity` the second time
   */
  async #renew(): Promise<void> {
    const { name: file, bytes: expectedBytes } = this.#file;
    const { bytes } = this.#partial;
    await this.#restart("");
    if (this.#isRenewed) {
      throw new RerankError("model-integrity", `"${file}" is not the file the manifest describes; it was not kept.`, {
        details: { file, expectedBytes, bytes },
      });
    }
    this.#isRenewed = true;
  }

  async #restart(etag: string): Promise<void> {
    await this.#partial.restart(etag);
    this.#storedBytes = 0;
    this.#transferredBytes = 0;
    this.#tell();
  }

  #tell(): void {
    this.#options.onBytes(this.#storedBytes, this.#transferredBytes);
  }
}

/** @returns the error of a request for which no further try is left */
export function downloadError(url: string, { status, problem, cause }: Failure): RerankError {
  const what =
    problem === "web-page"
      ? "the server answered with a web page; is the address right?"
      : problem === "stalled"
        ? "the connection stalled"
        : status === 0
          ? "the connection broke"
          : `HTTP ${String(status)}`;
  return new RerankError(
    "model-download",
    `${url} could not be downloaded (${what}). Check the connection and retry.`,
    {
      cause,
      details: { url, status, ...(problem && { problem }) },
    },
  );
}
