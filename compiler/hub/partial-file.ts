import { createHash, type Hash } from "node:crypto";
import { constants } from "node:fs";
import { open, rename, stat, type FileHandle } from "node:fs/promises";
import type { HubFile } from "./repository.ts";

const READ_BYTES = 4 * 2 ** 20;

/**
 * A file on its way here, as `<path>.partial`. Bytes are hashed as they are written; those that an earlier run left
 * are hashed when it is opened. Bytes go to their own places, so two processes that fetch the same file at once write
 * the same twice and spoil nothing.
 */
export class PartialFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #file: HubFile;
  #hash: Hash;
  #received = 0;

  private constructor(handle: FileHandle, path: string, file: HubFile) {
    this.#handle = handle;
    this.#path = path;
    this.#file = file;
    this.#hash = newHash(file);
  }

  static async open(path: string, file: HubFile): Promise<PartialFile> {
    const handle = await open(partialPath(path), constants.O_RDWR | constants.O_CREAT);
    const partial = new PartialFile(handle, path, file);
    try {
      await partial.#readBack();
      return partial;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Bytes that are here. */
  get received(): number {
    return this.#received;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#received + done);
      done += bytesWritten;
    }
    this.#hash.update(bytes);
    this.#received += bytes.length;
  }

  /** Throws away what is here. */
  async restart(): Promise<void> {
    await this.#handle.truncate(0);
    this.#hash = newHash(this.#file);
    this.#received = 0;
  }

  /** Gives the file its name where size and digest are right. @returns whether they are */
  async finish(): Promise<boolean> {
    if (this.#received !== this.#file.bytes || this.#hash.digest("hex") !== this.#file.digest.hex) return false;
    await this.#handle.sync();
    await rename(partialPath(this.#path), this.#path).catch(async (error: unknown) => {
      // Another process was quicker.
      if ((await sizeOf(this.#path)) !== this.#file.bytes) throw error;
    });
    return true;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #readBack(): Promise<void> {
    const { size } = await this.#handle.stat();
    if (size > this.#file.bytes) {
      await this.restart();
      return;
    }
    const buffer = new Uint8Array(Math.min(READ_BYTES, Math.max(size, 1)));
    while (this.#received < size) {
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, this.#received);
      if (bytesRead === 0) break;
      this.#hash.update(buffer.subarray(0, bytesRead));
      this.#received += bytesRead;
    }
  }
}

/** Bytes of `file` that lie at `path` already, whole or in part. */
export async function bytesPresent(path: string, file: HubFile): Promise<number> {
  if ((await sizeOf(path)) === file.bytes) return file.bytes;
  const partial = await sizeOf(partialPath(path));
  return partial !== undefined && partial <= file.bytes ? partial : 0;
}

/** A file gets its name only when its digest has been checked, so its size is enough to know it again. */
export async function isPresent(path: string, file: HubFile): Promise<boolean> {
  return (await sizeOf(path)) === file.bytes;
}

async function sizeOf(path: string): Promise<number | undefined> {
  return await stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}

function partialPath(path: string): string {
  return `${path}.partial`;
}

function newHash({ bytes, digest }: HubFile): Hash {
  // Git names a file by the SHA-1 of its kind, its length and its bytes.
  return digest.algorithm === "sha256" ? createHash("sha256") : createHash("sha1").update(`blob ${String(bytes)}\0`);
}
