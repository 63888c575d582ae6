import { html, nothing, type TemplateResult } from "lit";
import { formatFor } from "./format.ts";
import type { Messages } from "./messages/ko.ts";
import type { Movement } from "./movement.ts";
import type { ResultRow } from "./result-rows.ts";
import type { SearchHit } from "./search-controller.ts";
import { excerptOf, markMatches, splitTitle, type TitledText } from "./text-pieces.ts";

/** Characters of a document that a list shows unasked: about three lines. */
const EXCERPT_LENGTH = 90;

export interface HitContext {
  readonly t: Messages;
  readonly query: string;
  /** Whether the order goes by the blended score. */
  readonly blended: boolean;
  readonly isExpanded: (hit: SearchHit) => boolean;
  readonly toggle: (hit: SearchHit) => void;
}

/** A line of the list before reranking. */
export function firstStageItem(hit: SearchHit, rank: number, context: HitContext): TemplateResult {
  const { t } = context;
  const { decimal } = formatFor(t.locale);
  return html`
    <li class="hit">
      ${rankCell(rank, t)}
      <div class="hit-body">
        ${hitText(hit, context)}
        <div class="hit-footer">
          <p class="hit-facts">
            ${answerBadge(hit, t)}
            ${
              hit.score === undefined
                ? nothing
                : html`<span>${t.search.firstStage} <b class="number">${decimal(hit.score, 1)}</b></span>`
            }
          </p>
          ${moreButton(hit, rank, context)}
        </div>
      </div>
    </li>
  `;
}

/** A line of the list after reranking, or of its place-holder while there are no scores. */
export function rerankedItem(row: ResultRow, context: HitContext): TemplateResult {
  const { t } = context;
  const { hit, rank, firstStageRank, scored } = row;
  return html`
    <li class="hit" data-document=${hit.id}>
      ${rankCell(rank, t, scored?.movement)}
      <div class="hit-body">
        ${hitText(hit, context)}
        <div class="hit-footer">
          <p class="hit-facts">
            ${answerBadge(hit, t)}
            ${scored === undefined ? nothing : html`<span>${t.search.wasRank(firstStageRank)}</span>`}
            ${scored === undefined ? nothing : scoreFacts(scored.ranked, context)}
          </p>
          ${moreButton(hit, rank, context)}
        </div>
      </div>
    </li>
  `;
}

function scoreFacts(
  { relevanceScore, logit, orderScore, truncated }: NonNullable<ResultRow["scored"]>["ranked"],
  { t, blended }: HitContext,
): TemplateResult {
  const { decimal } = formatFor(t.locale);
  return html`
    <span>${t.search.relevance} <b class="number">${decimal(relevanceScore, 3)}</b></span>
    <span>${t.search.logit} <b class="number">${decimal(logit, 2)}</b></span>
    ${blended ? html`<span>${t.search.combined} <b class="number">${decimal(orderScore, 2)}</b></span>` : nothing}
    ${truncated ? html`<span class="badge" title=${t.search.truncatedHelp}>${t.search.truncated}</span>` : nothing}
  `;
}

function rankCell(rank: number, t: Messages, movement?: Movement): TemplateResult {
  return html`
    <div class="hit-rank">
      <span class="rank-number" aria-hidden="true">${rank}</span>
      <span class="visually-hidden">${t.search.rank(rank)}</span>
      ${movement === undefined ? nothing : movementMark(movement, t)}
    </div>
  `;
}

function movementMark({ direction, by }: Movement, { search }: Messages): TemplateResult {
  const { symbol, words } = {
    up: { symbol: `▲${by}`, words: search.movedUp(by) },
    down: { symbol: `▼${by}`, words: search.movedDown(by) },
    same: { symbol: "=", words: search.unmoved },
  }[direction];
  return html`
    <span class="movement ${direction}" aria-hidden="true">${symbol}</span>
    <span class="visually-hidden">${words}</span>
  `;
}

function answerBadge({ isAnswer }: SearchHit, { search }: Messages): TemplateResult | typeof nothing {
  return isAnswer ? html`<span class="badge answer">${search.answer}</span>` : nothing;
}

function hitText(hit: SearchHit, { query, isExpanded }: HitContext): TemplateResult {
  const { title, body } = titledText(hit);
  const expanded = isExpanded(hit);
  const excerpt = expanded ? body : excerptOf(body, EXCERPT_LENGTH);
  const marked = (text: string): readonly (string | TemplateResult)[] =>
    markMatches(text, query).map((piece) => (piece.matched ? html`<mark>${piece.text}</mark>` : piece.text));
  return html`
    ${title === "" ? nothing : html`<p class="hit-title">${marked(title)}</p>`}
    <p class="hit-text ${expanded ? "whole" : ""}">${marked(excerpt)}${excerpt.length < body.length ? "…" : nothing}</p>
  `;
}

/** Nothing where the document is shown in full anyway. */
function moreButton(hit: SearchHit, rank: number, context: HitContext): TemplateResult | typeof nothing {
  const { search } = context.t;
  const { body } = titledText(hit);
  if (excerptOf(body, EXCERPT_LENGTH).length === body.length) return nothing;
  const expanded = context.isExpanded(hit);
  return html`
    <button
      type="button"
      class="more"
      aria-expanded=${expanded}
      aria-label=${expanded ? search.lessOf(rank) : search.moreOf(rank)}
      @click=${() => {
        context.toggle(hit);
      }}
    >
      ${expanded ? search.less : search.more}
    </button>
  `;
}

/** Decomposed Hangul would neither match the query nor be cut between syllables. */
function titledText({ text }: SearchHit): TitledText {
  return splitTitle(text.normalize("NFC"));
}
