/** Lets the lines of a list slide from their old places to their new ones. */

const DURATION_MS = 320;

/** Where each line stands, by its `data-document`. */
export type LinePositions = ReadonlyMap<string, number>;

/** @returns pixels from the top of the list */
export function positionsOf(list: Element): LinePositions {
  const { top } = list.getBoundingClientRect();
  return new Map(linesOf(list).map((line) => [keyOf(line), line.getBoundingClientRect().top - top]));
}

/** Call after the new order stands in the document; does nothing for users who want less motion. */
export function slideFrom(before: LinePositions, list: Element): void {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const after = positionsOf(list);
  for (const line of linesOf(list)) {
    const distance = (before.get(keyOf(line)) ?? Number.NaN) - (after.get(keyOf(line)) ?? Number.NaN);
    if (!Number.isFinite(distance) || distance === 0) continue;
    line.animate([{ transform: `translateY(${distance}px)` }, { transform: "none" }], {
      duration: DURATION_MS,
      easing: "cubic-bezier(0.2, 0, 0, 1)",
    });
  }
}

function linesOf(list: Element): readonly HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>(":scope > [data-document]")];
}

function keyOf(line: HTMLElement): string {
  return line.dataset["document"] ?? "";
}
