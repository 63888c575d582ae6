import { findDeep } from "./host-list.ts";

/** A page fills a list result by result: so long after the last change it is taken to be full. */
const QUIET_MS = 40;
/** A list that is not there is looked for this often at most. */
const LOOK_AGAIN_MS = 100;

const CHANGES: MutationObserverInit = { childList: true, subtree: true, characterData: true };

/** Finds the host's list, wherever and whenever it appears, and tells when its content has changed. */
export class ListWatch {
  readonly #selector: string;
  readonly #onChange: (appearedMs: number) => void;
  readonly #listObserver = new MutationObserver(() => {
    this.#changed();
  });
  readonly #pageObserver = new MutationObserver(() => {
    this.#lookSoon();
  });
  #list: Element | undefined;
  #changedMs: number | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #look: ReturnType<typeof setTimeout> | undefined;
  #watchedRoots = new WeakSet<Node>();

  /** @param onChange told `performance.now()` of the first change since it was told last */
  constructor(selector: string, onChange: (appearedMs: number) => void) {
    this.#selector = selector;
    this.#onChange = onChange;
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
    this.#handle(this.#listObserver.takeRecords());
    change();
    this.#listObserver.takeRecords();
    this.#pageObserver.takeRecords();
  }

  #handle(records: readonly MutationRecord[]): void {
    if (records.length > 0) this.#changed();
  }

  #changed(): void {
    this.#changedMs ??= performance.now();
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      const appearedMs = this.#changedMs ?? performance.now();
      this.#changedMs = undefined;
      this.#onChange(appearedMs);
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
