import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { BlobAppender, BlobStore } from "./blob-store.ts";
import { fileName, partialName } from "./stored-files.ts";

/**
 * A file on its way into the store, hashed while it arrives. What lies there of an earlier attempt is hashed first. A
 * blob of its own marks the file as incomplete and keeps the server's ETag.
 */
export class PartialFile {
  readonly #blobs: BlobStore;
  readonly #sha256: string;
  readonly #appender: BlobAppender;
  #hash = sha256.create();
  #etag: string;

  private constructor(blobs: BlobStore, name: string, appender: BlobAppender, etag: string) {
    this.#blobs = blobs;
    this.#sha256 = name;
    this.#appender = appender;
    this.#etag = etag;
  }

  /** @param expectedSha256 of the whole file; its name in the store */
  static async open(blobs: BlobStore, expectedSha256: string): Promise<PartialFile> {
    const marker = await blobs.read(partialName(expectedSha256));
    if (marker === undefined) await blobs.write(partialName(expectedSha256), "");
    const begun = await blobs.read(fileName(expectedSha256));
    const appender = await blobs.append(fileName(expectedSha256));
    const partial = new PartialFile(blobs, expectedSha256, appender, (await marker?.text()) ?? "");
    try {
      if (begun) for await (const chunk of begun.stream()) partial.#hash.update(chunk);
    } catch (error) {
      await appender.close();
      throw error;
    }
    return partial;
  }

  get bytes(): number {
    return this.#appender.bytes;
  }

  /** Of the server's file that this began with; empty where there was no strong one. */
  get etag(): string {
    return this.#etag;
  }

  /** Whether what has arrived is the expected file. */
  get isRight(): boolean {
    return bytesToHex(this.#hash.clone().digest()) === this.#sha256;
  }

  async write(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#appender.write(chunk);
    this.#hash.update(chunk);
  }

  /** Begins anew with another version of the server's file. */
  async restart(etag: string): Promise<void> {
    if (this.#appender.bytes > 0) await this.#appender.clear();
    this.#hash = sha256.create();
    if (etag !== this.#etag) await this.#blobs.write(partialName(this.#sha256), etag);
    this.#etag = etag;
  }

  /** Lets go of the file; what has arrived stays for the next attempt. */
  async close(): Promise<void> {
    await this.#appender.close();
  }

  /** To be called on a closed file that is right: makes it a complete one. */
  async complete(): Promise<Blob> {
    const blob = await this.#blobs.read(fileName(this.#sha256));
    if (blob === undefined) throw new DOMException("The file was removed meanwhile.", "NotFoundError");
    await this.#blobs.delete(partialName(this.#sha256));
    return blob;
  }
}
