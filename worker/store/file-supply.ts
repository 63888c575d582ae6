import { RerankError, throwIfAborted } from "../../src/core/errors.ts";
import type { DownloadPatience, StorageKind } from "../../src/core/protocol.ts";
import type { BlobStore } from "./blob-store.ts";
import { FileDownload } from "./file-download.ts";
import { fileUrl, type FileUrls } from "./file-url.ts";
import { whileLocked } from "./locks.ts";
import { freeBytes, isQuotaExceeded } from "./open-store.ts";
import { PartialFile } from "./partial-file.ts";
import { listFiles, readChecked, type ExpectedFile } from "./stored-files.ts";
import type { ProgressSum } from "./progress.ts";

export interface FileSupplyOptions {
  readonly blobs: BlobStore;
  /** Takes what does not fit into `blobs`; without it, such a file is an error. */
  readonly overflow?: BlobStore;
  readonly modelUrl: string;
  readonly files?: FileUrls;
  readonly patience: Required<DownloadPatience>;
}

export interface ObtainOptions {
  readonly signal: AbortSignal;
  readonly progress: ProgressSum;
}

/** Files of one package: from this device where they lie there and are right, else from the package's server. */
export class FileSupply {
  readonly #options: FileSupplyOptions;
  #isFull = false;

  constructor(options: FileSupplyOptions) {
    this.#options = options;
  }

  /** Where what was obtained lies: `memory` also where only a part of it does. */
  get storage(): StorageKind {
    return this.#isFull ? "memory" : this.#options.blobs.kind;
  }

  /**
   * Compares what is missing with the room there is.
   * @returns false where it goes to `overflow`
   * @throws RerankError `storage-full` where there is no overflow
   */
  async makeSureOfRoom(files: readonly ExpectedFile[]): Promise<boolean> {
    const stored = await listFiles(this.#options.blobs);
    const neededBytes = files.reduce((sum, { bytes, sha256 }) => sum + bytes - (stored.get(sha256)?.bytes ?? 0), 0);
    const free = await freeBytes();
    if (neededBytes > 0 && free !== undefined && free < neededBytes) this.#overflow(neededBytes, free);
    return !this.#isFull;
  }

  /**
   * The file, right to the last bit.
   * @throws RerankError `model-download`, `model-integrity`, `storage-full`, `not-on-device` for an imported package,
   *   or the signal's reason
   */
  obtain(file: ExpectedFile, { signal, progress }: ObtainOptions): Promise<Blob> {
    return whileLocked(
      `write-${file.sha256}`,
      async () => {
        progress.update(file.sha256, { isWaiting: false });
        return (await this.#fromDevice(file, progress)) ?? (await this.#fromServer(file, signal, progress));
      },
      {
        signal,
        onWait: () => {
          progress.update(file.sha256, { isWaiting: true });
        },
      },
    );
  }

  async #fromDevice(file: ExpectedFile, progress: ProgressSum): Promise<Blob | undefined> {
    const { blobs, overflow } = this.#options;
    const blob = (await readChecked(blobs, file)) ?? (overflow && (await readChecked(overflow, file)));
    if (blob) progress.update(file.sha256, { storedBytes: file.bytes });
    return blob;
  }

  async #fromServer(file: ExpectedFile, signal: AbortSignal, progress: ProgressSum): Promise<Blob> {
    const { blobs, overflow, modelUrl } = this.#options;
    if (modelUrl.startsWith("local:")) {
      throw new RerankError(
        "not-on-device",
        `"${file.name}" no longer lies on this device. Import the package again.`,
        {
          details: { file: file.name },
        },
      );
    }
    if (!this.#isFull) {
      try {
        return await this.#download(file, blobs, signal, progress);
      } catch (error) {
        if (!isQuotaExceeded(error)) throw error;
        throwIfAborted(signal);
        this.#overflow(file.bytes, await freeBytes());
      }
    }
    return this.#download(file, overflow ?? blobs, signal, progress);
  }

  async #download(file: ExpectedFile, to: BlobStore, signal: AbortSignal, progress: ProgressSum): Promise<Blob> {
    const partial = await PartialFile.open(to, file.sha256);
    try {
      const download = new FileDownload(file, partial, {
        url: fileUrl(this.#options.modelUrl, file.name, this.#options.files),
        patience: this.#options.patience,
        // What the store keeps need not lie in the browser's cache a second time.
        cache: to.kind === "memory" ? "default" : "no-store",
        signal,
        onBytes: (storedBytes, transferredBytes) => {
          progress.update(file.sha256, { storedBytes, transferredBytes });
        },
      });
      await download.run();
    } finally {
      await partial.close();
    }
    return partial.complete();
  }

  #overflow(neededBytes: number, free: number | undefined): void {
    if (this.#options.overflow === undefined) throw storageFull(neededBytes, free);
    this.#isFull = true;
  }
}

/** @param free bytes that the browser says it would still give; not told where that would be enough */
export function storageFull(neededBytes: number, free: number | undefined): RerankError {
  const isTold = free !== undefined && free < neededBytes;
  const room = isTold ? `${free} bytes are free` : "the browser refused to store them";
  return new RerankError(
    "storage-full",
    `The model does not fit into this browser's storage: ${neededBytes} bytes are needed, ${room}.`,
    { details: { neededBytes, ...(isTold && { freeBytes: free }) } },
  );
}
