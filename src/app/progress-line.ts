import { html, nothing, type TemplateResult } from "lit";
import type { LoadProgress } from "./model-progress.ts";

/** Words with a bar below. */
export function progressLine({ text, fraction }: LoadProgress, label: string): TemplateResult {
  return html`
    <div class="progress-line">
      <p>${text}</p>
      ${progressBar(fraction, label)}
    </div>
  `;
}

/** @param fraction 0 to 1; the bar runs to and fro without one */
export function progressBar(fraction: number | undefined, label: string): TemplateResult {
  return html`<progress aria-label=${label} max="1" value=${fraction ?? nothing}></progress>`;
}
