import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { DeviceChoice, LoadedModel } from "../core/protocol.ts";
import { AppElement } from "./app-element.ts";
import { formatFor } from "./format.ts";
import { loadProgress } from "./model-progress.ts";
import { errorNotice } from "./notice.ts";
import type { Watchable } from "./observable.ts";
import { packageInquiry } from "./package-form.ts";
import { progressLine } from "./progress-line.ts";

const DEVICES: readonly DeviceChoice[] = ["auto", "webgpu", "wasm"];
const OTHER = "other";

/** Which model runs on which device, and how it is. */
export class ModelPanel extends AppElement {
  protected override watched(): readonly Watchable[] {
    const { models, inquiry } = this.app;
    return [models.state, models.choice, models.choices, inquiry.state];
  }

  protected override render(): TemplateResult {
    const { model: t } = this.t;
    return html`
      <section class="card" aria-labelledby="model-heading">
        <h2 id="model-heading">${t.heading}</h2>
        <div class="field-row">${this.#modelSelect()} ${this.#deviceSelect()}</div>
        ${packageInquiry(this.app, this.t)} ${this.#state()}
      </section>
    `;
  }

  #modelSelect(): TemplateResult {
    const { model: t } = this.t;
    const { models, inquiry } = this.app;
    const choosing = inquiry.state.value.type !== "closed";
    const selected = choosing ? OTHER : models.choice.value.id;
    return html`
      <div class="field">
        <label for="model">${t.model}</label>
        <select
          id="model"
          .value=${live(selected)}
          @change=${(event: Event) => {
            this.#choose((event.target as HTMLSelectElement).value);
          }}
        >
          ${models.choices.value.map(
            ({ id, name }) => html`<option value=${id} ?selected=${id === selected}>${name}</option>`,
          )}
          <option value=${OTHER} ?selected=${choosing}>${t.other}</option>
        </select>
      </div>
    `;
  }

  #choose(id: string): void {
    const { models, inquiry } = this.app;
    const choice = models.choices.value.find((candidate) => candidate.id === id);
    if (choice === undefined) {
      inquiry.open();
    } else {
      inquiry.close();
      models.select(choice);
    }
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
            models.selectDevice(DEVICES.find((device) => device === value) ?? "auto");
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
    const { model: t, locale } = this.t;
    const { bytes } = formatFor(locale);
    const { pairs, maxError, tolerance } = model.selfTest;
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
        <dt>${t.facts.download}</dt>
        <dd>${bytes(model.downloadBytes)}</dd>
        <dt>${t.facts.test}</dt>
        <dd>${t.selfTestResult(pairs, maxError, tolerance)}</dd>
        <dt>${t.licence}</dt>
        <dd>${model.licence}</dd>
      </dl>
      ${
        model.device === "wasm" && model.threads === 1 && !crossOriginIsolated
          ? html`<p class="hint">${t.singleThread}</p>`
          : nothing
      }
    `;
  }
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
