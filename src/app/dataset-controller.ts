import type { RerankError } from "../core/errors.ts";
import type { DatasetFacts, GivenFile } from "../eval/dataset-protocol.ts";
import type { DatasetClient } from "./dataset-client.ts";
import { failureOf } from "./failures.ts";
import { Observable } from "./observable.ts";
import { fetchSample } from "./sample-file.ts";

/** A data set that can be searched, and the files that it was read from. */
export interface LoadedDataset {
  readonly facts: DatasetFacts;
  readonly files: readonly GivenFile[];
}

/** The dataset in use. A file that cannot be read never replaces it. */
export type DatasetState =
  | { readonly type: "loading" }
  | { readonly type: "ready"; readonly source: "sample" | "file"; readonly loaded: LoadedDataset }
  | { readonly type: "failed"; readonly error: RerankError };

/** What became of the newest files that the user gave. */
export type FileIntake =
  | { readonly type: "none" }
  | { readonly type: "reading"; readonly name: string }
  | {
      readonly type: "rejected";
      readonly name: string;
      readonly error: RerankError;
      readonly files: readonly GivenFile[];
    };

/** Reads and searches data sets; the page's lives in a worker. */
export type DatasetSource = Pick<DatasetClient, "open" | "use" | "search">;

export interface DatasetSources {
  /** Where the bundled sample lies. */
  readonly sampleUrl: string;
  readonly fetch: typeof fetch;
  readonly datasets: DatasetSource;
}

export class DatasetController {
  readonly state = new Observable<DatasetState>({ type: "loading" });
  readonly intake = new Observable<FileIntake>({ type: "none" });
  readonly #sources: DatasetSources;
  /** Counts what was asked for: a slower, older request must not win over a newer one. */
  #newest = 0;
  /** What is being read. The next waits for it, for the source has one data set in use. */
  #reading: Promise<unknown> = Promise.resolve();

  constructor(sources: DatasetSources) {
    this.#sources = sources;
  }

  /** Shows the bundled sample. */
  async useSample(): Promise<void> {
    this.intake.set({ type: "none" });
    await this.#showSample(++this.#newest);
  }

  /** Reads files of the user's; the dataset in use stays until that has worked. */
  async useFiles(files: readonly GivenFile[]): Promise<void> {
    const request = ++this.#newest;
    const name = files[0]?.path.split("/")[0] ?? "";
    this.intake.set({ type: "reading", name });
    try {
      await this.#read(files, "file", request);
      if (request === this.#newest) this.intake.set({ type: "none" });
    } catch (error) {
      if (request !== this.#newest) return;
      this.intake.set({ type: "rejected", name, error: failureOf(error), files });
      // The file had taken the place of a sample that was still on its way.
      if (this.state.value.type === "loading") await this.#showSample(request);
    }
  }

  /** The best `limit` documents of the dataset in use. @throws RerankError `worker-crashed` */
  search(query: string, limit: number): ReturnType<DatasetSource["search"]> {
    return this.#sources.datasets.search(query, limit);
  }

  async #showSample(request: number): Promise<void> {
    const { sampleUrl, fetch } = this.#sources;
    if (this.state.value.type !== "ready") this.state.set({ type: "loading" });
    try {
      const sample = await fetchSample(sampleUrl, fetch);
      await this.#read([sample], "sample", request);
    } catch (thrown) {
      if (request !== this.#newest) return;
      const error = failureOf(thrown);
      const name = sampleUrl.split("/").at(-1) ?? "";
      if (this.state.value.type === "ready") this.intake.set({ type: "rejected", name, error, files: [] });
      else this.state.set({ type: "failed", error });
    }
  }

  /** Takes files into use, unless something newer was asked for before their turn came. */
  async #read(files: readonly GivenFile[], source: "sample" | "file", request: number): Promise<void> {
    const { datasets } = this.#sources;
    const reading = this.#reading.then(async () => {
      if (request !== this.#newest) return;
      await datasets.open(files);
      if (request !== this.#newest) return;
      const facts = await datasets.use();
      this.state.set({ type: "ready", source, loaded: { facts, files } });
    });
    this.#reading = reading.catch(() => undefined);
    await reading;
  }
}
