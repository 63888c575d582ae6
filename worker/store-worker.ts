/** The thread that keeps model packages: lists, downloads, imports and removes them. */
import { RerankError, toWireResult } from "../src/core/errors.ts";
import type { DownloadProgress } from "../src/core/protocol.ts";
import type { DownloadRequest, ImportRequest, StoredPackage, StoreWorkerApi } from "../src/core/store-protocol.ts";
import { variantBytes } from "../src/model/manifest.ts";
import { variantsToTry } from "../src/model/variants.ts";
import { Cancellations } from "./cancellations.ts";
import { withEventsFirst } from "./events-first.ts";
import { probeGpuAdapter } from "./gpu-adapter.ts";
import { serveApi } from "./serve-api.ts";
import type { BlobStore } from "./store/blob-store.ts";
import { storageFull } from "./store/file-supply.ts";
import { importPackage } from "./store/import-package.ts";
import { openPackage } from "./store/open-package.ts";
import { freeBytes, openBlobStore } from "./store/open-store.ts";
import { deleteRecord } from "./store/package-records.ts";
import { withDefaults } from "./store/retry.ts";
import { listFiles } from "./store/stored-files.ts";
import { listPackages } from "./store/stored-packages.ts";
import { withVariantFiles } from "./store/variant-files.ts";

const cancellations = new Cancellations();
const store = openBlobStore();

serveApi<StoreWorkerApi>({
  list: () => toWireResult(async () => listPackages(await store), "worker-crashed"),

  usage: () =>
    toWireResult(async () => {
      const blobs = await store;
      const files = await listFiles(blobs);
      const usedBytes = [...files.values()].reduce((sum, { bytes }) => sum + bytes, 0);
      const free = await freeBytes();
      return { storage: blobs.kind, usedBytes, ...(free !== undefined && { freeBytes: free }) };
    }, "worker-crashed"),

  download: (request, onProgress) =>
    toWireResult(
      () =>
        cancellations.run(request.requestId, (signal) =>
          withEventsFirst(onProgress, (tell) => download(request, signal, tell)),
        ),
      "model-download",
    ),

  importPackage: (request, onProgress) =>
    toWireResult(
      () =>
        cancellations.run(request.requestId, (signal) =>
          withEventsFirst(onProgress, (tell) => importFiles(request, signal, tell)),
        ),
      "model-download",
    ),

  remove: (modelUrl) =>
    toWireResult(async () => {
      await deleteRecord(await store, modelUrl);
      return null;
    }, "worker-crashed"),

  cancel(requestId) {
    cancellations.cancel(requestId);
  },
});

async function download(
  { modelUrl, device, patience: given }: DownloadRequest,
  signal: AbortSignal,
  onProgress: (progress: DownloadProgress) => void,
): Promise<StoredPackage> {
  const blobs = await store;
  const patience = withDefaults(given);
  const adapterFound = device === "wasm" ? undefined : probeGpuAdapter();
  const { manifest, variants } = await openPackage(blobs, modelUrl, { patience, signal });
  const [variant] = variantsToTry({ variants }, device, await adapterFound);
  if (variant === undefined) {
    throw new RerankError("model-invalid", "The package has no variant for this device.", {
      details: { problem: "variants" },
    });
  }
  refuseMemory(blobs, variantBytes(manifest, variant));
  await withVariantFiles({ blobs, modelUrl, manifest, variant, patience, signal, onProgress }, () => Promise.resolve());
  return storedPackage(blobs, modelUrl);
}

async function importFiles(
  { files }: ImportRequest,
  signal: AbortSignal,
  onProgress: (progress: DownloadProgress) => void,
): Promise<StoredPackage> {
  const blobs = await store;
  refuseMemory(
    blobs,
    files.reduce((sum, { file }) => sum + file.size, 0),
  );
  return storedPackage(blobs, await importPackage(blobs, files, { signal, onProgress }));
}

/** What this worker's memory holds is of no use to the one that scores. */
function refuseMemory({ kind }: BlobStore, neededBytes: number): void {
  if (kind === "memory") throw storageFull(neededBytes, 0);
}

async function storedPackage(blobs: BlobStore, modelUrl: string): Promise<StoredPackage> {
  const stored = (await listPackages(blobs)).find((one) => one.modelUrl === modelUrl);
  if (stored) return stored;
  throw new RerankError("not-on-device", "The model was removed while it was being stored.", {
    details: { modelUrl },
  });
}
