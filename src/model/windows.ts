import type { ModelInput } from "./manifest.ts";
import { encodePair, type EncodedPair } from "./pair-encoding.ts";

/** How a document that is longer than the model reads is cut. */
export interface WindowOptions {
  /** Tokens that a window shares with the one before it, so that no sentence is cut in all windows. */
  readonly overlapTokens: number;
  /** Windows of one document at most; what follows them is not read. */
  readonly mostWindows: number;
}

export const STANDARD_WINDOWS: WindowOptions = { overlapTokens: 64, mostWindows: 32 };

/**
 * Pairs the query with each window of the document. Windows are as long as the model's limit allows beside this query;
 * each begins `overlapTokens` before the end of the one before, and the last ends with the document. The first is what
 * `encodePair` gives for the whole document.
 * @returns one pair or more; `truncated` where the query was cut, or where the document goes on behind the last window
 */
export function encodeWindows(
  queryIds: Int32Array,
  documentIds: Int32Array,
  input: ModelInput,
  { overlapTokens, mostWindows }: WindowOptions,
): readonly EncodedPair[] {
  const query = queryIds.subarray(0, input.maxQueryTokens);
  const room = Math.max(1, input.maxTokens - query.length - input.middleSeparators - 2);
  const stride = Math.max(1, room - overlapTokens);
  const last = Math.max(0, documentIds.length - room);
  const all = 1 + Math.ceil(last / stride);
  const count = Math.min(all, Math.max(1, mostWindows));
  return Array.from({ length: count }, (_, at) => {
    const start = Math.min(at * stride, last);
    const pair = encodePair(query, documentIds.subarray(start, start + room), input);
    return { ...pair, truncated: query.length < queryIds.length || count < all };
  });
}
