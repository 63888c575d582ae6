import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import type { FoundDocument } from "../../eval/dataset-protocol.ts";
import { AppElement } from "../app-element.ts";
import type { LoadedDataset } from "../dataset-controller.ts";
import type { Watchable } from "../observable.ts";
import { splitTitle } from "../text-pieces.ts";
import { embedAttributes, embedSnippet, type EmbedChoice } from "./embed-snippet.ts";

const RESULTS_SHOWN = 12;
const LONGEST_TEXT = 160;

/** A site of one search box and one list over the data in use, with the element as it was chosen. */
export class EmbedSite extends AppElement {
  static override properties: PropertyDeclarations = {
    ...AppElement.properties,
    query: { state: true },
    found: { state: true },
  };
  declare query: string;
  declare found: readonly FoundDocument[];
  #newest = 0;
  /** What was searched last, to be searched anew in other data. */
  #searchedIn: LoadedDataset | undefined;

  constructor() {
    super();
    this.query = "";
    this.found = [];
  }

  protected override watched(): readonly Watchable[] {
    return [this.app.embed, this.app.datasets.state];
  }

  protected override updated(): void {
    const dataset = this.app.datasets.state.value;
    if (dataset.type !== "ready" || dataset.loaded === this.#searchedIn) return;
    this.#searchedIn = dataset.loaded;
    void this.#search(this.query);
  }

  protected override render(): TemplateResult {
    const { embed: t } = this.t;
    const { embed, datasets } = this.app;
    const dataset = datasets.state.value;
    const examples = dataset.type === "ready" ? dataset.loaded.facts.examples : [];
    return html`
      <section class="card" aria-labelledby="embed-site-heading">
        <h3 id="embed-site-heading">${t.site}</h3>
        <p class="hint">${t.siteHelp}</p>
        <div class="sample-site">
          <label for="sample-search">${t.siteSearch}</label>
          <input
            id="sample-search"
            type="search"
            list="sample-examples"
            .value=${this.query}
            @input=${(event: Event) => {
              void this.#search((event.target as HTMLInputElement).value);
            }}
          />
          <datalist id="sample-examples">
            ${examples.map((example) => html`<option value=${example}></option>`)}
          </datalist>
          ${keyed(embedSnippet(embed.value), this.#element(embed.value))}
          ${
            // A list of its own for each search: the element moves its children, which must not confuse the next one.
            keyed(
              this.found,
              html`<ol id="sample-results">
                ${this.found.map(({ text }) => {
                  const { title, body } = splitTitle(text);
                  return html`<li>
                    <h4>${title}</h4>
                    <p>${body.slice(0, LONGEST_TEXT)}</p>
                  </li>`;
                })}
              </ol>`,
            )
          }
        </div>
      </section>
    `;
  }

  #element(choice: EmbedChoice): TemplateResult {
    const values = new Map(
      embedAttributes({ ...choice, list: "#sample-results", items: "", text: "", queryFrom: "#sample-search" }),
    );
    return html`
      <sunwi-rerank
        for=${values.get("for") ?? ""}
        query-from=${values.get("query-from") ?? ""}
        model=${choice.modelUrl ?? this.app.models.embedded.url}
        device=${values.get("device") ?? nothing}
        top=${values.get("top") ?? nothing}
        budget=${values.get("budget") ?? nothing}
        blend=${values.get("blend") ?? nothing}
        consent=${values.get("consent") ?? nothing}
        late=${values.get("late") ?? nothing}
        show-rank=${values.get("show-rank") ?? nothing}
      ></sunwi-rerank>
    `;
  }

  async #search(query: string): Promise<void> {
    this.query = query;
    const request = ++this.#newest;
    const dataset = this.app.datasets.state.value;
    if (query.trim() === "" || dataset.type !== "ready") {
      this.found = [];
      return;
    }
    const { found } = await this.app.datasets.search(query.trim(), RESULTS_SHOWN);
    if (request === this.#newest) this.found = found;
  }
}
