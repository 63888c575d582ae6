import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { AppElement } from "./app-element.ts";
import { KeptFocus } from "./kept-focus.ts";
import { actionsFor, type ModelAction } from "./model-actions.ts";
import { describedFacts, measurements, presenceBadges } from "./model-card-parts.ts";
import { presenceOf, type ListedModel, type Presence } from "./model-list.ts";
import { errorNotice } from "./notice.ts";
import type { Watchable } from "./observable.ts";
import { downloadConsent, removalConfirmation, transferLine } from "./transfer-parts.ts";

/** What the card waits to hear from the user. */
type Question = "none" | Extract<ModelAction, "download" | "use-with-download" | "remove">;

/** One model of the list with all that can be done with it. */
export class ModelCard extends AppElement {
  static override properties: PropertyDeclarations = {
    ...AppElement.properties,
    model: { attribute: false },
    question: { state: true },
  };
  declare model: ListedModel;
  declare question: Question;

  constructor() {
    super();
    this.question = "none";
    new KeptFocus(this, ["[data-question]", ".actions button", "h4"]);
  }

  protected override watched(): readonly Watchable[] {
    const { library, models, evaluationLog } = this.app;
    return [library.shelf, library.transfers, library.rate, models.choice, models.state, evaluationLog];
  }

  protected override render(): TemplateResult {
    const { app, model, t } = this;
    const { url, name } = model.choice;
    const presence = presenceOf(model, app.library.device);
    return html`
      <article class="card model-card" aria-label=${name}>
        <div class="model-head">
          <h4 tabindex="-1">${name}</h4>
          ${presenceBadges(model, presence, url === app.models.choice.value.url, t)}
        </div>
        ${describedFacts(model, app.library.device, t)} ${this.#transfer()} ${this.#questionOrActions(presence)}
        ${measurements(app, model, t)}
      </article>
    `;
  }

  #transfer(): TemplateResult | typeof nothing {
    const { app, model, t } = this;
    const transfer = app.library.transfers.value.get(model.choice.url);
    if (transfer === undefined) return nothing;
    return transfer.type === "running"
      ? transferLine(transfer, t.models.transferring(model.choice.name), t)
      : errorNotice(t.models.downloadFailed, transfer.error, t);
  }

  #questionOrActions(presence: Presence): TemplateResult {
    const { app, model, t } = this;
    const answer = (run?: () => void) => (): void => {
      this.question = "none";
      run?.();
    };
    switch (this.question) {
      case "download":
        return downloadConsent(app.library, presence, t, {
          cancel: answer(),
          agree: answer(() => void app.library.download(model.choice)),
        });
      case "use-with-download":
        return downloadConsent(app.library, presence, t, {
          cancel: answer(),
          agree: answer(() => {
            app.models.select(model.choice);
          }),
        });
      case "remove":
        return removalConfirmation(model, model.choice.url === app.models.choice.value.url, t, {
          cancel: answer(),
          agree: answer(() => void app.library.remove(model)),
        });
      case "none":
        return html`<div class="actions">
          ${repeat(
            this.#actions(),
            (action) => action,
            (action) => this.#button(action),
          )}
        </div>`;
    }
  }

  #actions(): readonly ModelAction[] {
    const { app, model } = this;
    const { library, models } = app;
    const shelf = library.shelf.value;
    return actionsFor(model, {
      device: library.device,
      storage: shelf.type === "read" ? shelf.usage.storage : undefined,
      isInUse: model.choice.url === models.choice.value.url,
      isTransferring: library.transfers.value.get(model.choice.url)?.type === "running",
    });
  }

  #act(action: ModelAction): void {
    const { library, models } = this.app;
    const { choice } = this.model;
    switch (action) {
      case "use":
        models.select(choice);
        break;
      case "pause":
        library.pause(choice.url);
        break;
      case "resume":
        // The user agreed when this download began.
        void library.download(choice);
        break;
      case "forget":
        library.forget(choice);
        break;
      case "download":
      case "use-with-download":
      case "remove":
        this.question = action;
        break;
    }
  }

  #button(action: ModelAction): TemplateResult {
    const { models: t } = this.t;
    const label = t.actions[action];
    return html`<button
      type="button"
      class="button ${action === "use" || action === "resume" ? "primary" : ""}"
      aria-label=${t.of(label, this.model.choice.name)}
      @click=${() => {
        this.#act(action);
      }}
    >
      ${label}
    </button>`;
  }
}
