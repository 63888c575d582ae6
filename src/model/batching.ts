import type { ModelInput } from "./manifest.ts";
import type { EncodedPair } from "./pair-encoding.ts";

export interface BatchLimits {
  /** Most tokens in a batch, padding included; a single longer pair still makes a batch of its own. */
  readonly tokenBudget: number;
  /** Most pairs in a batch. */
  readonly maxPairs: number;
  /** Lengths are padded up to a multiple of this. @default 1 */
  readonly lengthMultiple?: number;
}

/** Pairs to be run together. */
export interface Batch {
  /** Positions of the pairs in the caller's list. */
  readonly indices: readonly number[];
  /** Tokens of each row, padding included. */
  readonly tokens: number;
}

/**
 * Cuts pairs into batches of similar length, longest first, so that little is padded and a batch too large for the
 * memory fails at once rather than at the end.
 * @param lengths tokens of each pair
 * @param maxTokens the model's limit, above which no row is padded
 */
export function planBatches(lengths: readonly number[], limits: BatchLimits, maxTokens: number): Batch[] {
  const { tokenBudget, maxPairs, lengthMultiple = 1 } = limits;
  const longestFirst = lengths.map((_, index) => index).sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0) || a - b);
  const batches: Batch[] = [];
  for (let start = 0; start < longestFirst.length;) {
    const longest = lengths[longestFirst[start] ?? 0] ?? 0;
    const tokens = Math.max(longest, Math.min(maxTokens, Math.ceil(longest / lengthMultiple) * lengthMultiple));
    const pairs = Math.max(1, Math.min(maxPairs, Math.floor(tokenBudget / Math.max(1, tokens))));
    batches.push({ indices: longestFirst.slice(start, start + pairs), tokens });
    start += pairs;
  }
  return batches;
}

/** A batch as the graph reads it. */
export interface PackedBatch {
  readonly pairs: number;
  readonly tokens: number;
  /** [pairs, tokens] */
  readonly inputIds: Int32Array;
  /** [pairs, tokens]; absent where the model has no token types. */
  readonly tokenTypeIds?: Int32Array;
  /** [tokens]: one row serves all pairs, for padding is at the end and masked. */
  readonly positionIds: Int32Array;
  /** [pairs, 1, 1, tokens]: added to attention scores; 0, or `MASKED` at padding. */
  readonly keyBias: Float32Array;
}

/** Large enough to hide a key from softmax, small enough for fp16. */
export const MASKED = -30_000;

/** Lays out the pairs of one batch row by row, padded at the end. */
export function packBatch(pairs: readonly EncodedPair[], batch: Batch, input: ModelInput): PackedBatch {
  const { indices, tokens } = batch;
  const inputIds = new Int32Array(indices.length * tokens).fill(input.padTokenId);
  const keyBias = new Float32Array(indices.length * tokens).fill(MASKED);
  const tokenTypeIds = input.tokenTypes === "none" ? undefined : new Int32Array(inputIds.length);
  indices.forEach((index, row) => {
    const pair = pairs[index];
    if (pair === undefined) return;
    const start = row * tokens;
    inputIds.set(pair.inputIds, start);
    keyBias.fill(0, start, start + pair.inputIds.length);
    if (pair.tokenTypeIds !== undefined) tokenTypeIds?.set(pair.tokenTypeIds, start);
  });
  const positionIds = Int32Array.from({ length: tokens }, (_, position) => position + input.positionOffset);
  return { pairs: indices.length, tokens, inputIds, ...(tokenTypeIds && { tokenTypeIds }), positionIds, keyBias };
}
