/** Relevance and logits, without ever making two scores equal that are not. */

/** log(5e-324) and -log(2^-53) lie within: nothing but 0 and 1 themselves gets so far. */
const LEAST_LOGIT = -746;
const MOST_LOGIT = 37;

/** log(p / (1 - p)), the inverse of the sigmoid; 0 and 1 get the finite numbers -746 and 37. */
export function logOdds(relevance: number): number {
  return Math.min(MOST_LOGIT, Math.max(LEAST_LOGIT, Math.log(relevance) - Math.log1p(-relevance)));
}

/**
 * Logits in fp32 whose order is exactly that of `scores`: where rounding would make different scores equal or turn them
 * round, the higher one becomes the next number up. Equal scores stay equal.
 * @param logits any that grow with `scores`
 */
export function roundedInOrder(scores: readonly number[], logits: readonly number[]): Float32Array {
  const rounded = new Float32Array(scores.length);
  const ascending = scores.map((_, at) => at).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  let [lastScore, last] = [Number.NaN, Number.NEGATIVE_INFINITY];
  for (const at of ascending) {
    const score = scores[at] ?? Number.NaN;
    if (score !== lastScore) {
      const own = Math.fround(logits[at] ?? Number.NaN);
      last = own > last ? own : nextUp(last);
      lastScore = score;
    }
    rounded[at] = last;
  }
  return rounded;
}

/** The next fp32 number above a finite one. */
function nextUp(value: number): number {
  if (value === 0) return 2 ** -149;
  const bits = new Int32Array(1);
  const numbers = new Float32Array(bits.buffer);
  numbers[0] = value;
  bits[0] = (bits[0] ?? 0) + (value > 0 ? 1 : -1);
  return numbers[0];
}
