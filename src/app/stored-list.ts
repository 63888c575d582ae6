import * as v from "valibot";
import { Observable } from "./observable.ts";

/** A list that outlives the page where storage is allowed, and never grows past `most` entries. */
export class StoredList<T> extends Observable<readonly T[]> {
  readonly #storage: Storage | undefined;
  readonly #key: string;
  readonly #most: number;

  constructor(storage: Storage | undefined, key: string, schema: v.GenericSchema<unknown, T>, most: number) {
    super(readEntries(storage, key, schema).slice(-most));
    this.#storage = storage;
    this.#key = key;
    this.#most = most;
  }

  /** Adds `entry` as the newest, in place of those that are `like` it. */
  put(entry: T, like: (other: T) => boolean): void {
    this.#keep([...this.value.filter((other) => !like(other)), entry].slice(-this.#most));
  }

  drop(like: (other: T) => boolean): void {
    this.#keep(this.value.filter((other) => !like(other)));
  }

  #keep(entries: readonly T[]): void {
    this.set(entries);
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(entries));
    } catch {
      // A full or blocked storage only costs the memory beyond this visit.
    }
  }
}

/** Each entry is checked by itself: what an older or newer page left must not break this one. */
function readEntries<T>(storage: Storage | undefined, key: string, schema: v.GenericSchema<unknown, T>): readonly T[] {
  try {
    const stored: unknown = JSON.parse(storage?.getItem(key) ?? "[]");
    return Array.isArray(stored) ? stored.filter((entry): entry is T => v.is(schema, entry)) : [];
  } catch {
    return [];
  }
}
