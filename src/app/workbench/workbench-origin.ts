import { html, type TemplateResult } from "lit";
import type { OriginTable } from "../../eval/origin-text.ts";

/** What the origin's protocol came to, and what the origin says of itself. */
export function originSection({ title, intro, rows, claimsTitle, claims, notes }: OriginTable): TemplateResult {
  return html`
    <section aria-labelledby="origin-heading">
      <h4 id="origin-heading">${title}</h4>
      <p class="hint">${intro}</p>
      ${table(rows, title)}
      <p class="hint">${claimsTitle}</p>
      ${table(claims, claimsTitle)}
      <ul class="hint bullets">
        ${notes.map((note) => html`<li>${note}</li>`)}
      </ul>
    </section>
  `;
}

function table([header = [], ...rows]: readonly (readonly string[])[], label: string): TemplateResult {
  return html`
    <div class="table-scroll" role="region" aria-label=${label} tabindex="0">
      <table class="report">
        <thead>
          <tr>
            ${header.map((name, at) => html`<th scope="col" class=${at === 0 ? "" : "number"}>${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([name = "", ...values]) => html`
              <tr>
                <th scope="row">${name}</th>
                ${values.map((value) => html`<td class="number">${value === "" ? "—" : value}</td>`)}
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}
