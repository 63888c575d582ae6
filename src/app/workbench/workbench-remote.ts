import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { RerankError } from "../../core/errors.ts";
import { REMOTE_SERVICES, type RemoteKind } from "../../remote/services.ts";
import { failureOf, isExpectedEnd } from "../failures.ts";
import { errorNotice } from "../notice.ts";
import type { Watchable } from "../observable.ts";
import { checkField, keyField, kindField, textField } from "./remote-fields.ts";
import { choiceOf, type ConnectionTest, type RemoteEndpoint } from "./remote-models.ts";
import { WorkbenchElement } from "./workbench-element.ts";

type TestState =
  | { readonly type: "none" }
  | { readonly type: "testing" }
  | { readonly type: "answered"; readonly test: ConnectionTest }
  | { readonly type: "failed"; readonly error: RerankError; readonly while: "adding" | "testing" };

/** A form filled in with what a kind of service needs. */
function blank(kind: RemoteKind): RemoteEndpoint {
  const { url, scale } = REMOTE_SERVICES[kind];
  return { kind, url, model: "", scores: scale };
}

/** Rerankers behind HTTP: a form for one, and the list of those that were added. */
export class WorkbenchRemote extends WorkbenchElement {
  static override properties: PropertyDeclarations = {
    ...WorkbenchElement.properties,
    draft: { state: true },
    remember: { state: true },
    editing: { state: true },
    test: { state: true },
  };
  declare draft: RemoteEndpoint;
  declare remember: boolean;
  /** The id of the one that is being changed. */
  declare editing: string | undefined;
  declare test: TestState;
  #testing = new AbortController();

  constructor() {
    super();
    this.draft = blank("cohere");
    this.remember = false;
    this.test = { type: "none" };
  }

  protected override watched(): readonly Watchable[] {
    const { remote, run } = this.workbench;
    return [remote.endpoints, remote.remembered, run];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#testing.abort();
  }

  protected override render(): TemplateResult {
    const { remote: t } = this.t;
    const { type } = this.workbench.run.value;
    const isRunning = type === "loading" || type === "scoring" || type === "judging";
    return html`
      <section class="card" aria-labelledby="remote-heading">
        <h3 id="remote-heading">${t.heading}</h3>
        <p class="hint">${t.intro}</p>
        ${this.#list(isRunning)}
        <details>
          <summary>${t.open}</summary>
          ${this.#form(isRunning)}
        </details>
      </section>
    `;
  }

  #list(isRunning: boolean): TemplateResult | typeof nothing {
    const { remote: t } = this.t;
    const { remote } = this.workbench;
    if (remote.endpoints.value.length === 0) return nothing;
    return html`
      <ul class="remote-list" aria-label=${t.list}>
        ${remote.endpoints.value.map((endpoint) => this.#entry(endpoint, isRunning))}
      </ul>
      ${
        remote.remembered.value.length === 0
          ? nothing
          : html`<button
              type="button"
              class="link"
              @click=${() => {
                remote.forgetKeys();
              }}
            >
              ${t.forgetKeys}
            </button>`
      }
    `;
  }

  #entry(endpoint: RemoteEndpoint, isRunning: boolean): TemplateResult {
    const { remote: t } = this.t;
    const { name, url: id } = choiceOf(endpoint);
    const key = { remembered: t.keyRemembered, held: t.hasKey, none: t.noKey }[this.workbench.remote.keyState(id)];
    return html`
      <li>
        <strong>${name}</strong>
        <span class="badge">${REMOTE_SERVICES[endpoint.kind].name}</span>
        <span class="badge">${key}</span>
        <button
          type="button"
          class="link"
          aria-label=${t.edit(name)}
          ?disabled=${isRunning}
          @click=${() => {
            this.#edit(endpoint);
          }}
        >
          ${t.editShort}
        </button>
        <button
          type="button"
          class="link"
          aria-label=${t.remove(name)}
          ?disabled=${isRunning}
          @click=${() => {
            this.#remove(id);
          }}
        >
          ${t.removeShort}
        </button>
      </li>
    `;
  }

  #form(isRunning: boolean): TemplateResult {
    const { remote: t } = this.t;
    const change = (changes: Partial<RemoteEndpoint>): void => {
      this.#change(changes);
    };
    return html`
      <form
        class="remote-form"
        autocomplete="off"
        @submit=${(event: SubmitEvent) => {
          event.preventDefault();
          this.#add();
        }}
      >
        ${kindField(this.draft.kind, t, (kind) => {
          this.#changeKind(kind);
        })}
        ${textField("url", this.draft.url, true, t, change)}
        ${textField("model", this.draft.model, REMOTE_SERVICES[this.draft.kind].needsModel, t, change)} ${keyField(t)}
        <div class="remote-also">
          ${checkField(t.remember, this.remember, (checked) => {
            this.remember = checked;
          })}
          ${checkField(t.logits, this.draft.scores === "logit", (checked) => {
            this.#change({ scores: checked ? "logit" : "relevance" });
          })}
        </div>
        <div class="actions">
          <button type="submit" class="button" ?disabled=${isRunning}>
            ${this.editing === undefined ? t.add : t.save}
          </button>
          <button
            type="button"
            class="button quiet"
            ?disabled=${this.test.type === "testing"}
            @click=${() => void this.#try()}
          >
            ${t.test}
          </button>
        </div>
        <p class="hint">${t.testHelp}</p>
        ${this.#outcome()}
      </form>
    `;
  }

  #outcome(): TemplateResult | typeof nothing {
    const { remote: t } = this.t;
    switch (this.test.type) {
      case "none":
        return nothing;
      case "testing":
        return html`<p class="hint" role="status">${t.testing}</p>`;
      case "answered": {
        const { ms, right, wrong } = this.test.test;
        return html`<p class="hint" role="status">
          ${t.tested(ms, right, wrong)} ${right > wrong ? nothing : t.testedOdd}
        </p>`;
      }
      case "failed":
        return errorNotice(this.test.while === "adding" ? t.refused : t.testFailed, this.test.error, this.t);
    }
  }

  #change(changes: Partial<RemoteEndpoint>): void {
    this.#testing.abort();
    this.draft = { ...this.draft, ...changes };
    this.test = { type: "none" };
  }

  /** An address that the user typed stays. */
  #changeKind(kind: RemoteKind): void {
    const { url } = this.draft;
    const isOwn = url !== REMOTE_SERVICES[this.draft.kind].url;
    this.#change({ ...blank(kind), ...(isOwn && { url }) });
  }

  #edit(endpoint: RemoteEndpoint): void {
    this.#change(endpoint);
    this.editing = choiceOf(endpoint).url;
    this.remember = this.workbench.remote.keyState(this.editing) === "remembered";
    const form = this.querySelector("details");
    if (form) form.open = true;
    this.#keyInput()?.focus();
  }

  #remove(id: string): void {
    const chosen = this.workbench.models.value.find(({ url }) => url === id);
    if (chosen) this.workbench.toggle(chosen);
    this.workbench.remote.remove(id);
    if (this.editing === id) this.editing = undefined;
  }

  /** Puts it on the list and among the models to compare. */
  #add(): void {
    try {
      const key = this.#keyInput()?.value ?? "";
      const added = this.workbench.remote.add(this.draft, key, this.remember);
      if (this.editing !== undefined && this.editing !== added.url) this.#remove(this.editing);
      if (!this.workbench.models.value.some(({ url }) => url === added.url)) this.workbench.toggle(added);
      this.#change(blank(this.draft.kind));
      this.editing = undefined;
      this.remember = false;
      const input = this.#keyInput();
      if (input) input.value = "";
    } catch (error) {
      this.test = { type: "failed", error: failureOf(error), while: "adding" };
    }
  }

  async #try(): Promise<void> {
    if (this.querySelector("form")?.reportValidity() === false) return;
    this.#testing.abort();
    this.#testing = new AbortController();
    const { signal } = this.#testing;
    this.test = { type: "testing" };
    try {
      const test = await this.workbench.remote.test(this.draft, this.#keyInput()?.value ?? "", signal);
      if (!signal.aborted) this.test = { type: "answered", test };
    } catch (error) {
      if (isExpectedEnd(error) || signal.aborted) return;
      this.test = { type: "failed", error: failureOf(error), while: "testing" };
    }
  }

  #keyInput(): HTMLInputElement | null {
    return this.querySelector("#remote-key");
  }
}
