import type { RerankError } from "../core/errors.ts";
import type { ModelDescription } from "./added-models.ts";
import { failureOf, isExpectedEnd } from "./failures.ts";
import type { ModelLibrary } from "./model-library.ts";
import { Observable } from "./observable.ts";

/** How far the user is with naming a model package of their own. */
export type InquiryState =
  | { readonly type: "open" }
  | { readonly type: "asking" }
  | {
      readonly type: "offered";
      readonly offer: ModelDescription;
      /** All that there are, `offer` among them: precisions of one model. */
      readonly choices: readonly ModelDescription[];
    }
  | { readonly type: "refused"; readonly error: RerankError };

/** One or more, best first. */
export type FetchOffers = (address: string, signal: AbortSignal) => Promise<readonly ModelDescription[]>;

/** Asks a package what it is; only `accept` leads to a download. */
export class PackageInquiry {
  readonly state = new Observable<InquiryState>({ type: "open" });
  readonly #library: ModelLibrary;
  readonly #fetchOffers: FetchOffers;
  #running = new AbortController();

  constructor(library: ModelLibrary, fetchOffers: FetchOffers) {
    this.#library = library;
    this.#fetchOffers = fetchOffers;
  }

  async ask(address: string): Promise<void> {
    this.#running.abort();
    this.#running = new AbortController();
    const { signal } = this.#running;
    this.state.set({ type: "asking" });
    try {
      const choices = await this.#fetchOffers(address, signal);
      const [offer] = choices;
      if (!signal.aborted && offer !== undefined) this.state.set({ type: "offered", offer, choices });
    } catch (error) {
      if (!isExpectedEnd(error) && !signal.aborted) this.state.set({ type: "refused", error: failureOf(error) });
    }
  }

  /** Takes another of the offered ones. */
  choose(url: string): void {
    const { value: state } = this.state;
    const offer = state.type === "offered" ? state.choices.find((choice) => choice.url === url) : undefined;
    if (state.type === "offered" && offer !== undefined) this.state.set({ ...state, offer });
  }

  /** Leaves off asking, or declines what was offered. */
  cancel(): void {
    this.#running.abort();
    this.state.set({ type: "open" });
  }

  /** Puts the package that was offered on the list, and downloads it where the user agreed to that as well. */
  async accept(alsoDownload: boolean): Promise<void> {
    if (this.state.value.type !== "offered") return;
    const { offer } = this.state.value;
    this.cancel();
    this.#library.add(offer);
    if (alsoDownload) await this.#library.download(offer);
  }
}
