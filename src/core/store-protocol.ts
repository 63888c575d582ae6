/** The contract of the store worker: which model packages lie on this device. Shapes only. */
import type { WireResult } from "./errors.ts";
import type { Device, DeviceChoice, DownloadPatience, DownloadProgress, StorageKind, WorkerApi } from "./protocol.ts";

/** One variant of a package on this device. */
interface StoredVariant {
  readonly id: string;
  readonly device: Device;
  /** "4-bit weights, fp32 activations" */
  readonly precision: string;
  /** Bytes of all files it needs. */
  readonly bytes: number;
  /** Bytes of these that lie here, partly downloaded files included; `bytes` where it is complete and works offline. */
  readonly storedBytes: number;
}

/** A package of which this device holds something. */
export interface StoredPackage {
  /** What `LoadRequest.modelUrl` takes: the folder's absolute URL, or `local:<name>/` for one that was imported. */
  readonly modelUrl: string;
  readonly id: string;
  readonly name: string;
  readonly licence: string;
  readonly source: string;
  readonly parameters: number;
  readonly variants: readonly StoredVariant[];
  /** Bytes this package takes on the device; a file that two variants need counts once. */
  readonly storedBytes: number;
}

export interface StoreUsage {
  readonly storage: StorageKind;
  /** Bytes of model files on this device. */
  readonly usedBytes: number;
  /** Bytes the browser would still give this site; absent where it does not say. */
  readonly freeBytes?: number;
}

export interface DownloadRequest {
  /** Chosen by the page; `cancel` names it. */
  readonly requestId: number;
  readonly modelUrl: string;
  /** The variant that a load on this device would try first is downloaded. */
  readonly device: DeviceChoice;
  readonly patience?: DownloadPatience;
}

/** A file of a package that the user dropped, by its path inside the package's folder: "webgpu.bin". */
export interface PackageFile {
  readonly path: string;
  readonly file: Blob;
}

export interface ImportRequest {
  /** Chosen by the page; `cancel` names it. */
  readonly requestId: number;
  readonly files: readonly PackageFile[];
}

export interface StoreWorkerApi extends WorkerApi {
  list(): Promise<WireResult<readonly StoredPackage[]>>;
  usage(): Promise<WireResult<StoreUsage>>;
  /** Rejects with `aborted` after a `cancel`; what has arrived stays, and the next download goes on from there. */
  download(
    request: DownloadRequest,
    onProgress: (progress: DownloadProgress) => unknown,
  ): Promise<WireResult<StoredPackage>>;
  /** Copies a package into the store and checks it like a download; it must hold `manifest.json`. */
  importPackage(
    request: ImportRequest,
    onProgress: (progress: DownloadProgress) => unknown,
  ): Promise<WireResult<StoredPackage>>;
  /** Deletes what only this package needs; a package in use goes on working until its worker ends. */
  remove(modelUrl: string): Promise<WireResult<null>>;
}
