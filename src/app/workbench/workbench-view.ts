import { html, nothing, type TemplateResult } from "lit";
import { formatFor } from "../format.ts";
import { errorNotice } from "../notice.ts";
import type { Watchable } from "../observable.ts";
import { progressLine } from "../progress-line.ts";
import { METRIC_CUTS, METRIC_FAMILIES } from "../../eval/metrics.ts";
import { consentNotice } from "./consent-notice.ts";
import { CANDIDATE_CHOICES, type WorkbenchSettings } from "./workbench-settings.ts";
import { WorkbenchElement } from "./workbench-element.ts";

/** Should I rerank, with what, and what does it cost? Data, models, a run, and what came of it. */
export class WorkbenchView extends WorkbenchElement {
  protected override watched(): readonly Watchable[] {
    const { dataset, settings, models, run, unfinished, report, remote } = this.workbench;
    const { shelf, added } = this.app.library;
    return [dataset, settings, models, run, unfinished, report, shelf, added, remote.endpoints, remote.consent.asked];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.workbench.start();
    void this.app.library.refresh();
  }

  protected override render(): TemplateResult {
    const { t, app, workbench } = this;
    return html`
      <h2>${t.workbench.heading}</h2>
      <p class="lead">${t.workbench.intro}</p>
      ${this.#unfinished()}
      <sunwi-workbench-input .app=${app} .workbench=${workbench}></sunwi-workbench-input>
      <sunwi-workbench-remote .app=${app} .workbench=${workbench}></sunwi-workbench-remote>
      ${this.#setup()}
      <sunwi-workbench-result .app=${app} .workbench=${workbench}></sunwi-workbench-result>
    `;
  }

  #unfinished(): TemplateResult | typeof nothing {
    const { workbench: t } = this.t;
    const session = this.workbench.unfinished.value;
    if (session === undefined) return nothing;
    return html`
      <div class="notice warning" role="status">
        <p>${t.unfinished(session.files[0]?.path ?? "")}</p>
        <div class="actions">
          <button type="button" class="button primary" @click=${() => void this.workbench.resume()}>${t.resume}</button>
          <button type="button" class="button quiet" @click=${() => void this.workbench.forgetUnfinished()}>
            ${t.forget}
          </button>
        </div>
      </div>
    `;
  }

  #setup(): TemplateResult {
    const { workbench: t } = this.t;
    const { dataset, models, run } = this.workbench;
    const { type } = run.value;
    const isRunning = type === "loading" || type === "scoring" || type === "judging";
    const isReady = dataset.value !== undefined && models.value.length > 0;
    return html`
      <section class="card" aria-labelledby="workbench-run-heading">
        <h3 id="workbench-run-heading">${t.runHeading}</h3>
        <form
          class="workbench-form"
          @submit=${(event: SubmitEvent) => {
            event.preventDefault();
            if (isRunning) this.workbench.pause();
            else void this.workbench.compare();
          }}
        >
          ${this.#modelChoice(isRunning)} ${this.#settings(isRunning)}
          <button type="submit" class="button ${isRunning ? "" : "primary"}" ?disabled=${!isReady}>
            ${isRunning ? t.pause : type === "paused" ? t.goOn : t.compare}
          </button>
        </form>
        ${consentNotice(this.workbench.remote.consent.asked.value, this.t)} ${this.#runState()}
      </section>
    `;
  }

  #modelChoice(isRunning: boolean): TemplateResult {
    const { workbench: t } = this.t;
    const chosen = new Set(this.workbench.models.value.map(({ url }) => url));
    return html`
      <fieldset class="workbench-models" ?disabled=${isRunning}>
        <legend>${t.models}</legend>
        ${[...this.app.library.usable, ...this.workbench.remote.choices].map(
          (model) => html`
            <label class="check">
              <input
                type="checkbox"
                .checked=${chosen.has(model.url)}
                @change=${() => {
                  this.workbench.toggle(model);
                }}
              />
              ${model.name}
            </label>
          `,
        )}
        <p class="hint">${t.moreModels} <a href="#models">${this.t.views.models}</a></p>
      </fieldset>
    `;
  }

  #settings(isRunning: boolean): TemplateResult {
    const { workbench: t } = this.t;
    const { metric, candidates, windows, origin } = this.workbench.settings.value;
    return html`
      <div class="workbench-settings">
        ${this.#metricChoice(metric)}
        <div class="field">
          <label for="workbench-candidates">${t.candidates}</label>
          <select
            id="workbench-candidates"
            ?disabled=${isRunning}
            @change=${(event: Event) => {
              this.workbench.change({ candidates: Number((event.target as HTMLSelectElement).value) });
            }}
          >
            ${CANDIDATE_CHOICES.map(
              (count) => html`<option value=${count} ?selected=${count === candidates}>${count}</option>`,
            )}
          </select>
        </div>
        <div class="workbench-also">
          ${this.#check(t.windows, windows, isRunning, (checked) => ({ windows: checked }))}
          ${this.#check(t.origin, origin, isRunning, (checked) => ({ origin: checked }))}
          <p class="hint">${t.originHelp}</p>
        </div>
      </div>
    `;
  }

  #check(
    label: string,
    checked: boolean,
    isRunning: boolean,
    choose: (checked: boolean) => Partial<WorkbenchSettings>,
  ): TemplateResult {
    return html`
      <label class="check">
        <input
          type="checkbox"
          .checked=${checked}
          ?disabled=${isRunning}
          @change=${(event: Event) => {
            this.workbench.change(choose((event.target as HTMLInputElement).checked));
          }}
        />
        ${label}
      </label>
    `;
  }

  #metricChoice(metric: string): TemplateResult {
    const { workbench: t } = this.t;
    return html`
      <div class="field">
        <label for="workbench-metric">${t.metric}</label>
        <select
          id="workbench-metric"
          @change=${(event: Event) => {
            this.workbench.change({ metric: (event.target as HTMLSelectElement).value });
          }}
        >
          ${METRIC_FAMILIES.map(
            (family) => html`
              <optgroup label=${t.families[family]}>
                ${METRIC_CUTS.map((cut) => {
                  const name = `${family}@${String(cut)}`;
                  return html`<option value=${name} ?selected=${name === metric}>${name}</option>`;
                })}
              </optgroup>
            `,
          )}
        </select>
      </div>
    `;
  }

  #runState(): TemplateResult | typeof nothing {
    const { t } = this;
    const { count } = formatFor(t.locale);
    const state = this.workbench.run.value;
    switch (state.type) {
      case "idle":
        return nothing;
      case "loading":
        return progressLine({ text: t.workbench.loading(state.model.name) }, t.workbench.loading(state.model.name));
      case "judging":
        return progressLine({ text: t.workbench.judging }, t.workbench.judging);
      case "scoring": {
        const { done, total, remainingMs, reused } = state.progress;
        const words = [
          `${state.model.name}${state.protocol === "origin" ? `, ${t.workbench.originPart}` : ""}: ${count(done)} / ${count(total)}`,
          remainingMs === undefined ? "" : t.workbench.remaining(remainingMs),
          reused === 0 ? "" : t.workbench.reused(reused),
        ].filter((part) => part !== "");
        return progressLine({ text: words.join(" · "), fraction: done / Math.max(1, total) }, t.workbench.scoring);
      }
      case "paused":
        return html`<p class="hint" role="status">${t.workbench.paused}</p>`;
      case "failed":
        return errorNotice(t.workbench.failed, state.error, t, {
          label: t.workbench.goOn,
          run: () => void this.workbench.compare(),
        });
    }
  }
}
