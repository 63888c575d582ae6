import type { StorageKind } from "../../src/core/protocol.ts";

export interface StoredBlob {
  readonly name: string;
  readonly bytes: number;
}

/** Writes to the end of one blob. All that was written is there after `close`, and most of it after a crash. */
export interface BlobAppender {
  /** What the blob holds by now. */
  readonly bytes: number;
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Empties the blob. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A place that keeps named bytes. Names hold letters, digits, "." and "-" only. One appender at a time is open for a
 * name: callers see to that across threads.
 */
export interface BlobStore {
  readonly kind: StorageKind;
  list(): Promise<readonly StoredBlob[]>;
  /** The bytes without reading them yet; undefined where there is none of that name. */
  read(name: string): Promise<Blob | undefined>;
  /** Replaces what was there. */
  write(name: string, text: string): Promise<void>;
  /** Opens a blob to go on writing at its end; an empty one where there is none. */
  append(name: string): Promise<BlobAppender>;
  /** A name that is not there is no error. */
  delete(name: string): Promise<void>;
}
