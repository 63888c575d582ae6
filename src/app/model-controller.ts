import type { RerankerState } from "../client/reranker-state.ts";
import type { DeviceChoice, LoadedModel } from "../core/protocol.ts";
import type { PairScorer } from "../core/pair-scores.ts";
import type { Reranker } from "../core/types.ts";
import type { LoadSentinel } from "./load-sentinel.ts";
import type { ModelChoice } from "./models.ts";
import { Observable } from "./observable.ts";
import type { PreferencesStore } from "./preferences.ts";

/** A reranker whose model can be loaded ahead of the first call. */
export interface LoadableReranker extends Reranker, PairScorer {
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

/** Why the embedded model stands in for the one that the user chose. */
export interface Fallback {
  /** `tab-lost`: a tab died with it in memory. `not-on-device`: it would have to be downloaded first. */
  readonly reason: "tab-lost" | "not-on-device";
  readonly choice: ModelChoice;
}

export interface ModelEnvironment {
  readonly create: CreateReranker;
  readonly preferences: PreferencesStore;
  readonly embedded: ModelChoice;
  readonly sentinel: LoadSentinel;
  /** Whether a load of this model would find all it needs here. */
  readonly isOnDevice: (modelUrl: string) => Promise<boolean>;
}

/** Owns the one reranker of the page: which model, on which device, and how far it has come. */
export class ModelController {
  readonly embedded: ModelChoice;
  readonly choice: Observable<ModelChoice>;
  readonly fallback = new Observable<Fallback | undefined>(undefined);
  readonly state = new Observable<RerankerState>({ type: "idle" });
  /** Another one after each change of model or device. */
  readonly reranker: Observable<LoadableReranker>;
  readonly #environment: ModelEnvironment;
  #restored: Promise<void> | undefined;
  #hasChosen = false;

  constructor(environment: ModelEnvironment) {
    this.#environment = environment;
    this.embedded = environment.embedded;
    this.choice = new Observable(this.embedded);
    this.reranker = new Observable(this.#createReranker());
  }

  get device(): DeviceChoice {
    return this.#environment.preferences.value.device;
  }

  /** Resolves with the model that is in use once it is there; the first call takes up what the last visit chose. */
  async load(): Promise<LoadedModel> {
    await (this.#restored ??= this.#restore());
    const reranker = this.reranker.value;
    const { url } = this.choice.value;
    if (url !== this.embedded.url) await this.#environment.sentinel.guard(url);
    return await reranker.load();
  }

  /** Loads in the background; how it went is in `state`. */
  start(): void {
    this.load().catch(() => undefined);
  }

  /** The user's own choice: it is remembered, and stands whatever happened with this model before. */
  select(choice: ModelChoice): void {
    const { sentinel, preferences } = this.#environment;
    this.#hasChosen = true;
    sentinel.forgive(choice.url);
    this.fallback.set(undefined);
    preferences.change({ model: choice.url === this.embedded.url ? undefined : choice });
    if (choice.url !== this.choice.value.url) this.#use(choice);
  }

  /** Goes on with the same model, or with the embedded one where this would mean a download. */
  async selectDevice(device: DeviceChoice): Promise<void> {
    if (device === this.device) return;
    this.#environment.preferences.change({ device });
    const choice = this.choice.value;
    const isReady = choice.url === this.embedded.url || (await this.#isOnDevice(choice));
    if (device !== this.device || choice !== this.choice.value) return;
    if (!isReady) this.fallback.set({ reason: "not-on-device", choice });
    this.#use(isReady ? choice : this.embedded);
  }

  /** The last visit's choice, as long as the user makes no other. */
  get #rememberedChoice(): ModelChoice | undefined {
    return this.#hasChosen ? undefined : this.#environment.preferences.value.model;
  }

  async #restore(): Promise<void> {
    const wanted = this.#rememberedChoice;
    if (wanted === undefined) return;
    const lostTab = await this.#environment.sentinel.hasLostTab(wanted.url);
    const isReady = await this.#isOnDevice(wanted);
    // The user may have chosen meanwhile.
    if (this.#rememberedChoice === undefined) return;
    if (lostTab || !isReady) this.fallback.set({ reason: lostTab ? "tab-lost" : "not-on-device", choice: wanted });
    else this.#replace(wanted);
  }

  #isOnDevice({ url }: ModelChoice): Promise<boolean> {
    return this.#environment.isOnDevice(url).catch(() => false);
  }

  #use(choice: ModelChoice): void {
    this.#replace(choice);
    this.start();
  }

  #replace(choice: ModelChoice): void {
    const old = this.reranker.value;
    this.#environment.sentinel.release();
    this.choice.set(choice);
    this.state.set({ type: "idle" });
    this.reranker.set(this.#createReranker());
    void old.dispose();
  }

  #createReranker(): LoadableReranker {
    const { name, url } = this.choice.value;
    const created: LoadableReranker = this.#environment.create({
      name,
      modelUrl: url,
      device: this.device,
      onState: (state) => {
        // A reranker that was replaced still reports its end.
        if (this.reranker.value !== created) return;
        if (state.type === "failed") this.#environment.sentinel.release();
        this.state.set(state);
      },
    });
    return created;
  }
}
