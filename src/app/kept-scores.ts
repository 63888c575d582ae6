import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { KeptScore, ScoreStore } from "../eval/scoring.ts";

interface Schema extends DBSchema {
  /** By `scope`, a blank and the pair's key. */
  readonly scores: { key: string; value: KeptScore };
}

const NAME = "sunwi-scores";
const VERSION = 1;

/**
 * Scores in IndexedDB, so that a run goes on after a reload or a crash, and a second run over the same pairs costs
 * nothing. Where the browser gives no database (some private windows), or it fails, they live as long as the page.
 */
export class KeptScores implements ScoreStore {
  #database: Promise<IDBPDatabase<Schema> | undefined> | undefined;
  readonly #inMemory = new Map<string, KeptScore>();

  async read(scope: string, pairKeys: readonly string[]): Promise<readonly (KeptScore | undefined)[]> {
    const keys = pairKeys.map((pairKey) => keyOf(scope, pairKey));
    const database = await this.#open();
    return await Promise.all(
      keys.map(async (key) => this.#inMemory.get(key) ?? (await database?.get("scores", key).catch(() => undefined))),
    );
  }

  async write(scope: string, scores: ReadonlyMap<string, KeptScore>): Promise<void> {
    const database = await this.#open();
    try {
      if (database === undefined) throw new Error("There is no database.");
      const { store, done } = database.transaction("scores", "readwrite", { durability: "relaxed" });
      await Promise.all([...Array.from(scores, ([pairKey, score]) => store.put(score, keyOf(scope, pairKey))), done]);
    } catch {
      for (const [pairKey, score] of scores) this.#inMemory.set(keyOf(scope, pairKey), score);
    }
  }

  /** Forgets every score. */
  async clear(): Promise<void> {
    this.#inMemory.clear();
    const database = await this.#open();
    await database?.clear("scores");
  }

  #open(): Promise<IDBPDatabase<Schema> | undefined> {
    this.#database ??= openDB<Schema>(NAME, VERSION, {
      upgrade(database) {
        database.createObjectStore("scores");
      },
      // Another tab with a newer version of the page wants to change it.
      blocking: (_, __, event) => {
        (event.target as IDBDatabase).close();
        this.#database = undefined;
      },
    }).catch(() => undefined);
    return this.#database;
  }
}

function keyOf(scope: string, pairKey: string): string {
  return `${scope} ${pairKey}`;
}
