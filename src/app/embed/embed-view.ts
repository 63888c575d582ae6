import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { AppElement } from "../app-element.ts";
import { isHubModel } from "../models.ts";
import type { Watchable } from "../observable.ts";
import { CSP, embedSnippet, type EmbedChoice } from "./embed-snippet.ts";

/** Choose what the element does, see it on a small site, take its HTML along. */
export class EmbedView extends AppElement {
  static override properties: PropertyDeclarations = {
    ...AppElement.properties,
    copied: { state: true },
  };
  declare copied: "no" | "yes" | "refused";

  constructor() {
    super();
    this.copied = "no";
  }

  protected override watched(): readonly Watchable[] {
    const { embed, library } = this.app;
    return [embed, library.shelf, library.added];
  }

  protected override render(): TemplateResult {
    const { embed: t } = this.t;
    return html`
      <h2>${t.heading}</h2>
      <p class="lead">${t.intro}</p>
      ${this.#form()} ${this.#snippet()}
      <sunwi-embed-site .app=${this.app}></sunwi-embed-site>
      <sunwi-endpoint .app=${this.app}></sunwi-endpoint>
    `;
  }

  #change(change: Partial<EmbedChoice>): void {
    this.copied = "no";
    this.app.embed.set({ ...this.app.embed.value, ...change });
  }

  #form(): TemplateResult {
    const { embed: t } = this.t;
    const choice = this.app.embed.value;
    return html`
      <section class="card" aria-labelledby="embed-options-heading">
        <h3 id="embed-options-heading">${t.options}</h3>
        <form
          class="embed-form"
          @submit=${(event: Event) => {
            event.preventDefault();
          }}
        >
          ${this.#text("list", t.list, t.listHelp, choice.list)}
          ${this.#text("queryFrom", t.queryFrom, t.queryFromHelp, choice.queryFrom)}
          ${this.#text("items", t.items, t.itemsHelp, choice.items)}
          ${this.#text("text", t.text, t.textHelp, choice.text)} ${this.#modelField(choice)}
          ${this.#deviceField(choice)} ${this.#number("top", t.top, choice.top, [2, 200])}
          ${this.#number("budgetMs", t.budget, choice.budgetMs, [50, 60_000])}
          ${this.#number("consentMb", t.consent, choice.consentMb, [0, 10_000])}
          <div class="embed-checks">
            ${this.#check("showsRank", t.showsRank, choice.showsRank)}
            ${this.#check("appliesLate", t.appliesLate, choice.appliesLate)}
          </div>
        </form>
      </section>
    `;
  }

  #text(name: "list" | "queryFrom" | "items" | "text", label: string, help: string, value: string): TemplateResult {
    return html`
      <div class="field">
        <label for="embed-${name}">${label}</label>
        <input
          id="embed-${name}"
          type="text"
          spellcheck="false"
          autocapitalize="off"
          aria-describedby="embed-${name}-help"
          .value=${value}
          @change=${(event: Event) => {
            this.#change({ [name]: (event.target as HTMLInputElement).value.trim() });
          }}
        />
        <p id="embed-${name}-help" class="hint">${help}</p>
      </div>
    `;
  }

  #number(
    name: "top" | "budgetMs" | "consentMb",
    label: string,
    value: number | undefined,
    [least, most]: readonly [number, number],
  ): TemplateResult {
    return html`
      <div class="field">
        <label for="embed-${name}">${label}</label>
        <input
          id="embed-${name}"
          type="number"
          min=${least}
          max=${most}
          .value=${value === undefined ? "" : String(value)}
          @change=${(event: Event) => {
            const input = event.target as HTMLInputElement;
            const typed = Math.round(input.valueAsNumber);
            const kept = name === "consentMb" ? undefined : value;
            const chosen = Number.isNaN(typed) ? kept : Math.min(most, Math.max(least, typed));
            this.#change({ [name]: chosen });
            input.value = chosen === undefined ? "" : String(chosen);
          }}
        />
      </div>
    `;
  }

  #check(name: "showsRank" | "appliesLate", label: string, checked: boolean): TemplateResult {
    return html`
      <label class="check">
        <input
          type="checkbox"
          .checked=${checked}
          @change=${(event: Event) => {
            this.#change({ [name]: (event.target as HTMLInputElement).checked });
          }}
        />
        ${label}
      </label>
    `;
  }

  #modelField({ modelUrl }: EmbedChoice): TemplateResult {
    const { embed: t } = this.t;
    const { models, library } = this.app;
    return html`
      <div class="field">
        <label for="embed-model">${t.model}</label>
        <select
          id="embed-model"
          @change=${(event: Event) => {
            const { value } = event.target as HTMLSelectElement;
            this.#change({ modelUrl: value === "" ? undefined : value });
          }}
        >
          ${library.usable.map(({ name, url }) => {
            const value = url === models.embedded.url ? "" : url;
            return html`<option value=${value} ?selected=${(modelUrl ?? "") === value}>${name}</option>`;
          })}
        </select>
      </div>
    `;
  }

  #deviceField({ device }: EmbedChoice): TemplateResult {
    const { embed: t, model } = this.t;
    return html`
      <div class="field">
        <label for="embed-device">${t.device}</label>
        <select
          id="embed-device"
          @change=${(event: Event) => {
            this.#change({ device: (event.target as HTMLSelectElement).value as EmbedChoice["device"] });
          }}
        >
          ${(["auto", "webgpu", "wasm"] as const).map(
            (each) => html`<option value=${each} ?selected=${each === device}>${model.devices[each]}</option>`,
          )}
        </select>
      </div>
    `;
  }

  #snippet(): TemplateResult {
    const { embed: t } = this.t;
    const choice = this.app.embed.value;
    const snippet = embedSnippet(choice);
    return html`
      <section class="card" aria-labelledby="embed-snippet-heading">
        <h3 id="embed-snippet-heading">${t.snippet}</h3>
        <pre class="code" tabindex="0" aria-labelledby="embed-snippet-heading"><code>${snippet}</code></pre>
        <div class="actions">
          <button
            type="button"
            class="button primary"
            @click=${() => {
              void this.#copy(snippet);
            }}
          >
            ${t.copy}
          </button>
          <p class="hint" role="status">
            ${this.copied === "yes" ? t.copied : this.copied === "refused" ? t.copyRefused : nothing}
          </p>
        </div>
        ${choice.modelUrl?.startsWith("local:") === true ? html`<p class="notice warning">${t.localModel}</p>` : nothing}
        ${isHubModel(choice.modelUrl ?? "") ? html`<p class="notice warning">${t.hubModel}</p>` : nothing}
        <ul class="hint bullets">
          ${t.sources.map((line) => html`<li>${line}</li>`)}
        </ul>
        <p class="hint">${t.csp}</p>
        <pre class="code" tabindex="0" aria-label=${t.csp}><code>${CSP}</code></pre>
      </section>
    `;
  }

  async #copy(snippet: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(snippet);
      this.copied = "yes";
    } catch {
      // Refused, or not there outside secure contexts; the snippet can be selected.
      this.copied = "refused";
    }
  }
}
