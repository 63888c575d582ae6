/** How far a document moved between two orders; `by` counts ranks and is above 0 unless it stayed. */
export type Movement =
  | { readonly direction: "up"; readonly by: number }
  | { readonly direction: "down"; readonly by: number }
  | { readonly direction: "same"; readonly by: 0 };

/** @param before rank in the old order, from 1 @param after rank in the new one, from 1 */
export function movementBetween(before: number, after: number): Movement {
  if (after < before) return { direction: "up", by: before - after };
  if (after > before) return { direction: "down", by: after - before };
  return { direction: "same", by: 0 };
}
