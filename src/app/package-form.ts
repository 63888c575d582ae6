import { html, nothing, type TemplateResult } from "lit";
import type { App } from "./app.ts";
import { formatFor } from "./format.ts";
import type { Messages } from "./messages/ko.ts";
import { errorNotice } from "./notice.ts";
import type { PackageInquiry } from "./package-inquiry.ts";
import type { PackageOffer } from "./package-offer.ts";
import { progressLine } from "./progress-line.ts";

/** The form for a model package of the user's own, and what the package says of itself. */
export function packageInquiry({ inquiry }: App, t: Messages): TemplateResult | typeof nothing {
  const state = inquiry.state.value;
  if (state.type === "closed") return nothing;
  const accept = (): void => {
    inquiry.accept();
  };
  return html`
    ${addressForm(inquiry, t)}
    ${state.type === "asking" ? progressLine({ text: t.model.asking }, t.model.asking) : nothing}
    ${state.type === "refused" ? errorNotice(t.model.refused, state.error, t) : nothing}
    ${state.type === "offered" ? offerCard(state.offer, t, accept) : nothing}
  `;
}

function addressForm(inquiry: PackageInquiry, { model }: Messages): TemplateResult {
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
      <div class="field">
        <label for="package-address">${model.address}</label>
        <input
          id="package-address"
          name="address"
          type="url"
          inputmode="url"
          autocomplete="off"
          spellcheck="false"
          placeholder="https://"
          aria-describedby="package-help"
        />
        <p id="package-help" class="hint">${model.addressHelp}</p>
      </div>
      <div class="actions">
        <button type="submit" class="button">${model.ask}</button>
        <button
          type="button"
          class="button quiet"
          @click=${() => {
            inquiry.close();
          }}
        >
          ${model.cancel}
        </button>
      </div>
    </form>
  `;
}

function offerCard(
  { name, licence, source, parameters, downloads }: PackageOffer,
  { model, locale }: Messages,
  accept: () => void,
): TemplateResult {
  const { bytes, count } = formatFor(locale);
  return html`
    <div class="offer" role="group" aria-labelledby="offer-name">
      <p id="offer-name" class="offer-name" role="status">${name}</p>
      <dl class="facts">
        <dt>${model.licence}</dt>
        <dd>${licence}</dd>
        <dt>${model.source}</dt>
        <dd>${source}</dd>
        <dt>${model.parameters}</dt>
        <dd>${count(parameters)}</dd>
        <dt>${model.download}</dt>
        <dd>
          ${downloads.map(
            (download) =>
              html`<div>${model.devices[download.device]} ${bytes(download.bytes)} (${download.precision})</div>`,
          )}
        </dd>
      </dl>
      <button type="button" class="button primary" @click=${accept}>${model.accept}</button>
    </div>
  `;
}
