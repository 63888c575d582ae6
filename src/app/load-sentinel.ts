const KEY_PREFIX = "sunwi.model-in-memory.";
const MOST_RECORDS = 16;

/** The part of `LockManager` that tells living pages from dead ones. */
export type PageLocks = Pick<LockManager, "request" | "query">;

export interface SentinelEnvironment {
  readonly storage: Storage | undefined;
  /** Absent in insecure contexts, where the sentinel stays silent. */
  readonly locks: PageLocks | undefined;
  /** Names this page; no other may bear it. */
  readonly pageId: string;
}

/**
 * Remembers which model a page had in memory when its tab died.
 *
 * A record stands in the storage while a visible page has a model in memory, and that page holds a lock. A page that
 * ends, or is put into the background, takes its record back; a tab that dies cannot. So a record without a lock tells
 * of a death, and stays until `forgive`. Pages in the background have none because browsers end those at will.
 */
export class LoadSentinel {
  readonly #storage: Storage | undefined;
  readonly #locks: PageLocks | undefined;
  readonly #pageId: string;
  #modelUrl: string | undefined;
  #isSuspended = false;
  #releaseLock: (() => void) | undefined;

  constructor({ storage, locks, pageId }: SentinelEnvironment) {
    this.#storage = storage;
    this.#locks = locks;
    this.#pageId = pageId;
  }

  /** Call before a load begins; resolves once a death would be noticed. */
  async guard(modelUrl: string): Promise<void> {
    if (this.#modelUrl === modelUrl) return;
    this.#modelUrl = modelUrl;
    await this.#record();
  }

  /** The model is out of memory again. */
  release(): void {
    this.#modelUrl = undefined;
    this.#takeBack();
  }

  /** The page goes to the background, or ends. */
  suspend(): void {
    this.#isSuspended = true;
    this.#takeBack();
    this.#releaseLock?.();
    this.#releaseLock = undefined;
  }

  /** The page is in front again, perhaps from the browser's cache of pages. */
  async resume(): Promise<void> {
    this.#isSuspended = false;
    await this.#record();
  }

  /** Whether a tab died with this model in memory, and nobody has forgiven that. */
  async hasLostTab(modelUrl: string): Promise<boolean> {
    if (this.#locks === undefined) return false;
    const suspects = this.#records().filter((record) => record.modelUrl === modelUrl);
    if (suspects.length === 0) return false;
    const { held = [] } = await this.#locks.query();
    const living = new Set(held.map(({ name }) => name));
    return suspects.some(({ key }) => !living.has(key));
  }

  /** Forgets deaths with this model: the user wants it all the same. */
  forgive(modelUrl: string): void {
    const own = this.#key;
    for (const record of this.#records()) {
      if (record.modelUrl === modelUrl && record.key !== own) this.#storage?.removeItem(record.key);
    }
  }

  /** The record's key in the storage, and the lock's name. */
  get #key(): string {
    return KEY_PREFIX + this.#pageId;
  }

  /** The model whose loss would count now. */
  #watched(): string | undefined {
    return this.#isSuspended ? undefined : this.#modelUrl;
  }

  async #record(): Promise<void> {
    if (this.#locks === undefined || this.#watched() === undefined) return;
    await this.#holdLock(this.#locks);
    // Meanwhile the model may have gone, or the page.
    const modelUrl = this.#watched();
    if (modelUrl === undefined) return;
    try {
      const tooMany = this.#records().slice(0, -MOST_RECORDS);
      for (const { key } of tooMany) this.#storage?.removeItem(key);
      this.#storage?.setItem(this.#key, JSON.stringify({ modelUrl, at: Date.now() }));
    } catch {
      // Without storage there is no sentinel, and no false alarm either.
    }
  }

  async #holdLock(locks: PageLocks): Promise<void> {
    if (this.#releaseLock !== undefined) return;
    const held = new Promise<void>((release) => {
      this.#releaseLock = release;
    });
    await new Promise<void>((resolve) => {
      locks
        .request(this.#key, () => {
          resolve();
          return held;
        })
        .catch(() => {
          resolve();
        });
    });
  }

  #takeBack(): void {
    this.#storage?.removeItem(this.#key);
  }

  /** Oldest first. */
  #records(): readonly { readonly key: string; readonly modelUrl: string; readonly at: number }[] {
    const storage = this.#storage;
    if (storage === undefined) return [];
    const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "");
    return keys
      .filter((key) => key.startsWith(KEY_PREFIX))
      .map((key) => ({ key, ...parseRecord(storage.getItem(key)) }))
      .sort((a, b) => a.at - b.at);
  }
}

function parseRecord(text: string | null): { readonly modelUrl: string; readonly at: number } {
  try {
    const record: unknown = JSON.parse(text ?? "null");
    if (typeof record === "object" && record !== null && "modelUrl" in record && "at" in record) {
      return { modelUrl: String(record.modelUrl), at: Number(record.at) };
    }
  } catch {
    // What cannot be read accuses nobody.
  }
  return { modelUrl: "", at: 0 };
}
