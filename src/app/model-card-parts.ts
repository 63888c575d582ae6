/** What a card shows of a model, without anything to press. */
import { html, nothing, type TemplateResult } from "lit";
import type { Device } from "../core/protocol.ts";
import type { App } from "./app.ts";
import { MEASURED_METRIC, type MeasuredQuality } from "./evaluation-log.ts";
import { formatFor } from "./format.ts";
import { likelyVariant } from "./likely-variant.ts";
import type { Messages } from "./messages/ko.ts";
import type { ListedModel, Presence } from "./model-list.ts";

export function presenceBadges(
  { isEmbedded }: ListedModel,
  { type, storedBytes, totalBytes }: Presence,
  isInUse: boolean,
  { models: t }: Messages,
): TemplateResult {
  const presence = type === "partial" ? t.presence.partial(storedBytes, totalBytes) : t.presence[type];
  return html`
    ${isInUse ? html`<span class="badge in-use">${t.inUse}</span>` : nothing}
    ${isEmbedded ? html`<span class="badge" title=${t.embeddedHelp}>${t.embedded}</span>` : nothing}
    ${isEmbedded && type !== "complete" ? nothing : html`<span class="badge presence-${type}">${presence}</span>`}
  `;
}

export function describedFacts({ choice, description }: ListedModel, device: Device, t: Messages): TemplateResult {
  if (description === undefined) return html`<p class="hint">${t.models.undescribed}</p>`;
  const { bytes, count } = formatFor(t.locale);
  const { licence, source, parameters, variants } = description;
  const wanted = likelyVariant(variants, device);
  return html`
    <dl class="facts">
      <dt>${t.model.source}</dt>
      <dd>${source}</dd>
      <dt>${t.model.licence}</dt>
      <dd>${licence === "" ? t.models.noLicence : licence}</dd>
      ${
        parameters === 0
          ? nothing
          : html`<dt>${t.model.parameters}</dt>
              <dd>${count(parameters)}</dd>`
      }
      <dt>${t.models.variants}</dt>
      <dd>
        ${variants.map(
          (variant) =>
            html`<div>
              ${variant.id} · ${bytes(variant.bytes)} · <span lang="en">${variant.precision}</span>
              ${variant === wanted ? html`<span class="badge">${t.models.forHere}</span>` : nothing}
            </div>`,
        )}
      </dd>
      <dt>${t.models.address}</dt>
      <dd>${choice.url.startsWith("local:") ? t.models.imported : choice.url.replace(/^transformers:\w+:/, "")}</dd>
    </dl>
  `;
}

/** Quality, speed and self-test, as they came out in this browser. */
export function measurements(app: App, { choice }: ListedModel, t: Messages): TemplateResult {
  const entries = app.evaluationLog.of(choice.url);
  return html`
    <section class="measured">
      <h5>${t.models.measured}</h5>
      ${selfTest(app, choice.url, t)}
      ${entries.length === 0 ? html`<p class="hint">${t.models.unmeasured}</p>` : qualityTable(entries, choice.name, t)}
    </section>
  `;
}

function selfTest({ models }: App, url: string, t: Messages): TemplateResult | typeof nothing {
  const state = models.state.value;
  if (state.type !== "ready" || url !== models.choice.value.url) return nothing;
  const { variant, selfTest: result } = state.model;
  return html`<p>
    <b>${t.models.selfTest}</b>
    ${
      result.pairs === 0
        ? t.models.sanityOnly(variant, result.elapsedMs)
        : t.models.selfTestOf(variant, result.pairs, result.maxError, result.elapsedMs)
    }
  </p>`;
}

function qualityTable(entries: readonly MeasuredQuality[], name: string, t: Messages): TemplateResult {
  const { measured, measuredColumns: columns } = t.models;
  return html`
    <div class="table-scroll" role="region" aria-label=${`${measured}: ${name}`} tabindex="0">
      <table class="report">
        <thead>
          <tr>
            <th scope="col">${columns.dataset}</th>
            <th scope="col" class="number">${MEASURED_METRIC}<br />${columns.firstStage}</th>
            <th scope="col" class="number">${MEASURED_METRIC}<br />${columns.best}</th>
            <th scope="col" class="cost">${columns.perQuery}<br />${columns.device}</th>
          </tr>
        </thead>
        <tbody>
          ${entries.map((entry) => qualityRow(entry, t))}
        </tbody>
      </table>
    </div>
  `;
}

function qualityRow(entry: MeasuredQuality, t: Messages): TemplateResult {
  const { decimal, elapsed, signed } = formatFor(t.locale);
  const { device } = entry;
  // Of the printed values, so that the reader's own subtraction agrees.
  const change = (Math.round(entry.best * 1000) - Math.round(entry.firstStage * 1000)) / 1000;
  const direction = change > 0 ? "up" : change < 0 ? "down" : "same";
  return html`
    <tr>
      <th scope="row">
        ${entry.dataset}<br /><small class="hint">${t.models.questions(entry.questions, entry.candidates)}</small>
      </th>
      <td class="number">${decimal(entry.firstStage, 3)}</td>
      <td class="number">
        ${decimal(entry.best, 3)} <small class="change ${direction}">${signed(change, 3)}</small>
        <small class="hint">${entry.isBlended ? t.models.blended : t.models.modelOnly}</small>
      </td>
      <td class="cost">
        ${elapsed(entry.msPerQuery)}<br />${
          device === "webgpu" || device === "wasm" ? t.model.devices[device] : device.toUpperCase()
        }
      </td>
    </tr>
  `;
}
