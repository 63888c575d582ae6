import { isPassing, retryAfterMs } from "./retry.ts";

/** What a request asked for. */
export interface AskedRange {
  /** First byte asked for; 0 for the whole file, asked for without a range. */
  readonly from: number;
  /** Bytes of the whole file. */
  readonly totalBytes: number;
  /** Strong ETag of the file that `from` bytes are there of, empty where unknown. */
  readonly etag: string;
}

export interface Failure {
  readonly type: "failed";
  /** Of HTTP; 0 where there was no answer, or it broke off. */
  readonly status: number;
  /** False where asking again is of no use. */
  readonly isPassing: boolean;
  readonly retryAfterMs?: number;
  readonly problem?: "web-page" | "stalled";
  readonly cause?: unknown;
}

export type RangeAnswer =
  /** The body goes on at the byte asked for. */
  | { readonly type: "continues" }
  /** The body is the whole file. */
  | { readonly type: "whole"; readonly etag: string }
  /** Another file than before, or no range of it: ask for the whole. */
  | { readonly type: "other-file" }
  | Failure;

/**
 * What to make of an answer's status and headers. Across origins a server shows most of these only where it says so
 * (`Access-Control-Expose-Headers`), so each is optional; the file's hash has the last word.
 */
export function judgeAnswer({ status, headers }: Pick<Response, "status" | "headers">, asked: AskedRange): RangeAnswer {
  const isWebPage = headers.get("Content-Type")?.startsWith("text/html") === true;
  if (status === 200 && isWebPage) return { type: "failed", status, isPassing: false, problem: "web-page" };
  if (status === 200) return { type: "whole", etag: strongEtag(headers) };
  if (asked.from > 0 && status === 206) return fits(headers, asked) ? { type: "continues" } : { type: "other-file" };
  if (asked.from > 0 && status === 416) return { type: "other-file" };
  return {
    type: "failed",
    status,
    isPassing: isPassing(status),
    retryAfterMs: retryAfterMs(headers.get("Retry-After")),
  };
}

function fits(headers: Headers, { from, totalBytes, etag }: AskedRange): boolean {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("Content-Range") ?? "");
  const startsElsewhere = range !== null && Number(range[1]) !== from;
  const hasOtherSize = range !== null && range[2] !== "*" && Number(range[2]) !== totalBytes;
  const newEtag = strongEtag(headers);
  const hasChanged = newEtag !== "" && etag !== "" && newEtag !== etag;
  // A range of an encoded file counts encoded bytes.
  return !startsElsewhere && !hasOtherSize && !hasChanged && !isEncoded(headers);
}

/** Only a strong ETag promises the same bytes. That of an encoded answer belongs to its encoded bytes. */
function strongEtag(headers: Headers): string {
  const etag = headers.get("ETag") ?? "";
  return etag.startsWith('"') && !isEncoded(headers) ? etag : "";
}

function isEncoded(headers: Headers): boolean {
  return !["", "identity"].includes(headers.get("Content-Encoding") ?? "");
}
