import { html, nothing, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import type { Messages } from "../messages/ko.ts";
import type { ConsentQuestion } from "./remote-consent.ts";

/** Names what is about to leave the device, and where it goes. */
export function consentNotice(question: ConsentQuestion | undefined, t: Messages): TemplateResult | typeof nothing {
  if (question === undefined) return nothing;
  const { hosts, questions, candidates, origin, hasLocal, answer } = question;
  return html`
    <div
      class="notice warning consent"
      role="alertdialog"
      tabindex="-1"
      aria-labelledby="consent-title"
      aria-describedby="consent-text"
      ${ref(focus)}
    >
      <p class="notice-title" id="consent-title">${t.remote.consentTitle(hosts.join(", "))}</p>
      <p id="consent-text">${t.remote.consent(questions, candidates)} ${origin ? t.remote.consentOrigin : nothing}</p>
      <div class="actions">
        ${button(t.remote.agree, "primary", () => {
          answer("all");
        })}
        ${
          hasLocal
            ? button(t.remote.without, "", () => {
                answer("local");
              })
            : nothing
        }
        ${button(t.remote.decline, "quiet", () => {
          answer("none");
        })}
      </div>
    </div>
  `;
}

function button(label: string, kind: string, run: () => void): TemplateResult {
  return html`
    <button
      type="button"
      class="button ${kind}"
      @click=${(event: Event) => {
        // The question goes away, and the focus with it.
        const section = (event.currentTarget as HTMLElement).closest("section");
        section?.querySelector<HTMLElement>("button[type=submit]")?.focus();
        run();
      }}
    >
      ${label}
    </button>
  `;
}

/** The question itself, not an answer: Enter may still be held down from what asked for the comparison. */
function focus(element: Element | undefined): void {
  // It is not on the page yet.
  queueMicrotask(() => {
    if (element instanceof HTMLElement) element.focus();
  });
}
