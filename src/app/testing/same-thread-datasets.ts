import { RerankError } from "../../core/errors.ts";
import { DatasetSession } from "../../dataset/dataset-session.ts";
import type { DatasetFacts, GivenFile, InputSummary, UseRequest } from "../../eval/dataset-protocol.ts";
import type { DatasetSource } from "../dataset-controller.ts";

/** Data sets read and searched on this thread. */
export class SameThreadDatasets implements DatasetSource {
  /** What every call ends in. */
  failure: RerankError | undefined;
  readonly #session = new DatasetSession({
    unzip: () => Promise.reject(new RerankError("invalid-input", "No test gives a ZIP.")),
    readParquet: () => Promise.reject(new RerankError("invalid-input", "No test gives Parquet.")),
  });

  async open(files: readonly GivenFile[]): Promise<InputSummary> {
    this.#check();
    const read = files.map(async ({ path, file }) => ({ path, bytes: new Uint8Array(await file.arrayBuffer()) }));
    return await this.#session.open(await Promise.all(read));
  }

  async use(request?: UseRequest): Promise<DatasetFacts> {
    this.#check();
    return await this.#session.use(request);
  }

  search(query: string, limit: number): ReturnType<DatasetSource["search"]> {
    return Promise.resolve().then(() => {
      this.#check();
      return { found: this.#session.search(query, limit), ms: 1 };
    });
  }

  #check(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}
