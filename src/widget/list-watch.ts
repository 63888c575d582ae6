import { findDeep } from "./host-list.ts";

/** A page fills a list result by result: so long after the last change it is taken to be full. */
const QUIET_MS = 40;
/** A list that is not there is looked for this often at most. */
const LOOK_AGAIN_MS = 100;

const CHANGES: MutationObserverInit = { childList: true, subtree: true, characterData: true };

export interface ListWatchHandlers {
  /** Before the browser paints a change. */
  mutated(records: readonly MutationRecord[]): void;
  /** Some time after the last change. @param appearedMs `performance.now()` of the first since this was told last */
  settled(appearedMs: number): void;
}

/** Finds the host's list, wherever and whenever it appears, and tells when its content has changed. */
export class ListWatch {
  readonly #selector: string;
  readonly #handlers: ListWatchHandlers;
  readonly #listObserver = new MutationObserver((records) => {
    this.#handle(records);
  });
  readonly #pageObserver = new MutationObserver(() => {
    this.#lookSoon();
  });
  #list: Element | undefined;
  #changedMs: number | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #look: ReturnType<typeof setTimeout> | undefined;
  #watchedRoots = new WeakSet<Node>();

  constructor(selector: string, handlers: ListWatchHandlers) {
    this.#selector = selector;
    this.#handlers = handlers;
  }

  get list(): Element | undefined {
    return this.#list?.isConnected === true ? this.#list : undefined;
  }

  start(): void {
    this.#find();
  }

  stop(): void {
    clearTimeout(this.#quiet);
    clearTimeout(this.#look);
    this.#quiet = this.#look = undefined;
    this.#listObserver.disconnect();
    this.#pageObserver.disconnect();
    this.#watchedRoots = new WeakSet();
    this.#list = undefined;
  }

  /** Changes that are our own. */
  ignore(change: () => void): void {
    this.catchUp();
    change();
    this.#listObserver.takeRecords();
    this.#pageObserver.takeRecords();
  }

  /** Tells at once what the browser would tell of the page's changes soon. */
  catchUp(): void {
    const records = this.#listObserver.takeRecords();
    if (records.length > 0) this.#handle(records);
  }

  #handle(records: readonly MutationRecord[]): void {
    this.#changed();
    this.#handlers.mutated(records);
  }

  #changed(): void {
    this.#changedMs ??= performance.now();
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      const appearedMs = this.#changedMs ?? performance.now();
      this.#changedMs = undefined;
      this.#handlers.settled(appearedMs);
    }, QUIET_MS);
  }

  #lookSoon(): void {
    if (this.list !== undefined || this.#look !== undefined) return;
    this.#look = setTimeout(() => {
      this.#look = undefined;
      this.#find();
    }, LOOK_AGAIN_MS);
  }

  #find(): void {
    this.#watchPage(document);
    const found = findDeep(this.#selector, document) ?? undefined;
    if (found === undefined || found === this.#list) return;
    this.#list = found;
    this.#listObserver.disconnect();
    this.#listObserver.observe(found, CHANGES);
    this.#changed();
  }

  /** A shadow tree's changes are seen from within only. */
  #watchPage(root: Document | ShadowRoot): void {
    if (!this.#watchedRoots.has(root)) {
      this.#watchedRoots.add(root);
      this.#pageObserver.observe(root, { childList: true, subtree: true });
    }
    for (const { shadowRoot } of root.querySelectorAll("*")) if (shadowRoot !== null) this.#watchPage(shadowRoot);
  }
}
