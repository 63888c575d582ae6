import { findDeep } from "./host-list.ts";

/** A page that takes longer to answer shows a new list, which is waited for then. */
const STILL_MS = 500;

export interface QueryHandlers {
  /** The visitor is about to search. */
  readonly focused: () => void;
  /** The query that was asked before is of no interest any more. */
  readonly typed: () => void;
  /** The visitor asked, and the page left its list as it is: it found the same. */
  readonly answered: () => void;
}

/** Where the visitor's query stands: a search box, or a parameter of the page's address ("?q"). */
export class QuerySource {
  readonly #from: string;
  readonly #root: Document;
  readonly #handlers: QueryHandlers;
  #still: ReturnType<typeof setTimeout> | undefined;
  /** What the visitor did last in the box. */
  #last: "nothing" | "typed" | "asked" = "nothing";
  /** Whether the page has answered to typing alone; else what stands in the box may not be asked yet. */
  #isInstant = false;

  constructor(from: string, root: Document, handlers: QueryHandlers) {
    this.#from = from;
    this.#root = root;
    this.#handlers = handlers;
  }

  start(): void {
    this.#root.addEventListener("focusin", this.#onFocus, true);
    this.#root.addEventListener("input", this.#onInput, true);
    this.#root.addEventListener("keydown", this.#onKey, true);
    this.#root.addEventListener("click", this.#onClick, true);
  }

  stop(): void {
    this.#root.removeEventListener("focusin", this.#onFocus, true);
    this.#root.removeEventListener("input", this.#onInput, true);
    this.#root.removeEventListener("keydown", this.#onKey, true);
    this.#root.removeEventListener("click", this.#onClick, true);
    clearTimeout(this.#still);
  }

  /** "" where there is none. */
  read(): string {
    if (this.#from.startsWith("?")) return new URLSearchParams(location.search).get(this.#from.slice(1))?.trim() ?? "";
    const box = this.#box();
    return (box !== undefined && "value" in box ? box.value : (box?.textContent ?? "")).trim();
  }

  /** To be told when the page has changed its list. */
  pageAnswered(): void {
    clearTimeout(this.#still);
    if (this.#last === "typed") this.#isInstant = true;
    this.#last = "nothing";
  }

  readonly #onFocus = (event: Event): void => {
    if (this.#isFrom(event)) this.#handlers.focused();
  };

  readonly #onInput = (event: Event): void => {
    if (!this.#isFrom(event)) return;
    this.#last = "typed";
    this.#handlers.typed();
    if (this.#isInstant) this.#awaitAnswer();
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.isComposing || !this.#isFrom(event)) return;
    this.#last = "asked";
    this.#awaitAnswer();
  };

  /** Perhaps a button beside the box. */
  readonly #onClick = (event: Event): void => {
    if (this.#last !== "typed" || this.#isFrom(event)) return;
    this.#last = "asked";
    this.#awaitAnswer();
  };

  #awaitAnswer(): void {
    clearTimeout(this.#still);
    this.#still = setTimeout(() => {
      this.#last = "nothing";
      this.#handlers.answered();
    }, STILL_MS);
  }

  #isFrom(event: Event): boolean {
    const box = this.#box();
    return box !== undefined && event.composedPath().includes(box);
  }

  #box(): HTMLInputElement | HTMLTextAreaElement | HTMLElement | undefined {
    if (this.#from.startsWith("?")) return undefined;
    const found = findDeep(this.#from, this.#root);
    return found instanceof HTMLElement ? found : undefined;
  }
}
