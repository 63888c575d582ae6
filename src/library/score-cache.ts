import { openDB, type DBSchema, type IDBPDatabase } from "idb";

/** What is kept of a pair: its logit, and whether it was cut to the model's limit. */
export interface CachedScore {
  readonly logit: number;
  readonly truncated: boolean;
}

interface Schema extends DBSchema {
  readonly scores: {
    key: string;
    value: CachedScore & { readonly usedAt: number };
    indexes: { readonly usedAt: number };
  };
}

const MOST_IN_MEMORY = 5000;
const MOST_IN_DATABASE = 20_000;

/**
 * Scores of pairs, so that the same query on the same results costs nothing: the newest in memory, more of them in
 * IndexedDB, the least recently written going first in both. Where the browser gives no database, or the page no
 * hashes (insecure contexts), memory is all there is. No call ever rejects.
 */
export class ScoreCache {
  readonly #memory = new Map<string, CachedScore>();
  #database: Promise<IDBPDatabase<Schema> | undefined> | undefined;

  /** @returns one per document; undefined for what is not known */
  async read(
    scope: string,
    query: string,
    documents: readonly string[],
  ): Promise<readonly (CachedScore | undefined)[]> {
    const keys = await keysOf(scope, query, documents);
    const known = keys.map((key) => this.#memory.get(key));
    if (known.every((score) => score !== undefined)) return known;
    const stored = await this.#try(async (database) => {
      const { store } = database.transaction("scores");
      return await Promise.all(keys.map((key) => store.get(key)));
    });
    return known.map((score, at) => score ?? stored?.[at]);
  }

  async write(
    scope: string,
    query: string,
    documents: readonly string[],
    scores: readonly CachedScore[],
  ): Promise<void> {
    const keys = await keysOf(scope, query, documents);
    for (const [at, key] of keys.entries()) {
      const score = scores[at];
      if (score === undefined) continue;
      this.#memory.delete(key);
      this.#memory.set(key, score);
    }
    for (const key of [...this.#memory.keys()].slice(0, Math.max(0, this.#memory.size - MOST_IN_MEMORY))) {
      this.#memory.delete(key);
    }
    const usedAt = Date.now();
    await this.#try(async (database) => {
      const { store, done } = database.transaction("scores", "readwrite", { durability: "relaxed" });
      await Promise.all([
        ...keys.flatMap((key, at) => {
          const score = scores[at];
          return score === undefined ? [] : [store.put({ ...score, usedAt }, key)];
        }),
        done,
      ]);
    });
  }

  async #try<T>(body: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T | undefined> {
    if (!canHash()) return undefined;
    const database = await (this.#database ??= openScores());
    if (database === undefined) return undefined;
    try {
      return await body(database);
    } catch {
      return undefined;
    }
  }
}

function canHash(): boolean {
  return globalThis.isSecureContext && "indexedDB" in globalThis;
}

async function openScores(): Promise<IDBPDatabase<Schema> | undefined> {
  try {
    const database = await openDB<Schema>("sunwi-scores", 1, {
      upgrade(made) {
        made.createObjectStore("scores").createIndex("usedAt", "usedAt");
      },
    });
    await prune(database);
    return database;
  } catch {
    return undefined;
  }
}

/** Once per page: so many more a visit does not bring. */
async function prune(database: IDBPDatabase<Schema>): Promise<void> {
  const { store, done } = database.transaction("scores", "readwrite");
  let excess = (await store.count()) - MOST_IN_DATABASE;
  for (let cursor = await store.index("usedAt").openCursor(); cursor !== null && excess > 0; excess -= 1) {
    await cursor.delete();
    cursor = await cursor.continue();
  }
  await done;
}

/** SHA-256 where the page may hash; else the texts themselves, which stay in memory. */
async function keysOf(scope: string, query: string, documents: readonly string[]): Promise<readonly string[]> {
  const texts = documents.map((document) => JSON.stringify([scope, query, document]));
  if (!canHash()) return texts;
  return await Promise.all(
    texts.map(async (text) => {
      const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
      return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
    }),
  );
}
