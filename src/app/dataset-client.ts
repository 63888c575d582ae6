import { spawnDatasetWorker } from "../client/spawn-worker.ts";
import { callback, WorkerLife } from "../client/worker-life.ts";
import { RerankError, type WireResult } from "../core/errors.ts";
import type { DataSuspicion } from "../eval/data-checks.ts";
import type {
  CandidateRequest,
  DatasetFacts,
  DatasetWorkerApi,
  FoundDocument,
  GivenFile,
  InputSummary,
  JudgementSummary,
  JudgeRequest,
  Protocol,
  QuestionLine,
  QuestionOrders,
  QuestionTask,
  ReadingProgress,
  UseRequest,
} from "../eval/dataset-protocol.ts";
import type { ScoresByQuestion } from "../eval/systems.ts";

export interface DatasetClientOptions {
  /** Makes the worker. @default the data set worker of this build */
  readonly spawn?: () => Worker;
  /** How long a new worker may take to answer, in milliseconds. @default 60000 */
  readonly startLimitMs?: number;
}

type DatasetLife = WorkerLife<DatasetWorkerApi>;
/** A call as `WorkerLife` sends it. */
type Send<T> = (api: Parameters<Parameters<DatasetLife["call"]>[0]>[0]) => Promise<WireResult<T>>;

/** What was taken into use, so that a new worker can be brought to where the old one was. */
interface InUse {
  readonly files: readonly GivenFile[];
  readonly request: UseRequest;
  /** By protocol and model. */
  readonly scores: Map<string, Parameters<DatasetClient["putScores"]>>;
}

/**
 * The data set in use, in a worker of its own. The worker starts on the first call; after a death the next call starts
 * another, which reads the files in use again. Every call settles.
 */
export class DatasetClient {
  readonly #options: DatasetClientOptions;
  #started: Promise<DatasetLife> | undefined;
  #opened: readonly GivenFile[] | undefined;
  #inUse: InUse | undefined;

  constructor(options: DatasetClientOptions = {}) {
    this.#options = options;
  }

  /** Recognises files; the data set in use stays. @throws RerankError `invalid-input`, `worker-crashed` */
  async open(files: readonly GivenFile[]): Promise<InputSummary> {
    this.#opened = undefined;
    const summary = await this.#call((api) => api.open(files));
    this.#opened = files;
    return summary;
  }

  /** Reads and indexes what was opened last. @throws RerankError `invalid-input`, `worker-crashed` */
  async use(request: UseRequest = {}, onProgress?: (progress: ReadingProgress) => void): Promise<DatasetFacts> {
    const files = this.#opened;
    if (files === undefined) throw new RerankError("invalid-input", "Nothing was opened. Give a file first.");
    const facts = await this.#call((api) => api.use(request, callback(onProgress ?? (() => undefined))));
    this.#inUse = { files, request, scores: new Map() };
    return facts;
  }

  /** The best `limit` documents for a query, and the milliseconds that took. */
  async search(
    query: string,
    limit: number,
  ): Promise<{ readonly found: readonly FoundDocument[]; readonly ms: number }> {
    return await this.#call((api) => api.search(query, limit));
  }

  async tasks(request: CandidateRequest): Promise<readonly QuestionTask[]> {
    return await this.#call((api) => api.tasks(request));
  }

  async check(): Promise<readonly DataSuspicion[]> {
    return await this.#call((api) => api.check());
  }

  async questions(candidates: number): Promise<readonly QuestionLine[]> {
    return await this.#call((api) => api.questions(candidates));
  }

  async putScores(model: string, scores: ScoresByQuestion, protocol: Protocol = "candidates"): Promise<void> {
    await this.#call((api) => api.putScores(model, scores, protocol));
    this.#inUse?.scores.set(`${protocol} ${model}`, [model, scores, protocol]);
  }

  async judge(request: JudgeRequest): Promise<JudgementSummary> {
    return await this.#call((api) => api.judge(request));
  }

  /** @param question its position, from 0; of the systems judged last */
  async orders(question: number): Promise<QuestionOrders> {
    return await this.#call((api) => api.orders(question));
  }

  async trecRun(key: string, tag: string): Promise<string> {
    return await this.#call((api) => api.trecRun(key, tag));
  }

  async #call<T>(send: Send<T>): Promise<T> {
    this.#started ??= this.#start();
    const life = await this.#started;
    return await life.call(send);
  }

  async #start(): Promise<DatasetLife> {
    const { spawn = spawnDatasetWorker, startLimitMs } = this.#options;
    const life: DatasetLife = new WorkerLife<DatasetWorkerApi>(spawn(), () => {
      this.#started = undefined;
    });
    try {
      await life.start(startLimitMs);
      await this.#restore(life);
    } catch (error) {
      // Nothing failed is kept: the next call starts from nothing.
      life.end(error instanceof RerankError ? error : new RerankError("worker-crashed", String(error)));
      throw error;
    }
    return life;
  }

  async #restore(life: DatasetLife): Promise<void> {
    if (this.#inUse === undefined) return;
    const { files, request, scores } = this.#inUse;
    await life.call((api) => api.open(files));
    await life.call((api) =>
      api.use(
        request,
        callback(() => undefined),
      ),
    );
    for (const [model, own, protocol = "candidates"] of scores.values()) {
      await life.call((api) => api.putScores(model, own, protocol));
    }
    if (this.#opened !== undefined && this.#opened !== files) {
      const opened = this.#opened;
      await life.call((api) => api.open(opened));
    }
  }
}
