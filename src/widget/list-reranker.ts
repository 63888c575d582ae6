import { RerankError, throwIfAborted } from "../core/errors.ts";
import type { RankedDocument, RerankDocument } from "../core/types.ts";
import type { LoadRerankerOptions } from "../library/load-options.ts";
import type { LoadedReranker } from "../library/loaded-reranker.ts";
import { itemsOf, textOf } from "./host-list.ts";
import { ListWatch } from "./list-watch.ts";
import { affordablePairs, knownPace, rememberPace } from "./pace.ts";
import { PlacedOrder, type Placed } from "./placed-order.ts";
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
  readonly #order: PlacedOrder;
  #run: AbortController | undefined;
  #loading: Promise<LoadedReranker> | undefined;
  /** What was looked at last, so that nothing is done twice. */
  #seen = "";
  /** The next order is shown however late it comes: the visitor waits for it. */
  #isAwaited = false;
  #isOff = false;

  constructor(settings: WidgetSettings, host: WidgetHost) {
    this.#settings = settings;
    this.#host = host;
    this.#query = new QuerySource(settings.queryFrom, document, {
      // The worker starts while the visitor still types.
      focused: () => {
        if (!this.#isOff && !this.#isTooSlow()) this.#load().catch(() => undefined);
      },
      typed: () => {
        if (this.#run !== undefined) this.#seen = "";
        this.#stopRun();
        this.#order.prepare();
      },
      answered: () => {
        this.#consider(performance.now());
      },
    });
    this.#watch = new ListWatch(settings.list, {
      mutated: (records) => {
        // Before they are seen: whatever the page means to show now, it shows in its own order first.
        if (this.#order.follow(records, this.#query.read())) this.#seen = "";
      },
      settled: (appearedMs) => {
        this.#query.pageAnswered();
        this.#consider(appearedMs);
      },
    });
    this.#order = new PlacedOrder(this.#watch, settings.showsRank);
  }

  start(): void {
    this.#query.start();
    this.#watch.start();
  }

  /** Puts the page's own order back and lets go of everything. */
  stop(): void {
    this.#query.stop();
    this.#stopRun();
    this.#order.restore();
    this.#watch.stop();
    void this.#loading?.then((reranker) => reranker.dispose()).catch(() => undefined);
    this.#loading = undefined;
  }

  /** Between the page's order and ours. */
  toggle(isOriginal: boolean): void {
    this.#watch.catchUp();
    const { placed } = this.#order;
    if (placed !== undefined) this.#show({ ...placed, isShown: !isOriginal });
  }

  /** After a change of the visitor's consent. */
  reconsider(): void {
    this.#isAwaited = true;
    this.#seen = "";
    this.#consider(performance.now());
  }

  #consider(appearedMs: number): void {
    const { list } = this.#watch;
    if (this.#isOff || list === undefined) return;
    const query = this.#query.read();
    const items = this.#itemsOf(list).slice(0, this.#settings.top);
    const texts = items.map((item) => textOf(item, this.#settings.text));
    const seen = JSON.stringify([query, texts]);
    const { placed } = this.#order;
    if (seen === this.#seen && (placed === undefined || isSameOrder(items, placed.before))) return;
    this.#stopRun();
    // What only grew at its end keeps its order until there is one for all of it.
    if (placed === undefined || !isGrown({ query, items, texts }, placed)) {
      this.#order.restore();
      this.#host.show({ type: "idle" });
    }
    this.#seen = seen;
    this.#host.listed(
      query,
      items.map((element, at) => ({ element, text: texts[at] ?? "" })),
    );
    if (query.length < this.#settings.minQuery || items.length < 2) return;
    const run = new AbortController();
    this.#run = run;
    void this.#rerank({ query, items, texts, appearedMs }, run.signal).finally(() => {
      if (this.#run === run) this.#run = undefined;
    });
  }

  #stopRun(): void {
    this.#run?.abort();
    this.#run = undefined;
  }

  /** In the page's own order. */
  #itemsOf(list: Element): readonly Element[] {
    return this.#order.sort(itemsOf(list, this.#settings.items));
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
      const documents = this.#documentsOf(search, count);
      const hasScores = documents.every(({ score }) => score !== undefined);
      const { blend = hasScores ? "scores" : "list" } = this.#settings;
      const results = await reranker.rerank(search.query, documents, { signal, blend });
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

  #apply({ query, items, texts, appearedMs }: Search, count: number, results: readonly RankedDocument[]): void {
    const ranked = results.flatMap(({ index }) => items[index] ?? []);
    const after = [...ranked, ...items.slice(count)];
    const ms = performance.now() - appearedMs;
    const isInTime = ms <= this.#settings.budgetMs || this.#settings.appliesLate || this.#isAwaited;
    const isKept = isInTime && this.#isListed(items);
    // Who wanted the page's order back wants it for what the page adds to it, too.
    const { placed } = this.#order;
    const isShown = placed?.query !== query || placed.isShown;
    if (isKept) {
      this.#isAwaited = false;
      this.#show({ query, before: items, texts, after, isShown });
    }
    this.#host.emit("sunwi-reranked", { query, before: items, after, results, ms, applied: isKept && isShown });
  }

  /** The page may have changed its list since. */
  #isListed(items: readonly Element[]): boolean {
    this.#watch.catchUp();
    const { list } = this.#watch;
    return list !== undefined && isSameOrder(this.#itemsOf(list).slice(0, items.length), items);
  }

  #show(placed: Placed): void {
    this.#order.show(placed);
    this.#host.show({ type: placed.isShown ? "reranked" : "restored", count: placed.before.length });
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

function isSameOrder(one: readonly Element[], other: readonly Element[]): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at]);
}

/** Whether there are more results below those that were placed for the same query, and nothing else is new. */
function isGrown({ query, items, texts }: Omit<Search, "appearedMs">, placed: Placed): boolean {
  const isSame = placed.before.every((item, at) => item === items[at] && placed.texts[at] === texts[at]);
  return isSame && query === placed.query;
}
