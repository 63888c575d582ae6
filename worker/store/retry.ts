import { abortReason, throwIfAborted } from "../../src/core/errors.ts";
import type { DownloadPatience } from "../../src/core/protocol.ts";

/** A server that asks for a longer pause than this is not waited for that long. */
const MAX_PAUSE_MS = 60_000;

export function withDefaults(patience: DownloadPatience | undefined): Required<DownloadPatience> {
  return { tries: 5, firstPauseMs: 500, stallMs: 20_000, ...patience };
}

/**
 * Milliseconds to wait before the next try: doubled each time, and spread so that many clients do not come at once.
 * @param failures in a row so far, from 1
 * @param retryAfterMs what the server asked for
 */
export function pauseMs(firstPauseMs: number, failures: number, retryAfterMs = 0): number {
  const backOff = firstPauseMs * 2 ** (failures - 1) * (0.5 + Math.random() / 2);
  return Math.min(MAX_PAUSE_MS, Math.max(backOff, retryAfterMs));
}

/** `Retry-After` in seconds or as a date, in milliseconds from now; 0 where there is none. */
export function retryAfterMs(header: string | null, now = Date.now()): number {
  if (header === null) return 0;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

/** Whether the same request may succeed later. 0 stands for no answer. */
export function isPassing(status: number): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

/** @throws RerankError the signal's reason */
export async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal);
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      if (signal) reject(abortReason(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
