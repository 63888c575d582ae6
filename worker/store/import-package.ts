import { RerankError, throwIfAborted } from "../../src/core/errors.ts";
import type { DownloadProgress } from "../../src/core/protocol.ts";
import type { PackageFile } from "../../src/core/store-protocol.ts";
import { parseManifest, variantFiles, type ModelManifest } from "../../src/model/manifest.ts";
import type { BlobStore } from "./blob-store.ts";
import { whileLocked, whileUsing } from "./locks.ts";
import { storageFull } from "./file-supply.ts";
import { expectedFiles } from "./open-package.ts";
import { freeBytes, isQuotaExceeded } from "./open-store.ts";
import { putRecord, sweep, usageOf } from "./package-records.ts";
import { PartialFile } from "./partial-file.ts";
import { ProgressSum } from "./progress.ts";
import { sideBySide } from "./side-by-side.ts";
import { listFiles, readChecked, type ExpectedFile } from "./stored-files.ts";

const MANIFEST = "manifest.json";

export interface ImportOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DownloadProgress) => void;
}

/**
 * Copies a package into the store: those variants whose files are all given.
 * @returns its address there, `local:<id>/`
 * @throws RerankError `model-invalid`, `model-integrity`, `storage-full`, or the signal's reason
 */
export async function importPackage(
  blobs: BlobStore,
  files: readonly PackageFile[],
  { signal, onProgress }: ImportOptions,
): Promise<string> {
  const given = new Map(files.map(({ path, file }) => [path, file]));
  const manifest = await readManifest(given);
  const wanted = filesOfWholeVariants(manifest, given);
  const modelUrl = `local:${manifest.id}/`;
  const progress = new ProgressSum(
    wanted.reduce((sum, { bytes }) => sum + bytes, 0),
    onProgress,
  );
  try {
    await whileUsing(
      wanted.map(({ sha256 }) => usageOf(sha256)),
      async () => {
        await checkRoom(blobs, wanted);
        await progress.over(() =>
          sideBySide(wanted, 1, signal, (file, whileOthersWork) =>
            copyFile(blobs, file, given.get(file.name) ?? new Blob([]), whileOthersWork, progress),
          ),
        );
        // Last, so that an import that failed leaves nothing behind.
        await putRecord(blobs, { modelUrl, manifest });
      },
    );
  } finally {
    await sweep(blobs);
  }
  return modelUrl;
}

async function readManifest(given: ReadonlyMap<string, Blob>): Promise<ModelManifest> {
  const text = await given.get(MANIFEST)?.text();
  if (text === undefined) throw invalid(`there is no ${MANIFEST} among the files`, MANIFEST);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalid(`${MANIFEST} is not JSON`, MANIFEST);
  }
  return parseManifest(json);
}

function filesOfWholeVariants(manifest: ModelManifest, given: ReadonlyMap<string, Blob>): readonly ExpectedFile[] {
  const whole = manifest.variants.filter((variant) => variantFiles(manifest, variant).every((name) => given.has(name)));
  if (whole.length === 0) {
    const [variant] = manifest.variants;
    const missing = variant && variantFiles(manifest, variant).find((name) => !given.has(name));
    throw invalid(`"${missing ?? ""}" is missing`, missing ?? "");
  }
  const files = whole.flatMap((variant) => expectedFiles(manifest, variant));
  return [...new Map(files.map((file) => [file.sha256, file])).values()];
}

async function checkRoom(blobs: BlobStore, wanted: readonly ExpectedFile[]): Promise<void> {
  const stored = await listFiles(blobs);
  const neededBytes = wanted.reduce((sum, { bytes, sha256 }) => sum + bytes - (stored.get(sha256)?.bytes ?? 0), 0);
  const free = await freeBytes();
  if (neededBytes > 0 && free !== undefined && free < neededBytes) throw storageFull(neededBytes, free);
}

function copyFile(
  blobs: BlobStore,
  file: ExpectedFile,
  source: Blob,
  signal: AbortSignal,
  progress: ProgressSum,
): Promise<void> {
  return whileLocked(
    `write-${file.sha256}`,
    async () => {
      const isThere = (await readChecked(blobs, file)) !== undefined;
      if (!isThere) await copyInto(blobs, file, source, signal, progress);
      progress.update(file.sha256, { storedBytes: file.bytes, isWaiting: false });
    },
    {
      signal,
      onWait: () => {
        progress.update(file.sha256, { isWaiting: true });
      },
    },
  );
}

async function copyInto(
  blobs: BlobStore,
  file: ExpectedFile,
  source: Blob,
  signal: AbortSignal,
  progress: ProgressSum,
): Promise<void> {
  if (source.size !== file.bytes) throw notDescribed(file, source.size);
  const partial = await PartialFile.open(blobs, file.sha256);
  try {
    await partial.restart("");
    for await (const chunk of source.stream()) {
      throwIfAborted(signal);
      await partial.write(chunk);
      progress.update(file.sha256, { storedBytes: partial.bytes });
    }
    if (!partial.isRight) {
      await partial.restart("");
      throw notDescribed(file, source.size);
    }
  } catch (error) {
    throw isQuotaExceeded(error) ? storageFull(file.bytes, await freeBytes()) : error;
  } finally {
    await partial.close();
  }
  await partial.complete();
}

function notDescribed({ name: file, bytes: expectedBytes }: ExpectedFile, bytes: number): RerankError {
  return new RerankError("model-integrity", `"${file}" is not the file the manifest describes; nothing was imported.`, {
    details: { file, expectedBytes, bytes },
  });
}

function invalid(what: string, problem: string): RerankError {
  return new RerankError("model-invalid", `This is not a complete model package: ${what}.`, { details: { problem } });
}
