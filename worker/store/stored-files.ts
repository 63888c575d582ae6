import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { BlobStore } from "./blob-store.ts";

/** A file that a manifest names. Under its hash, releases and variants share it. */
export interface ExpectedFile {
  /** Relative to the package's folder. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

const FILE = "file-";
const PARTIAL = "partial-";
/** Up to this size a file is hashed in one piece by the browser, which is many times faster. */
const MAX_HASHED_AT_ONCE = 64 * 2 ** 20;

export const fileName = (hash: string): string => FILE + hash;
/** Of the blob that marks a file as incomplete. */
export const partialName = (hash: string): string => PARTIAL + hash;

/** What the store holds of a file. */
export interface FilePresence {
  readonly bytes: number;
  readonly isComplete: boolean;
}

/** What lies in the store, by SHA-256. */
export async function listFiles(blobs: BlobStore): Promise<ReadonlyMap<string, FilePresence>> {
  const stored = await blobs.list();
  const names = new Set(stored.map(({ name }) => name));
  return new Map(
    stored
      .filter(({ name }) => name.startsWith(FILE))
      .map(({ name, bytes }) => {
        const hash = name.slice(FILE.length);
        return [hash, { bytes, isComplete: !names.has(partialName(hash)) }];
      }),
  );
}

/** The complete file, its size and hash checked; one that proves wrong is deleted. */
export async function readChecked(blobs: BlobStore, expected: ExpectedFile): Promise<Blob | undefined> {
  if (await blobs.read(partialName(expected.sha256))) return undefined;
  const blob = await blobs.read(fileName(expected.sha256));
  if (blob === undefined) return undefined;
  if (blob.size === expected.bytes && (await hashOf(blob)) === expected.sha256) return blob;
  await deleteFile(blobs, expected.sha256);
  return undefined;
}

export async function deleteFile(blobs: BlobStore, hash: string): Promise<void> {
  // The mark goes last: a file without it would count as complete.
  await blobs.delete(fileName(hash));
  await blobs.delete(partialName(hash));
}

/** SHA-256 in hexadecimal; empty where the bytes cannot be read. */
async function hashOf(blob: Blob): Promise<string> {
  try {
    const subtle = crypto.subtle as SubtleCrypto | undefined;
    if (subtle !== undefined && blob.size <= MAX_HASHED_AT_ONCE) {
      return bytesToHex(new Uint8Array(await subtle.digest("SHA-256", await blob.arrayBuffer())));
    }
    const hash = sha256.create();
    for await (const chunk of blob.stream()) hash.update(chunk);
    return bytesToHex(hash.digest());
  } catch {
    return "";
  }
}
