import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { AppElement } from "./app-element.ts";
import { FileDrop } from "./file-drop.ts";
import type { Watchable } from "./observable.ts";
import type { Theme } from "./preferences.ts";
import { viewOf, VIEWS, type View } from "./view-route.ts";

const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** The page's frame: header, main area, side panel, and the whole page as a place to drop a file. */
export class AppShell extends AppElement {
  static override properties: PropertyDeclarations = { ...AppElement.properties, view: { state: true } };
  declare view: View;
  readonly #drop = new FileDrop(this, (file) => void this.app.datasets.useFile(file));

  constructor() {
    super();
    this.view = viewOf(location.hash, "search");
  }

  protected override watched(): readonly Watchable[] {
    return [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("hashchange", this.#onFragment);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("hashchange", this.#onFragment);
  }

  readonly #onFragment = (): void => {
    this.view = viewOf(location.hash, this.view);
  };

  protected override render(): TemplateResult {
    const { t, app } = this;
    return html`
      <a class="skip-link" href="#workspace" @click=${this.#skip}>${t.skip}</a>
      ${this.#header()}
      <main class="layout" data-view=${this.view}>
        <div id="workspace" class="workspace" tabindex="-1">
          <sunwi-search .app=${app}></sunwi-search>
          <sunwi-passages .app=${app}></sunwi-passages>
        </div>
        <section class="side-panel" aria-label=${t.panel}>
          <sunwi-model .app=${app}></sunwi-model>
          <sunwi-dataset .app=${app}></sunwi-dataset>
          <sunwi-evaluation .app=${app}></sunwi-evaluation>
        </section>
        ${this.#drop.isHovering ? html`<div class="drop-overlay"><p>${t.dataset.drop}</p></div>` : nothing}
      </main>
    `;
  }

  readonly #skip = (event: Event): void => {
    // The fragment belongs to the views.
    event.preventDefault();
    this.querySelector<HTMLElement>("#workspace")?.focus();
  };

  #header(): TemplateResult {
    const { t } = this;
    return html`
      <header class="site-header">
        <div class="brand">
          <h1>${t.brand}</h1>
          <p>${t.tagline}</p>
        </div>
        <nav class="views" aria-label=${t.views.label}>
          ${VIEWS.map(
            (view) => html`
              <a class="view-${view}" href="#${view}" aria-current=${view === this.view ? "page" : nothing}>
                ${t.views[view]}
              </a>
            `,
          )}
        </nav>
        <div class="header-tools">${this.#themeSelect()} ${this.#languageButton()}</div>
      </header>
    `;
  }

  #themeSelect(): TemplateResult {
    const { t } = this;
    const { preferences } = this.app;
    const { theme } = preferences.value;
    return html`
      <label>
        <span class="visually-hidden">${t.theme}</span>
        <select
          .value=${live(theme)}
          @change=${(event: Event) => {
            const { value } = event.target as HTMLSelectElement;
            preferences.change({ theme: THEMES.find((candidate) => candidate === value) ?? "system" });
          }}
        >
          ${THEMES.map((candidate) => html`<option value=${candidate} ?selected=${candidate === theme}>${t.themes[candidate]}</option>`)}
        </select>
      </label>
    `;
  }

  #languageButton(): TemplateResult {
    const { t } = this;
    const other = t.locale === "ko" ? "en" : "ko";
    return html`
      <button
        type="button"
        class="button quiet"
        lang=${other}
        @click=${() => {
          this.app.preferences.change({ locale: other });
        }}
      >
        ${t.language}
      </button>
    `;
  }
}
