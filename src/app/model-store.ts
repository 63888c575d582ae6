import type { DeviceChoice, DownloadProgress } from "../core/protocol.ts";
import type { PackageFile, StoredPackage, StoreUsage } from "../core/store-protocol.ts";

interface StoreCallOptions {
  /** Pauses the work: what has arrived stays, and the next call for the same package goes on from there. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/** What the page needs of the packages on this device. Every call may reject with a `RerankError`. */
export interface ModelStore {
  list(): Promise<readonly StoredPackage[]>;
  usage(): Promise<StoreUsage>;
  download(
    request: { readonly modelUrl: string; readonly device: DeviceChoice },
    options: StoreCallOptions,
  ): Promise<StoredPackage>;
  importPackage(files: readonly PackageFile[], options: StoreCallOptions): Promise<StoredPackage>;
  remove(modelUrl: string): Promise<void>;
}
