import { RerankError, throwIfAborted } from "../core/errors.ts";
import type { RankedDocument, RerankDocument } from "../core/types.ts";
import type { LoadRerankerOptions } from "../library/load-options.ts";
import type { LoadedReranker } from "../library/loaded-reranker.ts";
import { itemsOf, reorder, slide, textOf } from "./host-list.ts";
import { ListWatch } from "./list-watch.ts";
import { affordablePairs, knownPace, rememberPace } from "./pace.ts";
import { QuerySource } from "./query-source.ts";
import type { WidgetSettings } from "./settings.ts";

/** What the element shows. */
export type WidgetState =
  | { readonly type: "idle" }
  /** The model's download needs the visitor's word. */
  | { readonly type: "asking"; readonly bytes: number }
  | { readonly type: "reranked"; readonly count: number }
  /** The visitor wanted the original order back. */
  | { readonly type: "restored"; readonly count: number }
  /** Nothing more happens on this page. */
  | { readonly type: "off"; readonly reason: "slow" | "declined" };

/** A result as the element read it. */
export interface ListedItem {
  readonly element: Element;
  readonly text: string;
}

/** Detail of `sunwi-reranked`. */
export interface RerankedDetail {
  readonly query: string;
  /** The results' order by the page's own search, and ours. */
  readonly before: readonly Element[];
  readonly after: readonly Element[];
  readonly results: readonly RankedDocument[];
  /** Milliseconds from the list's appearance. */
  readonly ms: number;
  /** Whether the page shows `after`; not where it came too late. */
  readonly applied: boolean;
}

export interface WidgetEvents {
  readonly "sunwi-reranked": RerankedDetail;
  readonly "sunwi-error": { readonly error: RerankError };
  /** Why the element does nothing more: the device is too slow for the budget, or the visitor wanted no download. */
  readonly "sunwi-off": { readonly reason: "slow" | "declined"; readonly msPerPair?: number };
}

export interface WidgetHost {
  load(options: LoadRerankerOptions): Promise<LoadedReranker>;
  show(state: WidgetState): void;
  emit<Name extends keyof WidgetEvents>(name: Name, detail: WidgetEvents[Name]): void;
  /** Told of each list that is looked at, in the page's order; see `SunwiRerank`'s owner's mode. */
  listed(query: string, items: readonly ListedItem[]): void;
  /** Whether this visitor has agreed to the model's download, or declined it; undefined before. */
  consent(): boolean | undefined;
}

/** Reorders a host's list whenever the host has put new results into it. Any failure leaves the list as it is. */
export class ListReranker {
  readonly #settings: WidgetSettings;
  readonly #host: WidgetHost;
  readonly #query: QuerySource;
  readonly #watch: ListWatch;
  #run = new AbortController();
  #loading: Promise<LoadedReranker> | undefined;
  /** What was put into the list last: the page's order, and ours. */
  #placed: { readonly before: readonly Element[]; readonly after: readonly Element[] } | undefined;
  /** What was looked at last, so that nothing is done twice. */
  #seen = "";
  /** The next order is shown however late it comes: the visitor waits for it. */
  #isAwaited = false;
  #isOff = false;

  constructor(settings: WidgetSettings, host: WidgetHost) {
    this.#settings = settings;
    this.#host = host;
    this.#query = new QuerySource(settings.queryFrom, document);
    this.#watch = new ListWatch(settings.list, (appearedMs) => {
      this.#consider(appearedMs);
    });
  }

  start(): void {
    document.addEventListener("focusin", this.#onFocus, true);
    document.addEventListener("input", this.#onInput, true);
    this.#watch.start();
  }

  /** Puts the page's own order back and lets go of everything. */
  stop(): void {
    document.removeEventListener("focusin", this.#onFocus, true);
    document.removeEventListener("input", this.#onInput, true);
    this.#watch.stop();
    this.#run.abort();
    this.#restore();
    this.#placed = undefined;
    void this.#loading?.then((reranker) => reranker.dispose()).catch(() => undefined);
    this.#loading = undefined;
  }

  /** Between the page's order and ours. */
  toggle(isOriginal: boolean): void {
    const placed = this.#placed;
    if (placed === undefined) return;
    const order = isOriginal ? placed.before : placed.after;
    this.#place(order);
    this.#host.show({ type: isOriginal ? "restored" : "reranked", count: order.length });
  }

  /** After a change of the visitor's consent. */
  reconsider(): void {
    this.#isAwaited = true;
    this.#seen = "";
    this.#consider(performance.now());
  }

  /** The worker starts while the visitor still types. */
  readonly #onFocus = (event: Event): void => {
    if (!this.#isOff && this.#query.isFrom(event) && !this.#isTooSlow()) this.#load().catch(() => undefined);
  };

  /** What was asked before is of no interest any more. */
  readonly #onInput = (event: Event): void => {
    if (this.#query.isFrom(event)) this.#run.abort();
  };

  #consider(appearedMs: number): void {
    const { list } = this.#watch;
    if (this.#isOff || list === undefined) return;
    const query = this.#query.read();
    const items = this.#originalOrder(itemsOf(list, this.#settings.items)).slice(0, this.#settings.top);
    const texts = items.map((item) => textOf(item, this.#settings.text));
    const seen = JSON.stringify([query, texts]);
    if (seen === this.#seen && this.#isAsPlaced(items)) return;
    this.#seen = seen;
    this.#run.abort();
    this.#unmark();
    this.#placed = undefined;
    this.#host.show({ type: "idle" });
    this.#host.listed(
      query,
      items.map((element, at) => ({ element, text: texts[at] ?? "" })),
    );
    if (query.length < this.#settings.minQuery || items.length < 2) return;
    this.#run = new AbortController();
    void this.#rerank({ query, items, texts, appearedMs }, this.#run.signal);
  }

  /** Results that stand as we put them are in the page's order before that; later ones follow. */
  #originalOrder(items: readonly Element[]): readonly Element[] {
    const placed = this.#placed;
    if (placed === undefined) return items;
    const known = items.filter((item) => placed.before.includes(item));
    const isOurs = [placed.after, placed.before].some((order) => isSameOrder(known, order));
    if (!isOurs) return items;
    return [...placed.before, ...items.filter((item) => !placed.before.includes(item))];
  }

  #isAsPlaced(items: readonly Element[]): boolean {
    return this.#placed === undefined || isSameOrder(items, this.#placed.before);
  }

  async #rerank(search: Search, signal: AbortSignal): Promise<void> {
    const { top, budgetMs } = this.#settings;
    const count = affordablePairs(Math.min(top, search.items.length), budgetMs, knownPace(this.#paceKey));
    if (count === 0) {
      this.#turnOff("slow");
      return;
    }
    try {
      const reranker = await this.#load();
      throwIfAborted(signal);
      const { blend } = this.#settings;
      const documents = this.#documentsOf(search, count);
      const results = await reranker.rerank(search.query, documents, { signal, ...(blend && { blend }) });
      throwIfAborted(signal);
      if (reranker.msPerPair !== undefined) rememberPace(this.#paceKey, reranker.msPerPair);
      this.#apply(search, count, results);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  #documentsOf({ items, texts }: Search, count: number): readonly RerankDocument[] {
    const attribute = this.#settings.scoreAttribute;
    const given = attribute === undefined ? [] : items.map((item) => item.getAttribute(attribute));
    const scores = given.flatMap((score) => (score === null || score.trim() === "" ? [] : [Number(score)]));
    const hasScores = scores.length === items.length && scores.every((score) => Number.isFinite(score) && score >= 0);
    return texts.slice(0, count).map((text, at) => {
      const score = scores[at];
      return hasScores && score !== undefined ? { text, score } : { text };
    });
  }

  #apply({ query, items, appearedMs }: Search, count: number, results: readonly RankedDocument[]): void {
    const ranked = results.flatMap(({ index }) => items[index] ?? []);
    const after = [...ranked, ...items.slice(count)];
    const ms = performance.now() - appearedMs;
    const isInTime = ms <= this.#settings.budgetMs || this.#settings.appliesLate || this.#isAwaited;
    // The page may have taken results away since.
    const parent = items[0]?.parentNode;
    const applied = isInTime && items.every(({ parentNode }) => parentNode === parent && parent !== null);
    if (applied) {
      this.#isAwaited = false;
      this.#placed = { before: items, after };
      this.#place(after);
      this.#host.show({ type: "reranked", count: items.length });
    }
    this.#host.emit("sunwi-reranked", { query, before: items, after, results, ms, applied });
  }

  #place(order: readonly Element[]): void {
    const placed = this.#placed;
    if (placed === undefined) return;
    const inPage = [...order].sort((a, b) =>
      a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1,
    );
    this.#watch.ignore(() => {
      slide(inPage, () => {
        reorder(inPage, order);
      });
    });
    this.#unmark();
    if (!this.#settings.showsRank || order === placed.before) return;
    for (const [at, item] of placed.before.entries()) item.setAttribute(RANK, String(at + 1));
  }

  #restore(): void {
    const placed = this.#placed;
    if (placed?.before.every(({ isConnected }) => isConnected) === true) this.#place(placed.before);
    this.#unmark();
  }

  #unmark(): void {
    for (const item of this.#placed?.before ?? []) item.removeAttribute(RANK);
  }

  get #paceKey(): string {
    return `${this.#settings.model ?? "default"} ${this.#settings.device}`;
  }

  #isTooSlow(): boolean {
    return affordablePairs(this.#settings.top, this.#settings.budgetMs, knownPace(this.#paceKey)) === 0;
  }

  #load(): Promise<LoadedReranker> {
    const { model, device } = this.#settings;
    const limit = this.#downloadLimit();
    this.#loading ??= this.#host.load({
      ...(model !== undefined && { model }),
      device,
      ...(limit !== undefined && { maxDownloadBytes: limit }),
    });
    this.#loading.catch(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  /** Bytes that may be downloaded without a word; a visitor who saves data is always asked. */
  #downloadLimit(): number | undefined {
    if (this.#host.consent() === true) return undefined;
    const { connection } = navigator as { connection?: { readonly saveData?: boolean } };
    return connection?.saveData === true ? 0 : this.#settings.consentBytes;
  }

  #fail(thrown: unknown): void {
    const error = thrown instanceof RerankError ? thrown : new RerankError("worker-crashed", String(thrown));
    if (error.code !== "consent-needed") this.#host.emit("sunwi-error", { error });
    else if (this.#host.consent() === false) this.#turnOff("declined");
    else this.#host.show({ type: "asking", bytes: Number(error.details["bytes"] ?? 0) });
  }

  #turnOff(reason: "slow" | "declined"): void {
    this.#isOff = true;
    const msPerPair = knownPace(this.#paceKey);
    this.#host.show({ type: "off", reason });
    this.#host.emit("sunwi-off", { reason, ...(reason === "slow" && msPerPair !== undefined && { msPerPair }) });
    void this.#loading?.then((reranker) => reranker.dispose()).catch(() => undefined);
    this.#loading = undefined;
  }
}

interface Search {
  readonly query: string;
  /** In the page's order. */
  readonly items: readonly Element[];
  readonly texts: readonly string[];
  /** `performance.now()` when the page showed them. */
  readonly appearedMs: number;
}

/** Tells an item's rank before ours, for a page's style sheet to show. */
const RANK = "data-sunwi-rank";

function isSameOrder(one: readonly Element[], other: readonly Element[]): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at]);
}
