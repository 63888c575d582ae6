import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { parseManifest, type ModelManifest } from "../../src/model/manifest.ts";
import type { BlobStore } from "./blob-store.ts";
import { ifUnused, whileLocked } from "./locks.ts";
import { deleteFile, listFiles } from "./stored-files.ts";

const RECORD = "package-";
/** Held while records are read or changed, so that a file is never deleted that a new record names. */
const RECORDS_LOCK = "packages";

/** A package of which files may lie here. */
export interface PackageRecord {
  readonly modelUrl: string;
  readonly manifest: ModelManifest;
}

/** The lock that keeps a file from being deleted while it is shared. */
export const usageOf = (hash: string): string => `use-${hash}`;

export function readRecords(blobs: BlobStore): Promise<readonly PackageRecord[]> {
  return whileLocked(RECORDS_LOCK, () => allRecords(blobs));
}

/** The record of one package. */
export async function readRecord(blobs: BlobStore, modelUrl: string): Promise<PackageRecord | undefined> {
  return whileLocked(RECORDS_LOCK, () => parseRecord(blobs, recordName(modelUrl)));
}

/** Remembers a package; the files of its earlier releases go, where no other package needs them. */
export async function putRecord(blobs: BlobStore, record: PackageRecord): Promise<void> {
  await whileLocked(RECORDS_LOCK, async () => {
    const text = JSON.stringify(record);
    const name = recordName(record.modelUrl);
    if ((await (await blobs.read(name))?.text()) === text) return;
    await blobs.write(name, text);
    await deleteUnnamed(blobs);
  });
}

/** Forgets a package, and deletes the files that only it needed. */
export async function deleteRecord(blobs: BlobStore, modelUrl: string): Promise<void> {
  await whileLocked(RECORDS_LOCK, async () => {
    await blobs.delete(recordName(modelUrl));
    await deleteUnnamed(blobs);
  });
}

/** Deletes files that no package names; those in use are left to the next sweep. */
export function sweep(blobs: BlobStore): Promise<void> {
  return whileLocked(RECORDS_LOCK, () => deleteUnnamed(blobs));
}

async function deleteUnnamed(blobs: BlobStore): Promise<void> {
  const records = await allRecords(blobs);
  const named = new Set(records.flatMap(({ manifest }) => Object.values(manifest.files).map((file) => file.sha256)));
  for (const hash of (await listFiles(blobs)).keys()) {
    if (!named.has(hash)) await ifUnused(usageOf(hash), () => deleteFile(blobs, hash));
  }
}

async function allRecords(blobs: BlobStore): Promise<readonly PackageRecord[]> {
  const names = (await blobs.list()).map(({ name }) => name).filter((name) => name.startsWith(RECORD));
  const records = await Promise.all(names.map((name) => parseRecord(blobs, name)));
  return records.filter((record) => record !== undefined);
}

/** Undefined also for one that a crash cut short: its files are then those of no package. */
async function parseRecord(blobs: BlobStore, name: string): Promise<PackageRecord | undefined> {
  const blob = await blobs.read(name);
  if (blob === undefined) return undefined;
  try {
    const { modelUrl, manifest } = JSON.parse(await blob.text()) as Record<string, unknown>;
    return typeof modelUrl === "string" ? { modelUrl, manifest: parseManifest(manifest) } : undefined;
  } catch {
    return undefined;
  }
}

function recordName(modelUrl: string): string {
  return RECORD + bytesToHex(sha256(utf8ToBytes(modelUrl)));
}
