import type { RerankerState } from "../client/reranker-state.ts";
import type { DeviceChoice, LoadedModel } from "../core/protocol.ts";
import type { Reranker } from "../core/types.ts";
import { MODELS, type ModelChoice } from "./models.ts";
import { Observable } from "./observable.ts";
import type { PreferencesStore } from "./preferences.ts";

/** A reranker whose model can be loaded ahead of the first call. */
export interface LoadableReranker extends Reranker {
  /** At once where the model is loaded; tries anew after a failure. */
  load(): Promise<LoadedModel>;
}

export interface RerankerRequest {
  readonly name: string;
  readonly modelUrl: string;
  readonly device: DeviceChoice;
  readonly onState: (state: RerankerState) => void;
}

export type CreateReranker = (request: RerankerRequest) => LoadableReranker;

/** Owns the one reranker of the page: which model, on which device, and how far it has come. */
export class ModelController {
  readonly choices = new Observable<readonly ModelChoice[]>(MODELS);
  readonly choice: Observable<ModelChoice>;
  readonly state = new Observable<RerankerState>({ type: "idle" });
  /** Another one after each change of model or device. */
  readonly reranker: Observable<LoadableReranker>;
  readonly #create: CreateReranker;
  readonly #preferences: PreferencesStore;

  constructor(create: CreateReranker, preferences: PreferencesStore, choice: ModelChoice) {
    this.#create = create;
    this.#preferences = preferences;
    this.choice = new Observable(choice);
    this.reranker = new Observable(this.#createReranker());
  }

  get device(): DeviceChoice {
    return this.#preferences.value.device;
  }

  /** Resolves with the model that is in use once it is there. */
  load(): Promise<LoadedModel> {
    return this.reranker.value.load();
  }

  /** Loads in the background; how it went is in `state`. */
  start(): void {
    this.load().catch(() => undefined);
  }

  select(choice: ModelChoice): void {
    if (!this.choices.value.some(({ id }) => id === choice.id)) this.choices.set([...this.choices.value, choice]);
    if (choice.id === this.choice.value.id) return;
    this.choice.set(choice);
    this.#replace();
  }

  selectDevice(device: DeviceChoice): void {
    if (device === this.device) return;
    this.#preferences.change({ device });
    this.#replace();
  }

  #replace(): void {
    const old = this.reranker.value;
    this.state.set({ type: "idle" });
    const next = this.#createReranker();
    this.reranker.set(next);
    void old.dispose();
    this.start();
  }

  #createReranker(): LoadableReranker {
    const { id, url } = this.choice.value;
    const created: LoadableReranker = this.#create({
      name: id,
      modelUrl: url,
      device: this.device,
      onState: (state) => {
        // A reranker that was replaced still reports its end.
        if (this.reranker.value === created) this.state.set(state);
      },
    });
    return created;
  }
}
