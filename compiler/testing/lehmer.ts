/** Lehmer's generator with the factor of Park and Miller 1988. @returns numbers in (0, 1), the same for a seed */
export function lehmer(seed: number): () => number {
  const modulus = 2 ** 31 - 1;
  let state = seed;
  return () => {
    state = (state * 48_271) % modulus;
    return state / modulus;
  };
}
