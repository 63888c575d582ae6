import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { SystemSummary } from "../../eval/dataset-protocol.ts";
import {
  nameIn,
  originIn,
  shownMetrics,
  verdictIn,
  type ModelFacts,
  type WorkbenchReport,
} from "../../eval/workbench-report.ts";
import { pText } from "../../eval/verdict-text.ts";
import { formatFor } from "../format.ts";
import type { Watchable } from "../observable.ts";
import { describeSuspicion } from "./describe-suspicion.ts";
import { embedOf } from "./embed-of.ts";
import { exportActions } from "./export-actions.ts";
import { originSection } from "./workbench-origin.ts";
import { serviceName } from "./remote-models.ts";
import { sweepTable } from "./sweep-table.ts";
import { WorkbenchElement } from "./workbench-element.ts";

/** What came of a comparison: the verdict, the table, plots, questions, and earlier ones. */
export class WorkbenchResult extends WorkbenchElement {
  static override properties: PropertyDeclarations = { ...WorkbenchElement.properties, allMetrics: { state: true } };
  declare allMetrics: boolean;

  constructor() {
    super();
    this.allMetrics = false;
  }

  protected override watched(): readonly Watchable[] {
    const { report, suspicions, earlier } = this.workbench;
    return [report, suspicions, earlier];
  }

  protected override render(): TemplateResult {
    const report = this.workbench.report.value;
    return html` ${report === undefined ? nothing : this.#report(report)} ${this.#earlier()} `;
  }

  #report(report: WorkbenchReport): TemplateResult {
    const { t, app, workbench } = this;
    const { verdict } = report.judgement;
    const origin = originIn(report, t.locale);
    return html`
      <section class="card" aria-labelledby="workbench-result-heading">
        <h3 id="workbench-result-heading">${t.workbench.result}</h3>
        <p class="verdict workbench-verdict ${verdict?.type ?? ""}" role="status">${verdictIn(report, t.locale)}</p>
        ${this.#table(report)} ${this.#notes(report)} ${sweepTable(report, t)}
        ${origin === undefined ? nothing : originSection(origin)}
        <sunwi-workbench-plots .app=${app} .workbench=${workbench}></sunwi-workbench-plots>
        ${exportActions(report, workbench, t)} ${this.#embed(report)}
      </section>
      ${this.#suspicions()}
      <sunwi-workbench-questions .app=${app} .workbench=${workbench}></sunwi-workbench-questions>
    `;
  }

  /** What was measured, as the element's options. */
  #embed(report: WorkbenchReport): TemplateResult | typeof nothing {
    const { embed, models } = this.app;
    const measured = embedOf(report, models.embedded.url);
    if (measured === undefined) return nothing;
    return html`
      <a
        class="button"
        href="#embed"
        @click=${() => {
          embed.set({ ...embed.value, ...measured });
        }}
        >${this.t.embed.fromReport}</a
      >
    `;
  }

  #table(report: WorkbenchReport): TemplateResult {
    const { workbench: t } = this.t;
    const { judgement, receipt } = report;
    const [first] = judgement.systems;
    const metrics = this.allMetrics ? Object.keys(first?.metrics ?? {}) : shownMetrics(judgement);
    return html`
      <div class="table-scroll" role="region" aria-labelledby="workbench-result-heading" tabindex="0">
        <table class="report">
          <caption>
            ${t.caption(receipt.dataset.name, receipt.dataset.questions, receipt.candidates, judgement.ceiling)}
          </caption>
          <thead>
            <tr>
              <th scope="col">${t.columns.run}</th>
              ${metrics.map((name) => html`<th scope="col" class="number">${name}</th>`)}
              <th scope="col" class="number">${t.columns.difference(judgement.metric)}</th>
              <th scope="col" class="number">${t.columns.outcome}</th>
              <th scope="col" class="number">${t.columns.latency}</th>
              <th scope="col" class="cost">${t.columns.cost}</th>
            </tr>
          </thead>
          <tbody>
            ${judgement.systems.map((system) => this.#row(report, system, metrics))}
          </tbody>
        </table>
      </div>
      <button
        type="button"
        class="link"
        @click=${() => {
          this.allMetrics = !this.allMetrics;
        }}
      >
        ${this.allMetrics ? t.fewerMetrics : t.allMetrics}
      </button>
    `;
  }

  #row(report: WorkbenchReport, system: SystemSummary, metrics: readonly string[]): TemplateResult {
    const { locale, workbench: t } = this.t;
    const { decimal, signed, elapsed } = formatFor(locale);
    const { difference, latency } = system;
    const model = report.receipt.models.find(({ key }) => key === system.recipe.model);
    return html`
      <tr>
        <th scope="row">${nameIn(report, system, locale)}</th>
        ${metrics.map((name) => html`<td class="number">${decimal(system.metrics[name] ?? 0, 3)}</td>`)}
        <td class="number">
          ${
            difference === undefined
              ? "—"
              : html`<span
                    class="change ${difference.interval.low > 0 ? "up" : difference.interval.high < 0 ? "down" : "same"}"
                    >${signed(difference.mean, 3)}</span
                  >
                  <small class="hint"
                    >${signed(difference.interval.low, 3)} ~ ${signed(difference.interval.high, 3)}<br />p
                    ${pText(difference.correctedP)}</small
                  >`
          }
        </td>
        <td class="number">
          ${
            difference === undefined
              ? "—"
              : html`<span aria-label=${t.outcomeLabel(difference.wins, difference.ties, difference.losses)}
                  >${difference.wins}/${difference.ties}/${difference.losses}</span
                >`
          }
        </td>
        <td class="number">
          ${latency === undefined ? "—" : html`${elapsed(latency.median)} <small class="hint">p95 ${elapsed(latency.p95)}</small>`}
        </td>
        <td class="cost">${model === undefined ? "—" : this.#cost(model)}</td>
      </tr>
    `;
  }

  #cost({ downloadBytes, memoryBytes, device, variant, selfTest, service }: ModelFacts): TemplateResult {
    const { locale, workbench: t, remote } = this.t;
    if (service)
      return html`${service.host}<br /><small class="hint">${remote.cost(serviceName(service.kind))}</small>`;
    const { bytes } = formatFor(locale);
    const memory = memoryBytes === undefined ? "" : ` · ${t.memory(bytes(memoryBytes))}`;
    return html`
      ${bytes(downloadBytes)}${memory}<br />${this.#deviceName(device, variant)}<br /><small class="hint"
        >${t.selfTest(selfTest.maxError.toExponential(1), selfTest.pairs)}</small
      >
    `;
  }

  /** A variant is mostly called as its device is. */
  #deviceName(device: string, variant: string): string {
    const { devices } = this.t.model;
    const name = device === "webgpu" || device === "wasm" ? devices[device] : device;
    return variant === device ? name : `${name} · ${variant}`;
  }

  /** What the reader must know to read the table right. */
  #notes(report: WorkbenchReport): TemplateResult {
    const { judgement } = report;
    const { workbench: t, locale } = this.t;
    const { count, decimal, percent } = formatFor(locale);
    const { systems, comparison, ceiling } = judgement;
    const ties = systems.reduce((sum, system) => sum + system.ties, 0);
    const truncated = Math.max(0, ...systems.map((system) => system.truncated));
    const [best] = [...comparison.againstFirst].sort((a, b) => b.mean - a.mean);
    return html`
      <ul class="hint bullets">
        <li>${t.ceiling(decimal(ceiling, 3))}</li>
        ${best === undefined ? nothing : html`<li>${t.needed(best.needed.map(count), decimal(best.detectable, 3))}</li>`}
        ${ties === 0 ? nothing : html`<li>${t.ties(count(ties))}</li>`}
        ${truncated === 0 ? nothing : html`<li>${t.truncated(percent(truncated))}</li>`}
        ${comparison.amongOthers.map((difference) => {
          const [ours, theirs] = [difference.key, difference.against].map((key) => {
            const system = systems.find((each) => each.key === key);
            return system === undefined ? key : nameIn(report, system, locale);
          });
          const { low, high } = difference.interval;
          return html`<li>
            ${t.among(ours ?? "", theirs ?? "", this.#interval(difference.mean, low, high), pText(difference.correctedP))}
          </li>`;
        })}
      </ul>
    `;
  }

  #interval(mean: number, low: number, high: number): string {
    const { signed } = formatFor(this.t.locale);
    return `${signed(mean, 3)} (${signed(low, 3)} ~ ${signed(high, 3)})`;
  }

  #suspicions(): TemplateResult | typeof nothing {
    const { workbench: t } = this.t;
    const suspicions = this.workbench.suspicions.value;
    if (suspicions.length === 0) return nothing;
    return html`
      <section class="card" aria-labelledby="suspicions-heading">
        <h3 id="suspicions-heading">${t.suspicionsHeading(suspicions.length)}</h3>
        <ul class="hint bullets suspicions" tabindex="0" aria-labelledby="suspicions-heading">
          ${suspicions.slice(0, 50).map((suspicion) => html`<li>${describeSuspicion(suspicion, this.t)}</li>`)}
        </ul>
      </section>
    `;
  }

  #earlier(): TemplateResult | typeof nothing {
    const { workbench: t, locale } = this.t;
    const earlier = this.workbench.earlier.value;
    if (earlier.length === 0) return nothing;
    return html`
      <section class="card" aria-labelledby="earlier-heading">
        <h3 id="earlier-heading">${t.earlier}</h3>
        <ul class="earlier">
          ${earlier.map(
            (report) => html`
              <li>
                <button
                  type="button"
                  class="link"
                  @click=${() => {
                    this.workbench.showEarlier(report);
                  }}
                >
                  ${new Date(report.receipt.createdAt).toLocaleString(locale)} · ${report.receipt.dataset.name}
                </button>
                <span class="hint">${verdictIn(report, locale)}</span>
                <button
                  type="button"
                  class="link"
                  aria-label=${t.dropEarlier(report.receipt.dataset.name)}
                  @click=${() => void this.workbench.dropEarlier(report)}
                >
                  ${t.drop}
                </button>
              </li>
            `,
          )}
        </ul>
      </section>
    `;
  }
}
