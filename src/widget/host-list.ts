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
  const moved = new Map(items.map((item) => [item, withMarkers(item)]));
  const slots = new Map([...moved.values()].map((nodes, at) => [nodes[0], order[at]]));
  const inSlots = new Set([...moved.values()].flat());
  const target = [...parent.childNodes].flatMap((node) => {
    const item = slots.get(node);
    if (item !== undefined) return moved.get(item) ?? [];
    return inSlots.has(node) ? [] : [node];
  });
  arrange(parent, target, items);
}

/**
 * A result with all that stands between the two comments that Lit keeps around each, for it moves and removes what it finds
 * there. They are a result's own where another comment, or nothing, follows on either side.
 */
function withMarkers(item: Element): readonly Node[] {
  const [start, end] = [beside(item, "previousSibling"), beside(item, "nextSibling")];
  const isOwn = isMarker(start.at(-1)) && isMarker(end.at(-1));
  const outer = isOwn && [beside(start.at(-1), "previousSibling").at(-1), beside(end.at(-1), "nextSibling").at(-1)];
  const isPair = outer && outer.every((node) => node === undefined || node instanceof Comment);
  return isPair ? [...start.reverse(), item, ...end] : [item];
}

/** Whether Lit keeps these results. */
export function isKeptByMarkers(items: readonly Element[]): boolean {
  return items.some((item) => withMarkers(item).length > 1);
}

/** What comes next to a node, nearest first, to the first that is more than white space. */
function beside(node: Node | undefined, side: "previousSibling" | "nextSibling"): Node[] {
  const next = node?.[side];
  if (!next) return [];
  const isBlank = next instanceof Text && next.data.trim() === "";
  return isBlank ? [next, ...beside(next, side)] : [next];
}

function isMarker(node: Node | undefined): boolean {
  return node instanceof Comment && node.data === "";
}

/** Puts children into an order; those that are a parent's no more are left out. @param items whose view is kept */
export function arrange(parent: Node, nodes: readonly Node[], items: readonly Element[]): void {
  const restore = rememberView(items);
  let next = parent.firstChild;
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else if (node.parentNode === parent) moveBefore(parent, node, next);
  }
  restore();
}

/** A move that browsers of today make without taking the item out of the page. */
function moveBefore(parent: Node, node: Node, before: Node | null): void {
  const { moveBefore: move } = parent as { moveBefore?: (node: Node, before: Node | null) => void };
  if (move !== undefined && node.isConnected) move.call(parent, node, before);
  else parent.insertBefore(node, before);
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
