import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { repeat } from "lit/directives/repeat.js";
import { AppElement } from "./app-element.ts";
import { formatFor } from "./format.ts";
import { loadProgress } from "./model-progress.ts";
import { errorNotice } from "./notice.ts";
import type { Watchable } from "./observable.ts";
import { MOST_PASSAGES, type Passage, type ScoredPassage } from "./passage-controller.ts";
import { progressLine } from "./progress-line.ts";
import { excerptOf } from "./text-pieces.ts";

const EXCERPT_LENGTH = 60;

/** One question against passages: the model's scores as they are. */
export class PassagePanel extends AppElement {
  protected override watched(): readonly Watchable[] {
    const { passages, models } = this.app;
    return [passages.question, passages.passages, passages.state, models.state];
  }

  protected override render(): TemplateResult {
    const { passages: t } = this.t;
    const { passages } = this.app;
    const all = passages.passages.value;
    return html`
      <h2>${t.heading}</h2>
      <p class="lead">${t.intro}</p>
      <form
        class="passage-form"
        novalidate
        @submit=${(event: SubmitEvent) => {
          event.preventDefault();
          void passages.score();
        }}
      >
        <div class="field">
          <label for="question">${t.question}</label>
          <input
            id="question"
            type="text"
            autocomplete="off"
            .value=${live(passages.question.value)}
            @input=${(event: InputEvent) => {
              passages.question.set((event.target as HTMLInputElement).value);
            }}
          />
        </div>
        ${repeat(
          all,
          ({ id }) => id,
          (passage, at) => this.#field(passage, at + 1, all.length > 1),
        )}
        <div class="actions">
          <button type="submit" class="button primary">${t.score}</button>
          <button type="button" class="button" ?disabled=${all.length >= MOST_PASSAGES} @click=${this.#add}>
            ${t.add}
          </button>
        </div>
      </form>
      ${this.#outcome()}
    `;
  }

  #field({ id, text }: Passage, position: number, removable: boolean): TemplateResult {
    const { passages: t } = this.t;
    const { passages } = this.app;
    const fieldId = `passage-${id}`;
    return html`
      <div class="field">
        <div class="field-head">
          <label for=${fieldId}>${t.passage(position)}</label>
          ${
            removable
              ? html`<button
                  type="button"
                  class="link"
                  aria-label=${t.removeOf(position)}
                  @click=${() => {
                    this.#remove(id, position);
                  }}
                >
                  ${t.remove}
                </button>`
              : nothing
          }
        </div>
        <textarea
          id=${fieldId}
          rows="3"
          .value=${live(text)}
          @input=${(event: InputEvent) => {
            passages.write(id, (event.target as HTMLTextAreaElement).value);
          }}
        ></textarea>
      </div>
    `;
  }

  readonly #add = (): void => {
    const id = this.app.passages.add();
    void this.#focusPassage(id);
  };

  /** The field that took the removed one's place gets the focus, which would be lost otherwise. */
  #remove(id: number, position: number): void {
    const { passages } = this.app;
    passages.remove(id);
    const next = passages.passages.value[position - 1] ?? passages.passages.value.at(-1);
    if (next !== undefined) void this.#focusPassage(next.id);
  }

  async #focusPassage(id: number): Promise<void> {
    await this.updateComplete;
    this.querySelector<HTMLTextAreaElement>(`#passage-${id}`)?.focus();
  }

  #outcome(): TemplateResult | typeof nothing {
    const { t } = this;
    const { passages, models } = this.app;
    const state = passages.state.value;
    switch (state.type) {
      case "idle":
        return nothing;
      case "incomplete":
        return html`<p class="notice" role="alert">
          ${state.missing === "question" ? t.passages.missingQuestion : t.passages.missingPassage}
        </p>`;
      case "waiting":
        return progressLine(loadProgress(models.state.value, t) ?? { text: t.passages.scoring }, t.model.loading);
      case "scoring":
        return progressLine({ text: t.passages.scoring }, t.passages.scoring);
      case "failed":
        return errorNotice(t.passages.failed, state.error, t, { label: t.retry, run: () => void passages.score() });
      case "done":
        return this.#scores(state.scored, state.elapsedMs);
    }
  }

  #scores(scored: readonly ScoredPassage[], elapsedMs: number): TemplateResult {
    const { passages: t } = this.t;
    return html`
      <section class="passage-scores" aria-labelledby="passage-scores-heading">
        <header class="column-header">
          <h3 id="passage-scores-heading">${t.results}</h3>
          <p class="number" role="status">${t.elapsed(scored.length, elapsedMs)}</p>
        </header>
        <table>
          <thead>
            <tr>
              <th scope="col">${t.columns.rank}</th>
              <th scope="col">${t.columns.passage}</th>
              <th scope="col" class="number">${t.columns.logit}</th>
              <th scope="col" class="number">${t.columns.relevance}</th>
            </tr>
          </thead>
          <tbody>
            ${scored.map((passage) => this.#scoreRow(passage))}
          </tbody>
        </table>
        <p class="hint">${t.note}</p>
      </section>
    `;
  }

  #scoreRow({ rank, position, text, logit, relevanceScore, truncated }: ScoredPassage): TemplateResult {
    const { passages: t, search, locale } = this.t;
    const { decimal } = formatFor(locale);
    const excerpt = excerptOf(text, EXCERPT_LENGTH);
    return html`
      <tr>
        <td class="number">${rank}</td>
        <th scope="row">
          <b>${t.passage(position)}</b>
          <span class="excerpt">${excerpt}${excerpt.length < text.length ? "…" : nothing}</span>
          ${truncated ? html`<span class="badge" title=${search.truncatedHelp}>${search.truncated}</span>` : nothing}
        </th>
        <td class="number">${decimal(logit, 4)}</td>
        <td class="number">${decimal(relevanceScore, 4)}</td>
      </tr>
    `;
  }
}
