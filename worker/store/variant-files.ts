import { RerankError } from "../../src/core/errors.ts";
import type { DownloadPatience, DownloadProgress, StorageKind } from "../../src/core/protocol.ts";
import { variantFiles, type ModelManifest, type ModelVariant } from "../../src/model/manifest.ts";
import type { BlobStore } from "./blob-store.ts";
import { FileSupply } from "./file-supply.ts";
import type { FileUrls } from "./file-url.ts";
import { whileUsing } from "./locks.ts";
import { expectedFiles, factsOf } from "./open-package.ts";
import { putRecord, readRecord, sweep, usageOf } from "./package-records.ts";
import { ProgressSum } from "./progress.ts";
import { sideBySide } from "./side-by-side.ts";

/** As many as a browser opens connections to one host over HTTP/1.1, less some for the page. */
const FILES_AT_ONCE = 4;

export interface SupplyRequest {
  readonly blobs: BlobStore;
  readonly overflow?: BlobStore;
  readonly modelUrl: string;
  readonly files?: FileUrls;
  readonly manifest: ModelManifest;
  readonly variant: ModelVariant;
  readonly patience: Required<DownloadPatience>;
  readonly signal?: AbortSignal;
  readonly onProgress: (progress: DownloadProgress) => void;
}

export interface SuppliedFiles {
  /** By name in the package. @throws RerankError `model-invalid` */
  readonly get: (name: string) => Blob;
  readonly transferredBytes: number;
  readonly storage: StorageKind;
}

/**
 * Gets the files of a variant onto this device and runs `use` with them; until that ends none of them is deleted.
 * @throws RerankError as `FileSupply.obtain` does, and what `use` throws
 */
export async function withVariantFiles<T>(
  request: SupplyRequest,
  use: (files: SuppliedFiles) => Promise<T>,
): Promise<T> {
  const { blobs, manifest, variant } = request;
  const files = expectedFiles(manifest, variant);
  try {
    return await whileUsing(
      files.map(({ sha256 }) => usageOf(sha256)),
      async () => use(await supply(request)),
    );
  } finally {
    // What was removed while it was in use here. Nobody waits for it, and the next sweep tries again.
    sweep(blobs).catch(() => undefined);
  }
}

async function supply(request: SupplyRequest): Promise<SuppliedFiles> {
  const { blobs, overflow, modelUrl, files, manifest, variant, patience, signal, onProgress } = request;
  const expected = expectedFiles(manifest, variant);
  const progress = new ProgressSum(
    expected.reduce((sum, { bytes }) => sum + bytes, 0),
    onProgress,
  );
  const supplier = new FileSupply({
    blobs,
    modelUrl,
    patience,
    ...(overflow && { overflow }),
    ...(files && { files }),
  });
  const isKnown = (await readRecord(blobs, modelUrl)) !== undefined;
  // First, for it may make room: files of an earlier release go.
  if (isKnown) await putRecord(blobs, { modelUrl, manifest });
  if ((await supplier.makeSureOfRoom(expected)) && !isKnown) await putRecord(blobs, { modelUrl, manifest });
  const contents = await progress.over(() =>
    sideBySide(expected, FILES_AT_ONCE, signal, async (file, whileOthersWork) => {
      const blob = await supplier.obtain(file, { signal: whileOthersWork, progress });
      return [file.sha256, blob] as const;
    }),
  );
  const bySha256 = new Map(contents);
  const byName = new Map(
    variantFiles(manifest, variant).map((name) => [name, bySha256.get(factsOf(manifest, name).sha256)]),
  );
  return {
    get(name) {
      const blob = byName.get(name);
      if (blob === undefined) throw new RerankError("model-invalid", `The package lacks "${name}".`);
      return blob;
    },
    transferredBytes: progress.transferredBytes,
    storage: supplier.storage,
  };
}
