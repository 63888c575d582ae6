import { html, nothing, type TemplateResult } from "lit";
import type { Watchable } from "../observable.ts";
import { reportPlots } from "./plots.ts";
import { WorkbenchElement } from "./workbench-element.ts";

/** The report's plots, each with what it shows in words. */
export class WorkbenchPlots extends WorkbenchElement {
  protected override watched(): readonly Watchable[] {
    return [this.workbench.report];
  }

  protected override render(): TemplateResult | typeof nothing {
    const report = this.workbench.report.value;
    if (report === undefined) return nothing;
    return html`
      ${reportPlots(report, this.t).map(
        ({ id, title, description, element }) => html`
          <details class="plot" ?open=${id === "cost"}>
            <summary>${title}</summary>
            <figure>
              <div class="plot-scroll" role="region" aria-label=${title} tabindex="0">${element}</div>
              <figcaption class="hint">${description}</figcaption>
            </figure>
          </details>
        `,
      )}
    `;
  }
}
