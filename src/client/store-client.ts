import { RerankError, throwIfAborted } from "../core/errors.ts";
import type { DeviceChoice, DownloadPatience, DownloadProgress } from "../core/protocol.ts";
import type { PackageFile, StoredPackage, StoreUsage, StoreWorkerApi } from "../core/store-protocol.ts";
import { resolveModelUrl } from "./model-url.ts";
import { spawnStoreWorker } from "./spawn-worker.ts";
import { callback, WorkerLife } from "./worker-life.ts";

export interface ModelStoreClientOptions {
  readonly patience?: DownloadPatience;
  /** Makes the worker. @default the store worker of this build */
  readonly spawn?: () => Worker;
  /** How long a new worker may take to answer, in milliseconds. @default 60000 */
  readonly startLimitMs?: number;
}

export interface StoreCallOptions {
  /** Pauses the work: what has arrived stays, and the next call for the same package goes on from there. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/**
 * The model packages on this device: asks a worker of its own, which it starts on the first call and again after a
 * death. Every call settles, however the worker ends.
 */
export class ModelStoreClient {
  readonly #options: ModelStoreClientOptions;
  #life: WorkerLife<StoreWorkerApi> | undefined;
  #started: Promise<WorkerLife<StoreWorkerApi>> | undefined;
  #disposed = false;

  constructor(options: ModelStoreClientOptions = {}) {
    this.#options = options;
  }

  /** Packages of which this device holds something, in no fixed order. */
  async list(): Promise<readonly StoredPackage[]> {
    const life = await this.#start();
    return life.call((api) => api.list());
  }

  async usage(): Promise<StoreUsage> {
    const life = await this.#start();
    return life.call((api) => api.usage());
  }

  /**
   * Downloads the variant that a load on `device` would try first, or what is missing of it.
   * @param request `modelUrl`: the package's folder; relative URLs are resolved against the page
   * @throws RerankError `aborted`, `storage-full`, `model-download`, `model-integrity`, `model-invalid`,
   *   `webgpu-unavailable`, `not-on-device` where the package was removed meanwhile
   */
  async download(
    { modelUrl, device }: { readonly modelUrl: string; readonly device: DeviceChoice },
    { signal, onProgress }: StoreCallOptions = {},
  ): Promise<StoredPackage> {
    throwIfAborted(signal);
    askToPersist();
    const { patience } = this.#options;
    const request = { modelUrl: resolveModelUrl(modelUrl), device, ...(patience && { patience }) };
    const life = await this.#start();
    return untilSettled(onProgress, (tell) =>
      life.callWithCancel((api, requestId) => api.download({ ...request, requestId }, callback(tell)), signal),
    );
  }

  /**
   * Copies a package from files into the store, each checked against the manifest.
   * @throws RerankError `aborted`, `storage-full`, `model-integrity`, `model-invalid`
   */
  async importPackage(
    files: readonly PackageFile[],
    { signal, onProgress }: StoreCallOptions = {},
  ): Promise<StoredPackage> {
    throwIfAborted(signal);
    askToPersist();
    const life = await this.#start();
    return untilSettled(onProgress, (tell) =>
      life.callWithCancel((api, requestId) => api.importPackage({ requestId, files }, callback(tell)), signal),
    );
  }

  /** Deletes what only this package needs. A package that is not there is no error. */
  async remove(modelUrl: string): Promise<void> {
    const life = await this.#start();
    await life.call((api) => api.remove(resolveModelUrl(modelUrl)));
  }

  /** Stops the worker; open calls reject with `disposed`, and what has arrived stays. */
  dispose(): void {
    this.#disposed = true;
    this.#life?.end(new RerankError("disposed", "The model store was disposed."));
  }

  #start(): Promise<WorkerLife<StoreWorkerApi>> {
    if (this.#disposed) return Promise.reject(new RerankError("disposed", "The model store was disposed."));
    this.#started ??= this.#spawn();
    return this.#started;
  }

  async #spawn(): Promise<WorkerLife<StoreWorkerApi>> {
    const { spawn = spawnStoreWorker, startLimitMs } = this.#options;
    const life = new WorkerLife<StoreWorkerApi>(spawn(), () => {
      this.#forget(life);
    });
    this.#life = life;
    try {
      await life.start(startLimitMs);
    } catch (error) {
      // Nothing failed is kept: the next call starts from nothing.
      life.end(error instanceof RerankError ? error : new RerankError("worker-crashed", String(error)));
      throw error;
    }
    return life;
  }

  /** After a worker's end the next call starts a new one. */
  #forget(life: WorkerLife<StoreWorkerApi>): void {
    if (this.#life !== life) return;
    this.#life = undefined;
    this.#started = undefined;
  }
}

/** Progress takes another way than the result, and may come after it: such is not passed on. */
async function untilSettled<T>(
  onProgress: StoreCallOptions["onProgress"],
  call: (tell: (progress: DownloadProgress) => void) => Promise<T>,
): Promise<T> {
  let settled = false;
  try {
    return await call((progress) => {
      if (!settled) onProgress?.(progress);
    });
  } finally {
    settled = true;
  }
}

/**
 * Asks the browser not to clear this site's storage when space runs short; only pages may ask. Not awaited: some
 * browsers ask the user, and the download need not wait for that.
 */
function askToPersist(): void {
  // Typed as always there; in an insecure context it is not.
  const storage = navigator.storage as StorageManager | undefined;
  storage?.persist().catch(() => undefined);
}
