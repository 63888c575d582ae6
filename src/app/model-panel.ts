import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { DeviceChoice, LoadedModel } from "../core/protocol.ts";
import { AppElement } from "./app-element.ts";
import { fallbackNotice } from "./fallback-notice.ts";
import type { Messages } from "./messages/ko.ts";
import { loadProgress } from "./model-progress.ts";
import { errorNotice } from "./notice.ts";
import type { Watchable } from "./observable.ts";
import { progressLine } from "./progress-line.ts";

const DEVICES: readonly DeviceChoice[] = ["auto", "webgpu", "wasm"];

/** Which model runs on which device, and how it is. */
export class ModelPanel extends AppElement {
  protected override watched(): readonly Watchable[] {
    const { models, library } = this.app;
    return [models.state, models.choice, models.fallback, library.shelf, library.added];
  }

  protected override render(): TemplateResult {
    const { model: t } = this.t;
    return html`
      <section class="card" aria-labelledby="model-heading">
        <h2 id="model-heading">${t.heading}</h2>
        <div class="field-row">${this.#modelSelect()} ${this.#deviceSelect()}</div>
        <a class="more" href="#models">${t.more}</a>
        ${fallbackNotice(this.app.models, this.t)} ${this.#state()}
      </section>
    `;
  }

  #modelSelect(): TemplateResult {
    const { model: t } = this.t;
    const { models, library } = this.app;
    const { url: selected } = models.choice.value;
    return html`
      <div class="field">
        <label for="model">${t.model}</label>
        <select
          id="model"
          .value=${live(selected)}
          @change=${(event: Event) => {
            const { value } = event.target as HTMLSelectElement;
            const choice = library.usable.find(({ url }) => url === value);
            if (choice !== undefined) models.select(choice);
          }}
        >
          ${library.usable.map(
            ({ url, name }) => html`<option value=${url} ?selected=${url === selected}>${name}</option>`,
          )}
        </select>
      </div>
    `;
  }

  #deviceSelect(): TemplateResult {
    const { model: t } = this.t;
    const { models } = this.app;
    return html`
      <div class="field">
        <label for="device">${t.device}</label>
        <select
          id="device"
          .value=${live(models.device)}
          @change=${(event: Event) => {
            const { value } = event.target as HTMLSelectElement;
            void models.selectDevice(DEVICES.find((device) => device === value) ?? "auto");
          }}
        >
          ${DEVICES.map(
            (device) =>
              html`<option value=${device} ?selected=${device === models.device}>${t.devices[device]}</option>`,
          )}
        </select>
      </div>
    `;
  }

  #state(): TemplateResult | typeof nothing {
    const { t } = this;
    const { models } = this.app;
    const state = models.state.value;
    switch (state.type) {
      case "idle":
      case "loading":
        return html`<div aria-busy="true">
          ${progressLine(loadProgress(state, t) ?? { text: t.model.loading }, t.model.loading)}
        </div>`;
      case "ready":
        return this.#ready(state.model);
      case "failed":
        return errorNotice(t.model.failed, state.error, t, {
          label: t.model.retry,
          run: () => {
            models.start();
          },
        });
      case "disposed":
        return nothing;
    }
  }

  #ready(model: LoadedModel): TemplateResult {
    const { model: t, models } = this.t;
    const { pairs, maxError, tolerance, elapsedMs } = model.selfTest;
    const place = model.device === "wasm" ? t.threads(model.threads) : model.adapter;
    return html`
      <p class="state-line ready" role="status">${t.ready}: ${model.name}</p>
      ${model.softwareAdapter ? html`<p class="notice warning">${t.softwareAdapter}</p>` : nothing}
      ${model.downgrades.map(({ from, reason }) => downgradeNotice(t.downgraded(from), t.reason, reason))}
      <dl class="facts">
        <dt>${t.facts.device}</dt>
        <dd>${[t.devices[model.device], ...(place === "" ? [] : [place])].join(" · ")}</dd>
        <dt>${t.facts.variant}</dt>
        <dd>${model.variant}</dd>
        <dt>${t.facts.runtime}</dt>
        <dd>ONNX Runtime Web (${model.runtime})</dd>
        <dt>${t.facts.files}</dt>
        <dd>${filesOrigin(model, t)}</dd>
        <dt>${t.facts.test}</dt>
        <dd>
          ${
            pairs === 0
              ? models.sanityOnly(model.variant, elapsedMs)
              : t.selfTestResult(pairs, maxError, tolerance, elapsedMs)
          }
        </dd>
        <dt>${t.licence}</dt>
        <dd>${model.licence === "" ? models.noLicence : model.licence}</dd>
      </dl>
      ${
        model.device === "wasm" && model.threads === 1 && !crossOriginIsolated
          ? html`<p class="hint">${t.singleThread}</p>`
          : nothing
      }
    `;
  }
}

/** How much came over the network for this load, and how much was here. */
function filesOrigin({ downloadBytes, transferredBytes }: LoadedModel, t: Messages["model"]): string {
  if (transferredBytes === 0) return t.fromDevice(downloadBytes);
  return transferredBytes >= downloadBytes
    ? t.fromNetwork(downloadBytes)
    : t.fromBoth(downloadBytes - transferredBytes, transferredBytes);
}

/** The worker's own words, in English, stay at hand for whoever wants to report them. */
function downgradeNotice(text: string, label: string, reason: string): TemplateResult {
  return html`
    <div class="notice warning">
      <p>${text}</p>
      <details>
        <summary>${label}</summary>
        <p lang="en"><code>${reason}</code></p>
      </details>
    </div>
  `;
}
