import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { AppElement } from "./app-element.ts";
import { readDropped } from "./dropped-files.ts";
import { FileDrop } from "./file-drop.ts";
import type { Watchable } from "./observable.ts";
import { isMeantAsPackage } from "./package-folder.ts";
import type { Theme } from "./preferences.ts";
import { viewOf, VIEWS, type View } from "./view-route.ts";

const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** The page's frame: header, main area, side panel, and the whole page as a place to drop a file. */
export class AppShell extends AppElement {
  static override properties: PropertyDeclarations = {
    ...AppElement.properties,
    view: { state: true },
    modelsView: { state: true },
  };
  declare view: View;
  /** Whether the code of the models view has been asked for, and is there. */
  declare modelsView: "unasked" | "asked" | "defined" | "failed";
  readonly #drop = new FileDrop(this, (transfer) => void this.#takeDropped(transfer));

  constructor() {
    super();
    this.view = viewOf(location.hash, "search");
    this.modelsView = "unasked";
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

  protected override willUpdate(changes: PropertyValues<this>): void {
    super.willUpdate(changes);
    if (this.view === "models" && this.modelsView === "unasked") void this.#defineModelsView();
  }

  /** Its elements must not be rendered before they are defined: they would miss what is set on them. */
  async #defineModelsView(): Promise<void> {
    this.modelsView = "asked";
    try {
      await import("./models-define.ts");
      this.modelsView = "defined";
    } catch {
      this.modelsView = "failed";
    }
  }

  /** A folder is taken for a model package, anything else for a dataset. */
  async #takeDropped(transfer: DataTransfer): Promise<void> {
    const dropped = await readDropped(transfer);
    const [first] = dropped.files;
    if (isMeantAsPackage(dropped)) {
      location.hash = "#models";
      await this.app.library.importFolder(dropped);
    } else if (first !== undefined) {
      await this.app.datasets.useFile(first.file);
    }
  }

  protected override render(): TemplateResult {
    const { t, app } = this;
    return html`
      <a class="skip-link" href="#workspace" @click=${this.#skip}>${t.skip}</a>
      ${this.#header()}
      <main class="layout" data-view=${this.view}>
        <div id="workspace" class="workspace" tabindex="-1">
          <sunwi-search .app=${app}></sunwi-search>
          <sunwi-passages .app=${app}></sunwi-passages>
          ${this.#modelsView()}
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

  #modelsView(): TemplateResult | typeof nothing {
    const { t } = this;
    if (this.view !== "models") return nothing;
    if (this.modelsView === "defined") return html`<sunwi-models .app=${this.app}></sunwi-models>`;
    if (this.modelsView !== "failed") return html`<p class="empty" role="status">${t.models.reading}</p>`;
    return html`
      <div class="notice error" role="alert">
        <p>${t.models.viewFailed}</p>
        <button type="button" class="button" @click=${() => void this.#defineModelsView()}>${t.retry}</button>
      </div>
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
