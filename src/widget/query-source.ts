import { findDeep } from "./host-list.ts";

/** Where the visitor's query stands: a search box, or a parameter of the page's address ("?q"). */
export class QuerySource {
  readonly #from: string;
  readonly #root: Document;

  constructor(from: string, root: Document) {
    this.#from = from;
    this.#root = root;
  }

  /** "" where there is none. */
  read(): string {
    if (this.#from.startsWith("?")) return new URLSearchParams(location.search).get(this.#from.slice(1))?.trim() ?? "";
    const box = this.#box();
    return (box !== undefined && "value" in box ? box.value : (box?.textContent ?? "")).trim();
  }

  /** Whether an event comes from the search box. */
  isFrom(event: Event): boolean {
    const box = this.#box();
    return box !== undefined && event.composedPath().includes(box);
  }

  #box(): HTMLInputElement | HTMLTextAreaElement | HTMLElement | undefined {
    if (this.#from.startsWith("?")) return undefined;
    const found = findDeep(this.#from, this.#root);
    return found instanceof HTMLElement ? found : undefined;
  }
}
