import { css, html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { RerankError } from "../core/errors.ts";
import type { Library } from "../library/library.ts";
import { readConsent, rememberConsent } from "./consent.ts";
import {
  ListReranker,
  type ListedItem,
  type WidgetEvents,
  type WidgetHost,
  type WidgetState,
} from "./list-reranker.ts";
import { messagesOf } from "./messages.ts";
import { ATTRIBUTES, readSettings, type WidgetSettings } from "./settings.ts";

/**
 * `<sunwi-rerank for="#results" query-from="#search">`: a better order for the list of a page's own search. It reorders
 * results and changes nothing in them; on any failure, and when the order comes too late, the list stays as it is.
 * Attributes: see `WidgetSettings`.
 *
 * @fires sunwi-reranked - `RerankedDetail`
 * @fires sunwi-error - `{ error }`, a `RerankError`
 * @fires sunwi-off - `{ reason: "slow" | "declined", msPerPair? }`
 * @csspart status - what happened, read out politely
 * @csspart toggle - the button between the page's order and the new one
 * @csspart consent - the question before a download, with `accept` and `decline`
 * @cssproperty --sunwi-gap - space between the parts
 */
export class SunwiRerank extends LitElement {
  static override properties: PropertyDeclarations = { state: { state: true }, listed: { state: true } };
  static override styles = css`
    :host {
      display: block;
    }
    :host([hidden]) {
      display: none;
    }
    div {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: var(--sunwi-gap, 0.25em 0.75em);
    }
    p {
      margin: 0;
    }
    button {
      font: inherit;
      min-height: 2em;
      cursor: pointer;
    }
  `;
  /** Brings the library; a page that is never searched on never calls it. */
  static loadLibrary: () => Promise<Pick<Library, "loadReranker">> = () =>
    Promise.reject(new TypeError("SunwiRerank.loadLibrary is not set."));

  declare state: WidgetState;
  /** For the owner's mode: what was listed last. Empty in any other. */
  declare listed: { readonly query: string; readonly items: readonly ListedItem[] };
  #reranker: ListReranker | undefined;
  #isRestarting = false;

  constructor() {
    super();
    this.state = { type: "idle" };
    this.listed = { query: "", items: [] };
  }

  static override get observedAttributes(): string[] {
    return [...super.observedAttributes, ...ATTRIBUTES];
  }

  override attributeChangedCallback(name: string, old: string | null, value: string | null): void {
    super.attributeChangedCallback(name, old, value);
    if (old !== value && this.isConnected) this.#restartSoon();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#restartSoon();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#reranker?.stop();
    this.#reranker = undefined;
  }

  /** Once, when all attributes of a change are there. */
  #restartSoon(): void {
    if (this.#isRestarting) return;
    this.#isRestarting = true;
    queueMicrotask(() => {
      this.#isRestarting = false;
      if (this.isConnected) this.#restart();
    });
  }

  #restart(): void {
    this.#reranker?.stop();
    this.#reranker = undefined;
    this.state = { type: "idle" };
    try {
      const settings = readSettings(this);
      this.#reranker = new ListReranker(settings, this.#hostFor(settings));
      this.#reranker.start();
    } catch (error) {
      // A wrong attribute is the owner's to mend; visitors keep their list.
      this.#emit("sunwi-error", { error: error as RerankError });
      // eslint-disable-next-line no-console -- the owner looks here
      console.error((error as Error).message);
    }
  }

  #hostFor({ model = "default", debug, judges }: WidgetSettings): WidgetHost {
    if (judges) void defineJudgements();
    const say = (...words: readonly unknown[]): void => {
      // eslint-disable-next-line no-console -- asked for by the attribute
      if (debug) console.debug("sunwi-rerank:", ...words);
    };
    return {
      load: async (options) => {
        say("loading", options);
        const { loadReranker } = await SunwiRerank.loadLibrary();
        return await loadReranker(options);
      },
      show: (state) => {
        say(state);
        this.state = state;
      },
      emit: (name, detail) => {
        say(name, detail);
        this.#emit(name, detail);
      },
      listed: (query, items) => {
        if (judges) this.listed = { query, items };
      },
      consent: () => readConsent(model),
    };
  }

  #emit<Name extends keyof WidgetEvents>(name: Name, detail: WidgetEvents[Name]): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  readonly #answer = (isAgreed: boolean): void => {
    rememberConsent(this.getAttribute("model") ?? "default", isAgreed);
    this.state = { type: "idle" };
    this.#reranker?.reconsider();
  };

  protected override render(): TemplateResult {
    const t = messagesOf(this);
    const { state } = this;
    const said = state.type === "reranked" ? t.reranked(state.count) : state.type === "restored" ? t.restored : nothing;
    const isShown = state.type === "reranked" || state.type === "restored";
    return html`
      <div>
        <p part="status" role="status">${said}</p>
        ${
          isShown
            ? html`<button
                part="toggle"
                type="button"
                @click=${() => this.#reranker?.toggle(state.type === "reranked")}
              >
                ${state.type === "reranked" ? t.showOriginal : t.showReranked}
              </button>`
            : nothing
        }
      </div>
      ${state.type === "asking" ? this.#question(state.bytes) : nothing}
      ${
        this.hasAttribute("judge")
          ? html`<sunwi-judgements .query=${this.listed.query} .items=${this.listed.items}></sunwi-judgements>`
          : nothing
      }
    `;
  }

  #question(bytes: number): TemplateResult {
    const t = messagesOf(this);
    const megabytes = (bytes / 1e6).toLocaleString("en-US", { maximumFractionDigits: 1 });
    return html`
      <div part="consent" role="group">
        <p>${t.ask(megabytes)}</p>
        <button
          part="accept"
          type="button"
          @click=${() => {
            this.#answer(true);
          }}
        >
          ${t.accept}
        </button>
        <button
          part="decline"
          type="button"
          @click=${() => {
            this.#answer(false);
          }}
        >
          ${t.decline}
        </button>
      </div>
    `;
  }
}

/** Visitors never get this code. */
async function defineJudgements(): Promise<void> {
  const { SunwiJudgements } = await import("./judgement-panel.ts");
  if (customElements.get("sunwi-judgements") === undefined) customElements.define("sunwi-judgements", SunwiJudgements);
}
