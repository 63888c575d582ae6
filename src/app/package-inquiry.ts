import type { RerankError } from "../core/errors.ts";
import type { ModelDescription } from "./added-models.ts";
import { failureOf, isExpectedEnd } from "./failures.ts";
import type { ModelLibrary } from "./model-library.ts";
import { Observable } from "./observable.ts";

/** How far the user is with naming a model package of their own. */
export type InquiryState =
  | { readonly type: "open" }
  | { readonly type: "asking" }
  | { readonly type: "offered"; readonly offer: ModelDescription }
  | { readonly type: "refused"; readonly error: RerankError };

export type FetchOffer = (address: string, signal: AbortSignal) => Promise<ModelDescription>;

/** Asks a package what it is; only `accept` leads to a download. */
export class PackageInquiry {
  readonly state = new Observable<InquiryState>({ type: "open" });
  readonly #library: ModelLibrary;
  readonly #fetchOffer: FetchOffer;
  #running = new AbortController();

  constructor(library: ModelLibrary, fetchOffer: FetchOffer) {
    this.#library = library;
    this.#fetchOffer = fetchOffer;
  }

  async ask(address: string): Promise<void> {
    this.#running.abort();
    this.#running = new AbortController();
    const { signal } = this.#running;
    this.state.set({ type: "asking" });
    try {
      const offer = await this.#fetchOffer(address, signal);
      if (!signal.aborted) this.state.set({ type: "offered", offer });
    } catch (error) {
      if (!isExpectedEnd(error) && !signal.aborted) this.state.set({ type: "refused", error: failureOf(error) });
    }
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
