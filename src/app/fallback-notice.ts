import { html, nothing, type TemplateResult } from "lit";
import type { Messages } from "./messages/ko.ts";
import type { ModelController } from "./model-controller.ts";

/** Why the embedded model is in use instead of the one that was chosen, and the way back to that. */
export function fallbackNotice(models: ModelController, { models: t }: Messages): TemplateResult | typeof nothing {
  const fallback = models.fallback.value;
  if (fallback === undefined) return nothing;
  const { reason, choice } = fallback;
  return html`
    <div class="notice warning" role="status">
      <p>${t.fallback[reason](choice.name)}</p>
      ${
        reason === "tab-lost"
          ? html`<button
              type="button"
              class="button"
              @click=${() => {
                models.select(choice);
              }}
            >
              ${t.fallback.loadAnyway}
            </button>`
          : html`<a href="#models">${t.fallback.see}</a>`
      }
    </div>
  `;
}
