import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { AppElement } from "./app-element.ts";
import { fallbackNotice } from "./fallback-notice.ts";
import { formatFor } from "./format.ts";
import { KeptFocus } from "./kept-focus.ts";
import type { ShelfState } from "./model-library.ts";
import { errorNotice } from "./notice.ts";
import type { Watchable } from "./observable.ts";
import { progressLine } from "./progress-line.ts";

/** Every model: what it is, what of it is on this device, how good and fast it was here; and ways to get more. */
export class ModelsView extends AppElement {
  constructor() {
    super();
    new KeptFocus(this, ["#models-list-heading"]);
  }

  protected override watched(): readonly Watchable[] {
    const { library, models } = this.app;
    return [library.shelf, library.added, library.embedded, library.news, models.choice, models.fallback];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("visibilitychange", this.#onVisible);
    void this.app.library.refresh();
    void this.app.library.describeEmbedded();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("visibilitychange", this.#onVisible);
  }

  /** Meanwhile another tab may have downloaded or deleted something. */
  readonly #onVisible = (): void => {
    if (!document.hidden) void this.app.library.refresh();
  };

  protected override render(): TemplateResult {
    const { t, app } = this;
    const { library, models } = app;
    const news = library.news.value;
    return html`
      <h2>${t.models.heading}</h2>
      <p class="lead">${t.models.intro}</p>
      <p class="news" role="status">${news === undefined ? "" : t.models.news[news.type](news.name)}</p>
      ${fallbackNotice(models, t)} ${this.#shelf(library.shelf.value)}
      <h3 id="models-list-heading" class="visually-hidden" tabindex="-1">${t.models.list}</h3>
      <ul class="model-list" aria-labelledby="models-list-heading">
        ${repeat(
          library.listed,
          ({ choice }) => choice.url,
          (model) => html`<li><sunwi-model-card .app=${app} .model=${model}></sunwi-model-card></li>`,
        )}
      </ul>
      <sunwi-add-model .app=${app}></sunwi-add-model>
      ${this.#storage(library.shelf.value)}
    `;
  }

  #shelf(shelf: ShelfState): TemplateResult | typeof nothing {
    const { t } = this;
    switch (shelf.type) {
      case "unread":
        return progressLine({ text: t.models.reading }, t.models.reading);
      case "failed":
        return errorNotice(t.models.unreadable, shelf.error, t, {
          label: t.retry,
          run: () => void this.app.library.refresh(),
        });
      case "read":
        return nothing;
    }
  }

  #storage(shelf: ShelfState): TemplateResult | typeof nothing {
    if (shelf.type !== "read") return nothing;
    const { storage: t } = this.t.models;
    const { bytes } = formatFor(this.t.locale);
    const { usedBytes, freeBytes, storage } = shelf.usage;
    return html`
      <section class="card" aria-labelledby="storage-heading">
        <h3 id="storage-heading">${t.heading}</h3>
        <dl class="facts">
          <dt>${t.used}</dt>
          <dd>${bytes(usedBytes)}</dd>
          <dt>${t.free}</dt>
          <dd>${freeBytes === undefined ? t.unknown : bytes(freeBytes)}</dd>
          <dt>${t.place}</dt>
          <dd>${t.places[storage]}</dd>
          ${
            storage === "memory"
              ? nothing
              : html`<dt>${t.kept}</dt>
                  <dd>${shelf.isPersistent ? t.isKept : t.isNotKept}</dd>`
          }
        </dl>
      </section>
    `;
  }
}
