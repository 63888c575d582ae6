/**
 * The order in which a page believes its list to stand while another is shown. Renderers that keep a list by keys (React,
 * Vue, Svelte) insert and move results before the ones they remember; such changes, replayed on the order that was left,
 * give the order that was meant, and the page as it stands does not.
 */
export class HostOrder {
  #parent: Node | undefined;
  #nodes: Node[] = [];

  /** Before the page's order is left. Nothing where it is left already. */
  leave(parent: Node): void {
    if (this.#parent === parent) return;
    this.#parent = parent;
    this.#nodes = [...parent.childNodes];
  }

  /**
   * What the page changed since.
   *
   * @param items results that were moved
   * @returns whether one of these was moved or removed, or a node came to stand among them
   */
  replay(records: readonly MutationRecord[], items: readonly Element[]): boolean {
    const own = records.filter(({ target }) => target === this.#parent);
    for (const record of own) this.#replay(record);
    const touched = own.flatMap(({ addedNodes, removedNodes }) => [...addedNodes, ...removedNodes]);
    const moved = new Set<Node>(items);
    const lastAt = this.#nodes.findLastIndex((node) => moved.has(node));
    const isAmong = (node: Node): boolean => {
      const at = this.#nodes.indexOf(node);
      return node instanceof Element && at >= 0 && at < lastAt;
    };
    return touched.some((node) => moved.has(node) || isAmong(node));
  }

  #replay({ addedNodes, removedNodes, nextSibling, previousSibling }: MutationRecord): void {
    const removed = new Set(removedNodes);
    this.#nodes = this.#nodes.filter((node) => !removed.has(node));
    if (addedNodes.length > 0) this.#nodes.splice(this.#placeOf(nextSibling, previousSibling), 0, ...addedNodes);
  }

  #placeOf(next: Node | null, previous: Node | null): number {
    const nextAt = next === null ? -1 : this.#nodes.indexOf(next);
    if (nextAt >= 0) return nextAt;
    const previousAt = next === null || previous === null ? -1 : this.#nodes.indexOf(previous);
    return previousAt >= 0 ? previousAt + 1 : this.#nodes.length;
  }

  /** In the page's order; as they come where that is shown. */
  sort(items: readonly Element[]): readonly Element[] {
    if (this.#parent === undefined || items[0]?.parentNode !== this.#parent) return items;
    const places = new Map(this.#nodes.map((node, at) => [node, at]));
    return [...items].sort((a, b) => (places.get(a) ?? Infinity) - (places.get(b) ?? Infinity));
  }

  /** Ends with the page's order. @param show puts the children into it */
  restore(show: (parent: Node, nodes: readonly Node[]) => void): void {
    if (this.#parent !== undefined) show(this.#parent, this.#nodes);
    this.#parent = undefined;
    this.#nodes = [];
  }
}
