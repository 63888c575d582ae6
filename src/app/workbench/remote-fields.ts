/** The fields of the form for a reranker behind HTTP. */
import { html, nothing, type TemplateResult } from "lit";
import { REMOTE_KINDS, REMOTE_SERVICES, type RemoteKind } from "../../remote/services.ts";
import type { Messages } from "../messages/ko.ts";
import type { RemoteEndpoint } from "./remote-models.ts";

type Words = Messages["remote"];

export function kindField(chosen: RemoteKind, t: Words, choose: (kind: RemoteKind) => void): TemplateResult {
  return html`
    <div class="field">
      <label for="remote-kind">${t.kind}</label>
      <select
        id="remote-kind"
        @change=${(event: Event) => {
          choose((event.target as HTMLSelectElement).value as RemoteKind);
        }}
      >
        ${REMOTE_KINDS.map(
          (kind) => html`<option value=${kind} .selected=${kind === chosen}>${REMOTE_SERVICES[kind].name}</option>`,
        )}
      </select>
    </div>
  `;
}

export function textField(
  name: "url" | "model",
  value: string,
  isRequired: boolean,
  t: Words,
  change: (changes: Partial<RemoteEndpoint>) => void,
): TemplateResult {
  return html`
    <div class="field">
      <label for="remote-${name}">${t[name]}</label>
      <input
        id="remote-${name}"
        type=${name === "url" ? "url" : "text"}
        ?required=${isRequired}
        autocomplete="off"
        spellcheck="false"
        placeholder=${isRequired ? nothing : t.modelOptional}
        .value=${value}
        @input=${(event: Event) => {
          change({ [name]: (event.target as HTMLInputElement).value });
        }}
      />
    </div>
  `;
}

/** What is typed stays in the field alone until it is used, and never comes back into it. */
export function keyField(t: Words): TemplateResult {
  return html`
    <div class="field">
      <label for="remote-key">${t.key}</label>
      <input id="remote-key" type="password" autocomplete="off" aria-describedby="remote-key-help" />
      <p class="hint" id="remote-key-help">${t.keyHelp}</p>
    </div>
  `;
}

export function checkField(label: string, checked: boolean, choose: (checked: boolean) => void): TemplateResult {
  return html`
    <label class="check">
      <input
        type="checkbox"
        .checked=${checked}
        @change=${(event: Event) => {
          choose((event.target as HTMLInputElement).checked);
        }}
      />
      ${label}
    </label>
  `;
}
