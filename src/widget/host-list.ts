/** The host's list: found, read and reordered, never rewritten. */

/** The first match in a tree and in the open shadow roots below it. */
export function findDeep(selector: string, root: Document | ShadowRoot): Element | null {
  const found = root.querySelector(selector);
  if (found !== null) return found;
  for (const { shadowRoot } of root.querySelectorAll("*")) {
    const deeper = shadowRoot === null ? null : findDeep(selector, shadowRoot);
    if (deeper !== null) return deeper;
  }
  return null;
}

/** Results in the page's order; those that have another parent than the first are left alone, for they cannot change places. */
export function itemsOf(list: Element, selector: string): readonly Element[] {
  const matching = [...list.querySelectorAll(selector)];
  const parent = matching[0]?.parentNode;
  return matching.filter((item) => item.parentNode === parent);
}

/** What a visitor reads of a result, white space folded. */
export function textOf(item: Element, selector: string | undefined): string {
  const parts = selector === undefined ? [item] : [...item.querySelectorAll(selector)];
  const texts = parts.map(({ textContent }) => textContent.replace(/\s+/g, " ").trim());
  return texts.filter((text) => text !== "").join("\n");
}

/**
 * Puts items into the places that they hold together, in another order. What stands between them stays where it is, and
 * so do focus, selection and scroll position.
 * @param items all of one parent, in the page's order
 * @param order the same items
 */
export function reorder(items: readonly Element[], order: readonly Element[]): void {
  const parent = items[0]?.parentNode;
  if (!(parent instanceof Node) || items.every((item, at) => item === order[at])) return;
  const restore = rememberView(items);
  const places = items.map((item) => parent.insertBefore(document.createComment(""), item));
  for (const [at, item] of order.entries()) {
    const place = places[at];
    if (place !== undefined && place.nextSibling !== item) moveBefore(parent, item, place.nextSibling);
  }
  for (const place of places) place.remove();
  restore();
}

/** A move that browsers of today make without taking the item out of the page. */
function moveBefore(parent: Node, item: Element, before: Node | null): void {
  const { moveBefore: move } = parent as { moveBefore?: (item: Node, before: Node | null) => void };
  if (move !== undefined && item.isConnected) move.call(parent, item, before);
  else parent.insertBefore(item, before);
}

/** @returns brings back focus, selection and scroll position where moving lost them */
function rememberView(items: readonly Element[]): () => void {
  const root = items[0]?.getRootNode();
  const active = root instanceof Document || root instanceof ShadowRoot ? root.activeElement : null;
  const focusedItem = items.find((item) => item.contains(active));
  const top = focusedItem?.getBoundingClientRect().top;
  const selection = document.getSelection();
  const { anchorNode, anchorOffset = 0, focusNode, focusOffset = 0 } = selection ?? {};
  const isSelected = anchorNode && focusNode && items.some((item) => item.contains(anchorNode));
  const { scrollX, scrollY } = window;
  return () => {
    if (focusedItem !== undefined && active instanceof HTMLElement && root instanceof Node) {
      if ((root as Document | ShadowRoot).activeElement !== active) active.focus({ preventScroll: true });
    }
    if (isSelected) selection?.setBaseAndExtent(anchorNode, anchorOffset, focusNode, focusOffset);
    if (focusedItem === undefined || top === undefined)
      window.scrollTo({ left: scrollX, top: scrollY, behavior: "instant" });
    else window.scrollBy({ top: focusedItem.getBoundingClientRect().top - top, behavior: "instant" });
  };
}

const SLIDE_MS = 260;

/** Lets items slide to their new places, unless the visitor wants no motion. @param move changes the order */
export function slide(items: readonly Element[], move: () => void): void {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
    move();
    return;
  }
  const before = items.map((item) => item.getBoundingClientRect());
  move();
  for (const [at, item] of items.entries()) {
    const [from, to] = [before[at], item.getBoundingClientRect()];
    if (from === undefined) continue;
    const [x, y] = [from.left - to.left, from.top - to.top];
    const isSeen = Math.min(from.top, to.top) < innerHeight && Math.max(from.bottom, to.bottom) > 0;
    if ((x === 0 && y === 0) || !isSeen) continue;
    item.animate([{ transform: `translate(${String(x)}px, ${String(y)}px)` }, { transform: "none" }], {
      duration: SLIDE_MS,
      easing: "ease-out",
    });
  }
}
