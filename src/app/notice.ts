import { html, nothing, type TemplateResult } from "lit";
import type { RerankError } from "../core/errors.ts";
import { describeError } from "./describe-error.ts";
import type { Messages } from "./messages/ko.ts";

/** An error in words, with what was expected and found, and a way out where there is one. */
export function errorNotice(
  title: string,
  error: RerankError,
  t: Messages,
  retry?: { readonly label: string; readonly run: () => void },
): TemplateResult {
  const { text, facts } = describeError(error, t);
  return html`
    <div class="notice error" role="alert">
      <p class="notice-title">${title}</p>
      <p>${text}</p>
      ${
        facts.length === 0
          ? nothing
          : html`<dl class="notice-facts">
              ${facts.map(
                ({ label, value }) => html`
                  <dt>${label}</dt>
                  <dd><code>${value}</code></dd>
                `,
              )}
            </dl>`
      }
      ${
        retry === undefined
          ? nothing
          : html`<button type="button" class="button" @click=${retry.run}>${retry.label}</button>`
      }
    </div>
  `;
}
