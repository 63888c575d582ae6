import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { AppElement } from "./app-element.ts";
import { errorNotice } from "./notice.ts";
import type { Watchable } from "./observable.ts";
import { SEARCH_CANDIDATES } from "./search-controller.ts";

/** The search box with its examples and the blend switch, and what was found. */
export class SearchPanel extends AppElement {
  protected override watched(): readonly Watchable[] {
    const { search, datasets, models } = this.app;
    return [search.state, search.query, datasets.state, models.state];
  }

  protected override render(): TemplateResult {
    const { t } = this;
    return html`
      <h2 class="visually-hidden">${t.search.heading}</h2>
      ${this.#form()} ${this.#exampleChips()} ${this.#blendSwitch()} ${this.#outcome()}
      <sunwi-results .app=${this.app}></sunwi-results>
    `;
  }

  #form(): TemplateResult {
    const { search } = this.app;
    const { t } = this;
    return html`
      <form
        class="search-form"
        role="search"
        @submit=${(event: SubmitEvent) => {
          event.preventDefault();
          search.search(search.query.value);
        }}
      >
        <label class="visually-hidden" for="query">${t.search.label}</label>
        <input
          id="query"
          type="search"
          name="query"
          autocomplete="off"
          enterkeyhint="search"
          placeholder=${t.search.placeholder}
          .value=${live(search.query.value)}
          @input=${(event: InputEvent) => {
            search.type((event.target as HTMLInputElement).value);
          }}
        />
        <button type="submit" class="button primary">${t.search.submit}</button>
      </form>
    `;
  }

  #exampleChips(): TemplateResult | typeof nothing {
    const { search, datasets } = this.app;
    const dataset = datasets.state.value;
    const examples = dataset.type === "ready" ? dataset.loaded.facts.examples : [];
    if (examples.length === 0) return nothing;
    return html`
      <div class="examples" role="group" aria-label=${this.t.search.examples}>
        ${examples.map(
          (example) => html`
            <button
              type="button"
              class="chip"
              aria-pressed=${search.query.value.trim() === example}
              @click=${() => {
                search.search(example);
              }}
            >
              ${example}
            </button>
          `,
        )}
      </div>
    `;
  }

  #blendSwitch(): TemplateResult {
    const { preferences, models } = this.app;
    const { search } = this.t;
    const state = models.state.value;
    const weight = state.type === "ready" ? (state.model.blendWeight ?? 0) : undefined;
    const unavailable = weight === 0;
    const help =
      weight === undefined ? search.blendHelpLoading : unavailable ? search.blendUnavailable : search.blendHelp(weight);
    return html`
      <div class="blend">
        <label class="check">
          <input
            type="checkbox"
            aria-describedby="blend-help"
            .checked=${preferences.value.blend && !unavailable}
            ?disabled=${unavailable}
            @change=${(event: Event) => {
              preferences.change({ blend: (event.target as HTMLInputElement).checked });
            }}
          />
          <span>${search.blend}</span>
        </label>
        <p id="blend-help" class="hint">${help}</p>
      </div>
    `;
  }

  /** What stands in the results' place while there are none. */
  #outcome(): TemplateResult | typeof nothing {
    const { t } = this;
    const { search, datasets } = this.app;
    const dataset = datasets.state.value;
    const state = search.state.value;
    if (dataset.type === "failed") {
      return errorNotice(t.search.datasetFailed, dataset.error, t, {
        label: t.retry,
        run: () => void datasets.useSample(),
      });
    }
    if (dataset.type === "loading") return html`<p class="empty" role="status">${t.search.datasetLoading}</p>`;
    if (state.type === "idle") {
      const { documents } = dataset.loaded.facts;
      return emptyNote(t.search.emptyTitle, t.search.emptyText(documents, SEARCH_CANDIDATES));
    }
    if (state.type === "failed") {
      return errorNotice(t.search.firstStageFailed, state.error, t, {
        label: t.retry,
        run: () => {
          search.retry();
        },
      });
    }
    if (state.type !== "no-results") return nothing;
    const { firstStage } = dataset.loaded.facts;
    const text = firstStage === undefined ? t.search.onlyItsQuestions : t.search.noResults(state.query);
    return html`<div role="status">${emptyNote(t.search.noResultsTitle, text)}</div>`;
  }
}

function emptyNote(title: string, text: string): TemplateResult {
  return html`
    <div class="empty">
      <p class="empty-title">${title}</p>
      <p>${text}</p>
    </div>
  `;
}
