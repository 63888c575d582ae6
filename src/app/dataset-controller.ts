import { RerankError } from "../core/errors.ts";
import type { LoadedDataset } from "./dataset-reader.ts";
import { failureOf } from "./failures.ts";
import { Observable } from "./observable.ts";

/** The dataset in use. A file that cannot be read never replaces it. */
export type DatasetState =
  | { readonly type: "loading" }
  | { readonly type: "ready"; readonly source: "sample" | "file"; readonly loaded: LoadedDataset }
  | { readonly type: "failed"; readonly error: RerankError };

/** What became of the newest file that the user gave. */
export type FileIntake =
  | { readonly type: "none" }
  | { readonly type: "reading"; readonly name: string }
  | { readonly type: "rejected"; readonly name: string; readonly error: RerankError };

export interface DatasetSources {
  /** Where the bundled sample lies. */
  readonly sampleUrl: string;
  readonly fetch: typeof fetch;
  /** Reads and indexes; throws `RerankError`. */
  readonly read: (bytes: Uint8Array, name: string) => Promise<LoadedDataset>;
}

export class DatasetController {
  readonly state = new Observable<DatasetState>({ type: "loading" });
  readonly intake = new Observable<FileIntake>({ type: "none" });
  readonly #sources: DatasetSources;
  #sample: LoadedDataset | undefined;
  /** Counts what was asked for: a slower, older request must not win over a newer one. */
  #newest = 0;

  constructor(sources: DatasetSources) {
    this.#sources = sources;
  }

  /** Shows the bundled sample; fetches it the first time, and again after a failure. */
  async useSample(): Promise<void> {
    this.intake.set({ type: "none" });
    await this.#showSample(++this.#newest);
  }

  /** Reads a file of the user's; the dataset in use stays until that has worked. */
  async useFile(file: Blob & { readonly name: string }): Promise<void> {
    const request = ++this.#newest;
    this.intake.set({ type: "reading", name: file.name });
    try {
      const loaded = await this.#sources.read(new Uint8Array(await file.arrayBuffer()), file.name);
      if (request !== this.#newest) return;
      this.intake.set({ type: "none" });
      this.state.set({ type: "ready", source: "file", loaded });
    } catch (error) {
      if (request !== this.#newest) return;
      this.intake.set({ type: "rejected", name: file.name, error: failureOf(error) });
      // The file had taken the place of a sample that was still on its way.
      if (this.state.value.type === "loading") await this.#showSample(request);
    }
  }

  async #showSample(request: number): Promise<void> {
    if (this.state.value.type !== "ready") this.state.set({ type: "loading" });
    try {
      const loaded = (this.#sample ??= await this.#fetchSample());
      if (request === this.#newest) this.state.set({ type: "ready", source: "sample", loaded });
    } catch (thrown) {
      if (request !== this.#newest) return;
      const error = failureOf(thrown);
      if (this.state.value.type === "ready") this.intake.set({ type: "rejected", name: this.#sampleName, error });
      else this.state.set({ type: "failed", error });
    }
  }

  get #sampleName(): string {
    return this.#sources.sampleUrl.split("/").at(-1) ?? "";
  }

  async #fetchSample(): Promise<LoadedDataset> {
    const { sampleUrl, fetch, read } = this.#sources;
    let response: Response | undefined;
    try {
      response = await fetch(sampleUrl);
      if (response.ok) return await read(new Uint8Array(await response.arrayBuffer()), this.#sampleName);
    } catch (cause) {
      if (cause instanceof RerankError) throw cause;
    }
    throw new RerankError("invalid-input", `${sampleUrl} could not be downloaded. Check the connection and retry.`, {
      details: { reason: "unreachable", url: sampleUrl, status: response?.status ?? 0 },
    });
  }
}
