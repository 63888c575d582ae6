import type { RerankError } from "../core/errors.ts";
import type { Device, DownloadProgress } from "../core/protocol.ts";
import type { StoredPackage, StoreUsage } from "../core/store-protocol.ts";
import type { AddedModels, ModelDescription } from "./added-models.ts";
import { failureOf, isExpectedEnd } from "./failures.ts";
import { likelyDevice, type GpuKind } from "./likely-variant.ts";
import type { ModelController } from "./model-controller.ts";
import { isUsable, listModels, type ListedModel } from "./model-list.ts";
import type { ModelStore } from "./model-store.ts";
import type { ModelChoice } from "./models.ts";
import { Observable } from "./observable.ts";
import { findPackage, type HandedFolder } from "./package-folder.ts";
import { TransferRate } from "./transfer-rate.ts";

/** What the browser said of the models on this device. */
export type ShelfState =
  | { readonly type: "unread" }
  | {
      readonly type: "read";
      readonly packages: readonly StoredPackage[];
      readonly usage: StoreUsage;
      readonly gpu: GpuKind;
      /** Whether the browser promised not to clear this site's files by itself. */
      readonly isPersistent: boolean;
    }
  | { readonly type: "failed"; readonly error: RerankError };

/** A download, or the copying of a folder. One that was paused is gone: what has arrived is in the shelf. */
export type Transfer =
  | { readonly type: "running"; readonly progress?: DownloadProgress; readonly bytesPerSecond?: number }
  | { readonly type: "failed"; readonly error: RerankError };

/** The folder that the user handed over last. */
export type PackageIntake = { readonly type: "none" } | { readonly name: string; readonly transfer: Transfer };

/** What just came to its end, for whoever does not see the page. */
export interface LibraryNews {
  readonly type: "downloaded" | "paused" | "imported" | "removed" | "forgotten" | "added";
  readonly name: string;
}

export interface LibraryEnvironment {
  readonly store: ModelStore;
  readonly models: ModelController;
  readonly added: AddedModels;
  readonly detectGpu: () => Promise<GpuKind>;
  readonly isPersistent: () => Promise<boolean>;
  /** Reads the manifest of the embedded model. */
  readonly describeEmbedded: () => Promise<ModelDescription | undefined>;
  /** Milliseconds, only ever forward. */
  readonly now: () => number;
}

/** Every model that the page knows, and what is on this device of each. */
export class ModelLibrary {
  readonly shelf = new Observable<ShelfState>({ type: "unread" });
  /** By the package's URL. */
  readonly transfers = new Observable<ReadonlyMap<string, Transfer>>(new Map());
  readonly intake = new Observable<PackageIntake>({ type: "none" });
  readonly news = new Observable<LibraryNews | undefined>(undefined);
  /** Of the newest download, in bytes per second. */
  readonly rate = new Observable<number | undefined>(undefined);
  readonly embedded = new Observable<ModelDescription | undefined>(undefined);
  readonly added: AddedModels;
  readonly #environment: LibraryEnvironment;
  readonly #running = new Map<string, AbortController>();
  #importing = new AbortController();
  #newestRead = 0;

  constructor(environment: LibraryEnvironment) {
    this.#environment = environment;
    this.added = environment.added;
    environment.models.state.subscribe(() => {
      // A load keeps what it downloads.
      if (environment.models.state.value.type === "ready" && this.shelf.value.type !== "unread") void this.refresh();
    });
  }

  /** The device that a load would try first. */
  get device(): Device {
    const shelf = this.shelf.value;
    return likelyDevice(this.#environment.models.device, shelf.type === "read" ? shelf.gpu : "none");
  }

  get listed(): readonly ListedModel[] {
    const shelf = this.shelf.value;
    const packages = shelf.type === "read" ? shelf.packages : [];
    const described = [this.embedded.value, ...this.added.value].filter((one) => one !== undefined);
    return listModels(this.#environment.models.embedded, packages, described);
  }

  /** Models that can be used at once, and the one in use. */
  get usable(): readonly ModelChoice[] {
    const { value: current } = this.#environment.models.choice;
    const usable = this.listed.filter((model) => isUsable(model, this.device)).map(({ choice }) => choice);
    return usable.some(({ url }) => url === current.url) ? usable : [...usable, current];
  }

  /** Reads anew what is on this device; what was read before stays until then. */
  async refresh(): Promise<void> {
    const read = ++this.#newestRead;
    const { store, detectGpu, isPersistent } = this.#environment;
    try {
      const [packages, usage, gpu, persistent] = await Promise.all([
        store.list(),
        store.usage(),
        detectGpu(),
        isPersistent(),
      ]);
      if (read === this.#newestRead) this.shelf.set({ type: "read", packages, usage, gpu, isPersistent: persistent });
    } catch (error) {
      if (read === this.#newestRead) this.shelf.set({ type: "failed", error: failureOf(error) });
    }
  }

  /** Reads what the embedded model says of itself; without an answer the list goes without. */
  async describeEmbedded(): Promise<void> {
    if (this.embedded.value !== undefined) return;
    const description = await this.#environment.describeEmbedded().catch(() => undefined);
    this.embedded.set(description);
  }

  /** Puts a package on the list. */
  add(description: ModelDescription): void {
    if (this.listed.some(({ choice, stored }) => choice.url === description.url && stored !== undefined)) return;
    this.added.add(description);
    this.news.set({ type: "added", name: description.name });
  }

  /** Takes a package off the list; what is on this device stays on it. */
  forget({ name, url }: ModelChoice): void {
    this.added.forget(url);
    this.#setTransfer(url, undefined);
    this.news.set({ type: "forgotten", name });
  }

  /** Downloads what is missing for the device in use, from where the last attempt stopped. */
  async download({ name, url }: ModelChoice): Promise<void> {
    if (this.#running.has(url)) return;
    const stop = new AbortController();
    this.#running.set(url, stop);
    const { store, models } = this.#environment;
    try {
      await store.download(
        { modelUrl: url, device: models.device },
        this.#follow(stop.signal, (transfer) => {
          this.#setTransfer(url, transfer);
        }),
      );
      await this.refresh();
      this.#setTransfer(url, undefined);
      this.news.set({ type: "downloaded", name });
    } catch (error) {
      await this.refresh();
      this.#setTransfer(url, isExpectedEnd(error) ? undefined : { type: "failed", error: failureOf(error) });
      if (stop.signal.aborted) this.news.set({ type: "paused", name });
    } finally {
      this.#running.delete(url);
    }
  }

  /** What has arrived stays. */
  pause(url: string): void {
    this.#running.get(url)?.abort();
  }

  /** Deletes a package from this device; where it was in use, the embedded one takes its place. */
  async remove({ choice, description }: ListedModel): Promise<void> {
    const { store, models } = this.#environment;
    const { url, name } = choice;
    this.pause(url);
    if (models.choice.value.url === url) models.select(models.embedded);
    try {
      await store.remove(url);
      // What came over the network can be had again, and so stays on the list.
      if (description !== undefined && /^(https?|transformers):/.test(url)) this.added.add(description);
      this.#setTransfer(url, undefined);
      this.news.set({ type: "removed", name });
    } catch (error) {
      this.#setTransfer(url, { type: "failed", error: failureOf(error) });
    }
    await this.refresh();
  }

  /** Copies a package from a folder that the user handed over. */
  async importFolder(folder: HandedFolder): Promise<void> {
    this.#importing.abort();
    this.#importing = new AbortController();
    const { signal } = this.#importing;
    const show = (transfer: Transfer): void => {
      if (!signal.aborted) this.intake.set({ name: folder.name, transfer });
    };
    try {
      const { name } = await this.#environment.store.importPackage(findPackage(folder), this.#follow(signal, show));
      await this.refresh();
      if (signal.aborted) return;
      this.intake.set({ type: "none" });
      this.news.set({ type: "imported", name });
    } catch (error) {
      if (!isExpectedEnd(error)) show({ type: "failed", error: failureOf(error) });
    }
  }

  /** Leaves off copying, or puts away what went wrong with it. */
  cancelImport(): void {
    this.#importing.abort();
    this.intake.set({ type: "none" });
  }

  #follow(signal: AbortSignal, show: (transfer: Transfer) => void) {
    const rate = new TransferRate();
    show({ type: "running" });
    return {
      signal,
      onProgress: (progress: DownloadProgress): void => {
        const bytesPerSecond = rate.add(progress.transferredBytes, this.#environment.now());
        if (bytesPerSecond !== undefined) this.rate.set(bytesPerSecond);
        show({ type: "running", progress, ...(bytesPerSecond !== undefined && { bytesPerSecond }) });
      },
    };
  }

  #setTransfer(url: string, transfer: Transfer | undefined): void {
    const transfers = new Map(this.transfers.value);
    if (transfer === undefined) transfers.delete(url);
    else transfers.set(url, transfer);
    this.transfers.set(transfers);
  }
}
