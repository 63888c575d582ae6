import { LitElement, type PropertyDeclarations } from "lit";
import type { App } from "./app.ts";
import { messagesFor } from "./messages/messages-for.ts";
import type { Messages } from "./messages/ko.ts";
import type { Watchable } from "./observable.ts";

/**
 * Base of the page's elements. They render into the document itself, so that one stylesheet serves all of them and
 * labels and descriptions work across them.
 */
export abstract class AppElement extends LitElement {
  static override properties: PropertyDeclarations = { app: { attribute: false } };
  declare app: App;
  #unsubscribe: readonly (() => void)[] = [];

  /** What the element shows; it renders anew after a change of any. */
  protected abstract watched(): readonly Watchable[];

  protected get t(): Messages {
    return messagesFor(this.app.preferences.value.locale);
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const render = (): void => {
      this.requestUpdate();
    };
    this.#unsubscribe = [this.app.preferences, ...this.watched()].map((state) => state.subscribe(render));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }
}
