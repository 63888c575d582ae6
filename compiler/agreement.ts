/** How well two lists of logits agree. */
export interface Agreement {
  /** Mean absolute difference. */
  readonly meanError: number;
  /** Largest absolute difference; infinite where a logit is not finite. */
  readonly maxError: number;
  /** Kendall's τ-b of the two orders, −1 … 1. */
  readonly kendallTau: number;
}

export function compareLogits(logits: readonly number[], expected: readonly number[]): Agreement {
  const errors = expected.map((value, index) => {
    const error = Math.abs((logits[index] ?? Number.NaN) - value);
    return Number.isFinite(error) ? error : Number.POSITIVE_INFINITY;
  });
  return {
    meanError: errors.reduce((sum, error) => sum + error, 0) / errors.length,
    maxError: Math.max(...errors),
    kendallTau: kendallTau(logits, expected),
  };
}

/**
 * (concordant − discordant) ÷ √((pairs − ties in a)(pairs − ties in b)). Kendall 1945, "The treatment of ties in
 * ranking problems". NaN where all values of one list are equal.
 */
export function kendallTau(a: readonly number[], b: readonly number[]): number {
  let agreement = 0;
  let untiedA = 0;
  let untiedB = 0;
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < i; j++) {
      const signA = Math.sign((a[i] ?? 0) - (a[j] ?? 0));
      const signB = Math.sign((b[i] ?? 0) - (b[j] ?? 0));
      agreement += signA * signB;
      untiedA += signA * signA;
      untiedB += signB * signB;
    }
  }
  return agreement / Math.sqrt(untiedA * untiedB);
}
