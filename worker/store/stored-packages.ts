import type { StoredPackage } from "../../src/core/store-protocol.ts";
import type { ModelManifest } from "../../src/model/manifest.ts";
import { variantBytes } from "../../src/model/manifest.ts";
import type { BlobStore } from "./blob-store.ts";
import { expectedFiles } from "./open-package.ts";
import { readRecords, type PackageRecord } from "./package-records.ts";
import { listFiles, type ExpectedFile, type FilePresence } from "./stored-files.ts";

/** Packages of which this device holds something. */
export async function listPackages(blobs: BlobStore): Promise<readonly StoredPackage[]> {
  const records = await readRecords(blobs);
  const stored = await listFiles(blobs);
  return records.map((record) => describePackage(record, stored)).filter(({ storedBytes }) => storedBytes > 0);
}

function describePackage(
  { modelUrl, manifest }: PackageRecord,
  stored: ReadonlyMap<string, FilePresence>,
): StoredPackage {
  const { id, name, licence, source, architecture } = manifest;
  return {
    modelUrl,
    id,
    name,
    licence,
    source: source.repository,
    parameters: architecture.parameters,
    variants: manifest.variants.map((variant) => ({
      id: variant.id,
      device: variant.device,
      precision: variant.precision,
      bytes: variantBytes(manifest, variant),
      storedBytes: bytesOf(expectedFiles(manifest, variant), stored),
    })),
    storedBytes: bytesOf(allFiles(manifest), stored),
  };
}

function allFiles(manifest: ModelManifest): readonly ExpectedFile[] {
  const files = Object.entries(manifest.files).map(([name, { bytes, sha256 }]) => ({ name, bytes, sha256 }));
  return [...new Map(files.map((file) => [file.sha256, file])).values()];
}

function bytesOf(files: readonly ExpectedFile[], stored: ReadonlyMap<string, FilePresence>): number {
  return files.reduce((sum, { bytes, sha256 }) => sum + Math.min(bytes, stored.get(sha256)?.bytes ?? 0), 0);
}
