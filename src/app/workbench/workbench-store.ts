import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { ColumnMapping } from "../../eval/columns.ts";
import type { GivenFile } from "../../eval/dataset-protocol.ts";
import type { KeptScore, ScoreStore } from "../../eval/scoring.ts";
import type { WorkbenchReport } from "../../eval/workbench-report.ts";
import type { ModelChoice } from "../models.ts";
import type { WorkbenchSettings } from "./workbench-settings.ts";

/** What a run needs to go on after a reload. */
export interface KeptSession {
  readonly files: readonly GivenFile[];
  readonly mapping?: ColumnMapping;
  readonly settings: WorkbenchSettings;
  readonly models: readonly ModelChoice[];
  /** Whether all its models were scored. */
  readonly isFinished: boolean;
}

interface Schema extends DBSchema {
  /** By scope, a blank and the pair's key. */
  readonly scores: { key: string; value: KeptScore };
  readonly sessions: { key: "last"; value: KeptSession };
  /** By the time of their making. */
  readonly reports: { key: string; value: WorkbenchReport };
}

/** Reports kept at most; the oldest go first. */
const MOST_REPORTS = 30;

/**
 * Scores, the last session and finished reports in IndexedDB, so that a run goes on after a reload or a crash, and a
 * second run over the same pairs costs nothing. Where the browser gives no database (some private windows), or it
 * fails, all of it lives as long as the page.
 */
export class WorkbenchStore implements ScoreStore {
  #database: Promise<IDBPDatabase<Schema> | undefined> | undefined;
  readonly #scores = new Map<string, KeptScore>();

  async read(scope: string, pairKeys: readonly string[]): Promise<readonly (KeptScore | undefined)[]> {
    const stored = await this.#try(async (database) => {
      const { store } = database.transaction("scores");
      return await Promise.all(pairKeys.map((pairKey) => store.get(keyOf(scope, pairKey))));
    });
    return pairKeys.map((pairKey, at) => stored?.[at] ?? this.#scores.get(keyOf(scope, pairKey)));
  }

  async write(scope: string, scores: ReadonlyMap<string, KeptScore>): Promise<void> {
    const written = await this.#try(async (database) => {
      const { store, done } = database.transaction("scores", "readwrite", { durability: "relaxed" });
      await Promise.all([...Array.from(scores, ([pairKey, score]) => store.put(score, keyOf(scope, pairKey))), done]);
      return true;
    });
    if (written) return;
    for (const [pairKey, score] of scores) this.#scores.set(keyOf(scope, pairKey), score);
  }

  async session(): Promise<KeptSession | undefined> {
    return await this.#try((database) => database.get("sessions", "last"));
  }

  async keepSession(session: KeptSession): Promise<void> {
    await this.#try((database) => database.put("sessions", session, "last"));
  }

  async forgetSession(): Promise<void> {
    await this.#try((database) => database.delete("sessions", "last"));
  }

  /** Newest first. */
  async reports(): Promise<readonly WorkbenchReport[]> {
    return (await this.#try((database) => database.getAll("reports")))?.reverse() ?? [];
  }

  async keepReport(report: WorkbenchReport): Promise<void> {
    await this.#try(async (database) => {
      await database.put("reports", report, report.receipt.createdAt);
      const keys = await database.getAllKeys("reports");
      for (const key of keys.slice(0, Math.max(0, keys.length - MOST_REPORTS))) await database.delete("reports", key);
    });
  }

  async dropReport(createdAt: string): Promise<void> {
    await this.#try((database) => database.delete("reports", createdAt));
  }

  /** Nothing where there is no database, or it fails. */
  async #try<T>(body: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T | undefined> {
    const database = await (this.#database ??= this.#open());
    if (database === undefined) return undefined;
    try {
      return await body(database);
    } catch {
      return undefined;
    }
  }

  #open(): Promise<IDBPDatabase<Schema> | undefined> {
    const opened = openDB<Schema>("sunwi-workbench", 1, {
      upgrade(database) {
        database.createObjectStore("scores");
        database.createObjectStore("sessions");
        database.createObjectStore("reports");
      },
      blocking: (_, __, event) => {
        // Another tab has a newer page that wants to change it.
        (event.target as IDBDatabase).close();
        this.#database = undefined;
      },
    });
    return opened.catch(() => undefined);
  }
}

function keyOf(scope: string, pairKey: string): string {
  return `${scope} ${pairKey}`;
}
