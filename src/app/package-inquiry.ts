import type { RerankError } from "../core/errors.ts";
import { failureOf, isExpectedEnd } from "./failures.ts";
import type { ModelController } from "./model-controller.ts";
import { Observable } from "./observable.ts";
import type { PackageOffer } from "./package-offer.ts";

/** How far the user is with naming a model package of their own. */
export type InquiryState =
  | { readonly type: "closed" }
  | { readonly type: "open" }
  | { readonly type: "asking" }
  | { readonly type: "offered"; readonly offer: PackageOffer }
  | { readonly type: "refused"; readonly error: RerankError };

export type FetchOffer = (address: string, signal: AbortSignal) => Promise<PackageOffer>;

/** Asks a package what it is; only `accept` leads to a download. */
export class PackageInquiry {
  readonly state = new Observable<InquiryState>({ type: "closed" });
  readonly #models: ModelController;
  readonly #fetchOffer: FetchOffer;
  #running = new AbortController();

  constructor(models: ModelController, fetchOffer: FetchOffer) {
    this.#models = models;
    this.#fetchOffer = fetchOffer;
  }

  open(): void {
    this.state.set({ type: "open" });
  }

  close(): void {
    this.#running.abort();
    this.state.set({ type: "closed" });
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

  /** Takes the package that was offered into use. */
  accept(): void {
    if (this.state.value.type !== "offered") return;
    const { choice } = this.state.value.offer;
    this.close();
    this.#models.select(choice);
  }
}
