import type { ReactiveController, ReactiveControllerHost } from "lit";

/** Keeps the keyboard's place in an element whose buttons come and go. */
export class KeptFocus implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  /** Whom the focus goes to, the first that is there. */
  readonly #selectors: readonly string[];
  #hadFocus = false;

  constructor(host: ReactiveControllerHost & HTMLElement, selectors: readonly string[]) {
    this.#host = host;
    this.#selectors = selectors;
    host.addController(this);
  }

  hostUpdate(): void {
    this.#hadFocus = this.#host.contains(document.activeElement);
  }

  hostUpdated(): void {
    if (!this.#hadFocus || this.#host.contains(document.activeElement)) return;
    const next = this.#selectors.map((selector) => this.#host.querySelector<HTMLElement>(selector));
    next.find((element) => element !== null)?.focus();
  }
}
