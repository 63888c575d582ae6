import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { App } from "./app.ts";
import { AppElement } from "./app-element.ts";
import { readDropped } from "./dropped-files.ts";
import { FileDrop } from "./file-drop.ts";
import type { Watchable } from "./observable.ts";
import { isMeantAsPackage } from "./package-folder.ts";
import type { Theme } from "./preferences.ts";
import { viewOf, VIEWS, type View } from "./view-route.ts";

type LateView = "models" | "workbench" | "embed";

const DEFINE: Readonly<Record<LateView, (app: App) => Promise<unknown>>> = {
  models: () => import("./models-define.ts"),
  embed: () => import("./embed/embed-define.ts"),
  workbench: (app) => Promise.all([import("./workbench/workbench-define.ts"), app.loadWorkbench()]),
};

function isLate(view: View): view is LateView {
  return view === "models" || view === "workbench" || view === "embed";
}

const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** The page's frame: header, main area, side panel, and the whole page as a place to drop a file. */
export class AppShell extends AppElement {
  static override properties: PropertyDeclarations = {
    ...AppElement.properties,
    view: { state: true },
    lateViews: { state: true },
  };
  declare view: View;
  /** Views whose code comes on demand: whether it has been asked for, and is there. */
  declare lateViews: Readonly<Record<LateView, "unasked" | "asked" | "defined" | "failed">>;
  readonly #drop = new FileDrop(this, (transfer) => void this.#takeDropped(transfer));

  constructor() {
    super();
    this.view = viewOf(location.hash, "search");
    this.lateViews = { models: "unasked", workbench: "unasked", embed: "unasked" };
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
    const { view } = this;
    if (isLate(view) && this.lateViews[view] === "unasked") void this.#define(view);
  }

  /** Elements must not be rendered before they are defined: they would miss what is set on them. */
  async #define(view: LateView): Promise<void> {
    this.lateViews = { ...this.lateViews, [view]: "asked" };
    try {
      await DEFINE[view](this.app);
      this.lateViews = { ...this.lateViews, [view]: "defined" };
    } catch {
      this.lateViews = { ...this.lateViews, [view]: "failed" };
    }
  }

  /** A folder with a package is a model; anything else is data, for the workbench where that is what is looked at. */
  async #takeDropped(transfer: DataTransfer): Promise<void> {
    const dropped = await readDropped(transfer);
    if (isMeantAsPackage(dropped)) {
      location.hash = "#models";
      await this.app.library.importFolder(dropped);
    } else if (this.view === "workbench" && this.lateViews.workbench === "defined") {
      await this.app.workbench().open(dropped.files);
    } else if (dropped.files.length > 0) {
      await this.app.datasets.useFiles(dropped.files);
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
          ${this.#lateView()}
        </div>
        <section class="side-panel" aria-label=${t.panel}>
          <sunwi-model .app=${app}></sunwi-model>
          <sunwi-dataset .app=${app}></sunwi-dataset>
        </section>
        ${this.#drop.isHovering ? html`<div class="drop-overlay"><p>${t.dataset.drop}</p></div>` : nothing}
      </main>
    `;
  }

  #lateView(): TemplateResult | typeof nothing {
    const { t, view } = this;
    if (!isLate(view)) return nothing;
    switch (this.lateViews[view]) {
      case "defined":
        return this.#lateElement(view);
      case "failed":
        return html`
          <div class="notice error" role="alert">
            <p>${t.models.viewFailed}</p>
            <button type="button" class="button" @click=${() => void this.#define(view)}>${t.retry}</button>
          </div>
        `;
      case "asked":
      case "unasked":
        return html`<p class="empty" role="status">${t.models.reading}</p>`;
    }
  }

  #lateElement(view: LateView): TemplateResult {
    const { app } = this;
    switch (view) {
      case "models":
        return html`<sunwi-models .app=${app}></sunwi-models>`;
      case "embed":
        return html`<sunwi-embed .app=${app}></sunwi-embed>`;
      case "workbench":
        return html`<sunwi-workbench .app=${app} .workbench=${app.workbench()}></sunwi-workbench>`;
    }
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
