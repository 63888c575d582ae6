import { arrange, isKeptByMarkers, reorder, slide } from "./host-list.ts";
import { HostOrder } from "./host-order.ts";
import type { ListWatch } from "./list-watch.ts";

/** Tells an item's rank before ours, for a page's style sheet to show. */
const RANK = "data-sunwi-rank";

/** What was put into a list. */
export interface Placed {
  readonly query: string;
  /** The page's order, and ours. */
  readonly before: readonly Element[];
  readonly after: readonly Element[];
  /** What was read in each of `before`. */
  readonly texts: readonly string[];
  /** Unless the visitor wanted the page's. */
  readonly isShown: boolean;
}

/** Shows one order or the other, and keeps to the page's own when the page changes it meanwhile. */
export class PlacedOrder {
  readonly #watch: ListWatch;
  readonly #showsRank: boolean;
  readonly #host = new HostOrder();
  #placed: Placed | undefined;

  constructor(watch: ListWatch, showsRank: boolean) {
    this.#watch = watch;
    this.#showsRank = showsRank;
  }

  /** Undefined where the list stands as the page had it. */
  get placed(): Placed | undefined {
    return this.#placed;
  }

  /** In the page's order. */
  sort(items: readonly Element[]): readonly Element[] {
    return this.#host.sort(items);
  }

  show(placed: Placed): void {
    const [parent] = placed.before.map(({ parentNode }) => parentNode);
    if (!parent) return;
    const { before, after, isShown } = placed;
    const inPage = [...before].sort((a, b) =>
      a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1,
    );
    this.#placed = placed;
    this.#watch.ignore(() => {
      slide(inPage, () => {
        if (isShown) {
          this.#host.leave(parent);
          reorder(inPage, after);
        } else this.#putBack(before);
      });
    });
    for (const [at, item] of before.entries()) {
      if (isShown && this.#showsRank) item.setAttribute(RANK, String(at + 1));
      else item.removeAttribute(RANK);
    }
  }

  /** What the page changed. @returns whether its own order is shown again, for there are other results or another query */
  follow(records: readonly MutationRecord[], query: string): boolean {
    if (this.#placed === undefined) return false;
    const isDisturbed = this.#host.replay(records, this.#placed.before);
    if (!isDisturbed && query === this.#placed.query) return false;
    this.restore();
    return true;
  }

  /** Before the page searches. Lit leaves a result where it already stands before the one that it should, in whatever order. */
  prepare(): void {
    if (this.#placed !== undefined && isKeptByMarkers(this.#placed.before)) this.restore();
  }

  /** The page's own order, at once and for good. */
  restore(): void {
    this.#watch.catchUp();
    const { before } = this.#placed ?? { before: [] };
    this.#placed = undefined;
    this.#watch.ignore(() => {
      this.#putBack(before);
    });
    for (const item of before) item.removeAttribute(RANK);
  }

  #putBack(items: readonly Element[]): void {
    this.#host.restore((parent, nodes) => {
      arrange(parent, nodes, items);
    });
  }
}
