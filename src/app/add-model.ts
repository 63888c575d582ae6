import { html, nothing, type TemplateResult } from "lit";
import type { ModelDescription } from "./added-models.ts";
import { AppElement } from "./app-element.ts";
import { readChosen } from "./dropped-files.ts";
import { KeptFocus } from "./kept-focus.ts";
import { describedFacts } from "./model-card-parts.ts";
import { presenceOf } from "./model-list.ts";
import { isHubModel } from "./models.ts";
import { errorNotice } from "./notice.ts";
import type { Watchable } from "./observable.ts";
import { progressLine } from "./progress-line.ts";
import { downloadConsent, transferLine } from "./transfer-parts.ts";

/** Ways to a model that the page does not know: an address, a repository of the hub, a folder. */
export class AddModel extends AppElement {
  constructor() {
    super();
    new KeptFocus(this, ["[data-question]", "#package-address"]);
  }

  protected override watched(): readonly Watchable[] {
    const { inquiry, library } = this.app;
    return [inquiry.state, library.intake, library.shelf, library.rate];
  }

  protected override render(): TemplateResult {
    const { add } = this.t.models;
    return html`
      <section class="card" aria-labelledby="add-heading">
        <h3 id="add-heading">${add.heading}</h3>
        ${this.#addressForm()} ${this.#answer()}
        <div class="actions">
          <label class="button file-button">
            <input type="file" class="visually-hidden" webkitdirectory @change=${this.#onFolder} />
            ${add.folder}
          </label>
          <span class="hint">${add.folderHint}</span>
        </div>
        ${this.#intake()}
      </section>
    `;
  }

  #addressForm(): TemplateResult {
    const { add } = this.t.models;
    const { inquiry } = this.app;
    return html`
      <form
        class="package-form"
        novalidate
        @submit=${(event: SubmitEvent) => {
          event.preventDefault();
          const address = new FormData(event.target as HTMLFormElement).get("address");
          void inquiry.ask(typeof address === "string" ? address : "");
        }}
      >
        <label for="package-address">${add.label}</label>
        <div class="package-address">
          <input
            id="package-address"
            name="address"
            type="text"
            inputmode="url"
            autocapitalize="off"
            autocomplete="off"
            spellcheck="false"
            placeholder=${add.placeholder}
            aria-describedby="package-help"
          />
          <button type="submit" class="button">${add.ask}</button>
        </div>
        <p id="package-help" class="hint">${add.help}</p>
      </form>
    `;
  }

  #answer(): TemplateResult | typeof nothing {
    const { t } = this;
    const { add } = t.models;
    const state = this.app.inquiry.state.value;
    switch (state.type) {
      case "open":
        return nothing;
      case "asking":
        return progressLine({ text: add.asking }, add.asking);
      case "refused":
        return errorNotice(add.refused, state.error, t);
      case "offered":
        return this.#offer(state.offer, state.choices);
    }
  }

  #offer(offer: ModelDescription, choices: readonly ModelDescription[]): TemplateResult {
    const { t } = this;
    const { inquiry, library } = this.app;
    const listed = library.listed.find(({ choice }) => choice.url === offer.url);
    const model = listed?.stored
      ? listed
      : { choice: { name: offer.name, url: offer.url }, isEmbedded: false, description: offer };
    return html`
      <div class="offered" role="group" aria-labelledby="offer-name">
        <p id="offer-name" class="offer-name" role="status">${offer.name}</p>
        ${isHubModel(offer.url) ? this.#precisions(offer, choices) : nothing}
        ${describedFacts(model, library.device, t)}
        ${downloadConsent(library, presenceOf(model, library.device), t, {
          agree: () => void inquiry.accept(true),
          cancel: () => {
            inquiry.cancel();
          },
        })}
        <button type="button" class="link" @click=${() => void inquiry.accept(false)}>${t.models.add.listOnly}</button>
      </div>
    `;
  }

  /** The same model, larger or smaller. */
  #precisions(offer: ModelDescription, choices: readonly ModelDescription[]): TemplateResult {
    const { add } = this.t.models;
    return html`
      <p class="notice">${add.viaTransformers}</p>
      <label for="precision">${add.precision}</label>
      <select
        id="precision"
        @change=${(event: Event) => {
          this.app.inquiry.choose((event.target as HTMLSelectElement).value);
        }}
      >
        ${choices.map(
          ({ url, variants: [variant] }) =>
            html`<option value=${url} ?selected=${url === offer.url}>
              ${add.precisionOf(variant?.precision ?? "", variant?.bytes ?? 0)}
            </option>`,
        )}
      </select>
    `;
  }

  readonly #onFolder = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    if (input.files !== null && input.files.length > 0) {
      void this.app.library.importFolder(readChosen(input.files));
    }
    // The same folder, mended, may be chosen again.
    input.value = "";
  };

  #intake(): TemplateResult | typeof nothing {
    const { t } = this;
    const { add } = t.models;
    const { library } = this.app;
    const intake = library.intake.value;
    if ("type" in intake) return nothing;
    const { name, transfer } = intake;
    const close = (label: string): TemplateResult => html`
      <button
        type="button"
        class="button"
        @click=${() => {
          library.cancelImport();
        }}
      >
        ${label}
      </button>
    `;
    return transfer.type === "running"
      ? html`<p>${add.importing(name)}</p>
          ${transferLine(transfer, add.importing(name), t)}
          <div class="actions">${close(add.stop)}</div>`
      : html`${errorNotice(add.importFailed(name), transfer.error, t)}
          <div class="actions">${close(add.close)}</div>`;
  }
}
