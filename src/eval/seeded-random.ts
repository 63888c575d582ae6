/** Uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * The same numbers for the same seed on every machine: mulberry32, 32 bits of state, good enough to resample with and
 * far from good enough to keep a secret.
 * @param seed a whole number; its lowest 32 bits count
 */
export function seededRandom(seed: number): Random {
  const bits = seededBits(seed);
  return () => bits() / 2 ** 32;
}

/** The same generator's 32 random bits at a time, as a whole number from 0 to 2³² - 1. */
export function seededBits(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
