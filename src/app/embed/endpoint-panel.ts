import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { AppElement } from "../app-element.ts";
import type { Watchable } from "../observable.ts";
import type { EndpointState } from "./endpoint-controller.ts";
import { endpointSnippets, EXAMPLE_CALL } from "./endpoint-snippet.ts";

type Trial =
  | { readonly type: "none" }
  | { readonly type: "calling" }
  | { readonly type: "answered"; readonly status: number; readonly ms: number; readonly body: string }
  | { readonly type: "failed"; readonly reason: string };

/** Turns the page's API on and off, tells how to call it, and calls it. */
export class EndpointPanel extends AppElement {
  static override properties: PropertyDeclarations = {
    ...AppElement.properties,
    copied: { state: true },
    trial: { state: true },
  };
  declare copied: "no" | "yes" | "refused";
  declare trial: Trial;

  constructor() {
    super();
    this.copied = "no";
    this.trial = { type: "none" };
  }

  protected override watched(): readonly Watchable[] {
    const { endpoint } = this.app;
    return [endpoint.state, endpoint.threads];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.app.endpoint.inspectThreads();
  }

  protected override render(): TemplateResult {
    const { endpoint: t } = this.t;
    const state = this.app.endpoint.state.value;
    return html`
      <section class="card endpoint" aria-labelledby="endpoint-heading">
        <h3 id="endpoint-heading">${t.heading}</h3>
        <p class="hint">${t.intro}</p>
        ${
          state.type === "unavailable"
            ? html`<p class="notice warning">${t.unavailable}</p>`
            : [this.#switch(state), this.#examples(), this.#trial(state)]
        }
        <ul class="hint bullets">
          ${t.notes.map((line) => html`<li>${line}</li>`)}
        </ul>
        ${state.type === "unavailable" ? nothing : this.#threads()}
      </section>
    `;
  }

  #switch(state: EndpointState): TemplateResult {
    const { endpoint: t } = this.t;
    const { endpoint, preferences } = this.app;
    return html`
      <label class="check">
        <input
          type="checkbox"
          role="switch"
          .checked=${live(preferences.value.endpoint)}
          @change=${(event: Event) => {
            void endpoint.setServing((event.target as HTMLInputElement).checked);
          }}
        />
        ${t.switchOn}
      </label>
      <p class="hint endpoint-state" role="status" data-state=${state.type}>${this.#stateText(state)}</p>
      ${
        state.type === "serving" && state.lastProblem
          ? html`
              <details>
                <summary>${t.lastProblem(state.lastProblem.status)}</summary>
                <pre class="code"><code>${state.lastProblem.body}</code></pre>
              </details>
            `
          : nothing
      }
    `;
  }

  #stateText(state: EndpointState): string {
    const { endpoint: t } = this.t;
    switch (state.type) {
      case "unavailable":
        return t.unavailable;
      case "off":
        return t.off;
      case "starting":
        return t.starting;
      case "serving":
        return t.serving(state.answered);
      case "failed":
        return t.failed(state.reason);
    }
  }

  #examples(): TemplateResult {
    const { endpoint: t } = this.t;
    const { baseUrl } = this.app.endpoint;
    return html`
      ${this.#code("base", t.base, baseUrl)}
      ${endpointSnippets(baseUrl).map(([name, code]) => this.#code(name, t.examples[name], code))}
      <p class="hint" role="status">
        ${this.copied === "yes" ? t.copied : this.copied === "refused" ? t.copyRefused : nothing}
      </p>
    `;
  }

  #code(name: string, label: string, code: string): TemplateResult {
    const { endpoint: t } = this.t;
    return html`
      <div class="field">
        <div class="field-head">
          <h4 id="endpoint-${name}">${label}</h4>
          <button
            type="button"
            class="link"
            @click=${() => {
              void this.#copy(code);
            }}
          >
            ${t.copy(label)}
          </button>
        </div>
        <pre class="code" tabindex="0" aria-labelledby="endpoint-${name}"><code>${code}</code></pre>
      </div>
    `;
  }

  #trial(state: EndpointState): TemplateResult {
    const { endpoint: t } = this.t;
    const { trial } = this;
    return html`
      <div class="actions">
        <button
          type="button"
          class="button primary"
          ?disabled=${state.type !== "serving" || trial.type === "calling"}
          @click=${() => {
            void this.#call();
          }}
        >
          ${t.tryIt}
        </button>
        <p id="endpoint-answer" class="hint" role="status">
          ${
            trial.type === "calling"
              ? t.trying
              : trial.type === "answered"
                ? t.answer(trial.status, trial.ms)
                : trial.type === "failed"
                  ? `${t.noAnswer} (${trial.reason})`
                  : nothing
          }
        </p>
      </div>
      ${
        trial.type === "answered"
          ? html`<pre class="code" tabindex="0" aria-labelledby="endpoint-answer"><code>${trial.body}</code></pre>`
          : nothing
      }
    `;
  }

  #threads(): TemplateResult | typeof nothing {
    const { endpoint: t } = this.t;
    const { endpoint, preferences } = this.app;
    const threads = endpoint.threads.value;
    if (threads === "unknown" || threads === "host") return nothing;
    return html`
      <div class="field">
        <label class="check">
          <input
            type="checkbox"
            role="switch"
            aria-describedby="endpoint-threads-help"
            .checked=${live(preferences.value.threads)}
            @change=${(event: Event) => {
              void endpoint.setThreads((event.target as HTMLInputElement).checked);
            }}
          />
          ${t.threads}
        </label>
        <p id="endpoint-threads-help" class="hint">${t.threadsHelp[threads]}</p>
      </div>
    `;
  }

  /** A real request, through the network's door. */
  async #call(): Promise<void> {
    this.trial = { type: "calling" };
    const startMs = performance.now();
    try {
      const response = await fetch(`${this.app.endpoint.baseUrl}v2/rerank`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(EXAMPLE_CALL),
      });
      const text = await response.text();
      const ms = Math.round(performance.now() - startMs);
      this.trial = { type: "answered", status: response.status, ms, body: indented(text) };
    } catch (error) {
      this.trial = { type: "failed", reason: error instanceof Error ? error.message : String(error) };
    }
  }

  async #copy(code: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(code);
      this.copied = "yes";
    } catch {
      // Refused, or not there outside secure contexts; the code can be selected.
      this.copied = "refused";
    }
  }
}

/** What is not JSON is shown as it came. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
