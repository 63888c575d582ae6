import { RerankError, throwIfAborted } from "../core/errors.ts";
import type { StoredPackage, StoreUsage } from "../core/store-protocol.ts";
import type { AddedModels } from "./added-models.ts";
import type { CreateReranker } from "./model-controller.ts";
import type { ModelStore } from "./model-store.ts";
import { isHubModel } from "./models.ts";

type Download = ModelStore["download"];

/** The store of packages, and beside them what the user added from the hub. */
export class StoreWithHub implements ModelStore {
  readonly #store: ModelStore;
  readonly #added: AddedModels;
  readonly #create: CreateReranker;

  constructor(store: ModelStore, added: AddedModels, create: CreateReranker) {
    this.#store = store;
    this.#added = added;
    this.#create = create;
  }

  async list(): Promise<readonly StoredPackage[]> {
    const [packages, hubModels] = await Promise.all([this.#store.list(), this.#hubModels()]);
    return [...packages, ...hubModels];
  }

  async usage(): Promise<StoreUsage> {
    const [usage, hubModels] = await Promise.all([this.#store.usage(), this.#hubModels()]);
    return { ...usage, usedBytes: hubModels.reduce((sum, { storedBytes }) => sum + storedBytes, usage.usedBytes) };
  }

  download(...[request, options]: Parameters<Download>): ReturnType<Download> {
    return isHubModel(request.modelUrl) ? this.#load(request, options) : this.#store.download(request, options);
  }

  importPackage(...call: Parameters<ModelStore["importPackage"]>): ReturnType<ModelStore["importPackage"]> {
    return this.#store.importPackage(...call);
  }

  async remove(modelUrl: string): Promise<void> {
    if (!isHubModel(modelUrl)) return this.#store.remove(modelUrl);
    const { removeHubModel } = await import("./hub-shelf.ts");
    await removeHubModel(modelUrl);
  }

  async #hubModels(): Promise<readonly StoredPackage[]> {
    const described = this.#added.value.filter(({ url }) => isHubModel(url));
    if (described.length === 0) return [];
    const { storedHubModels } = await import("./hub-shelf.ts");
    return storedHubModels(described);
  }

  /** A load keeps what it downloads; whether the model can be used is known with it. */
  async #load({ modelUrl, device }: Parameters<Download>[0], { signal, onProgress }: Parameters<Download>[1]) {
    if (signal) throwIfAborted(signal);
    const reranker = this.#create({
      name: modelUrl,
      modelUrl,
      device,
      onState: (state) => {
        if (state.type === "loading" && state.event?.type === "download") onProgress?.(state.event);
      },
    });
    const stop = (): void => void reranker.dispose();
    signal?.addEventListener("abort", stop);
    try {
      await reranker.load();
    } catch (error) {
      throwIfAborted(signal);
      throw error;
    } finally {
      signal?.removeEventListener("abort", stop);
      await reranker.dispose();
    }
    const stored = (await this.#hubModels()).find((model) => model.modelUrl === modelUrl);
    if (stored === undefined) throw new RerankError("storage-full", "The browser kept nothing of the model.");
    return stored;
  }
}
