/** What the workbench works with, in this thread and in memory. */
import { expect } from "vitest";
import { RerankError } from "../../core/errors.ts";
import { DatasetSession } from "../../dataset/dataset-session.ts";
import type { GivenFile, ReadingProgress, UseRequest } from "../../eval/dataset-protocol.ts";
import type { KeptScore } from "../../eval/scoring.ts";
import type { WorkbenchReport } from "../../eval/workbench-report.ts";
import type { DatasetSource } from "../dataset-controller.ts";
import type { WorkbenchDatasets, WorkbenchMemory } from "../workbench/workbench-state.ts";
import type { KeptSession } from "../workbench/workbench-store.ts";

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: RerankError) => void;
}

export function defer<T>(): Deferred<T> {
  let settle: Omit<Deferred<T>, "promise"> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  promise.catch(() => undefined);
  return { promise, ...(settle ?? expect.fail("never")) };
}

interface Gate {
  readonly open: () => void;
  readonly fail: (error: RerankError) => void;
}

type Datasets = WorkbenchDatasets & DatasetSource;
type Method = keyof Datasets;
type Answer<M extends Method> = ReturnType<Datasets[M]>;

/** As the worker does it: reading takes its turn, everything else is answered at once, in the order it was asked. */
export class SameThreadDatasets implements Datasets {
  readonly #session = new DatasetSession({
    unzip: () => Promise.reject(new RerankError("invalid-input", "No test gives a ZIP.")),
    readParquet: () => Promise.reject(new RerankError("invalid-input", "No test gives Parquet.")),
  });
  readonly #gates = new Map<Method, Promise<unknown>>();
  #reading: Promise<unknown> = Promise.resolve();

  /** The next call's answer waits until the gate opens, and is the gate's error where it fails. */
  hold(method: Method): Gate {
    const { promise, resolve, reject } = defer<undefined>();
    this.#gates.set(method, promise);
    return {
      open: () => {
        resolve(undefined);
      },
      fail: reject,
    };
  }

  open(files: readonly GivenFile[]): Answer<"open"> {
    return this.#inTurn("open", async () => {
      const read = files.map(async ({ path, file }) => ({ path, bytes: new Uint8Array(await file.arrayBuffer()) }));
      return await this.#session.open(await Promise.all(read));
    });
  }

  use(request?: UseRequest, onProgress?: (progress: ReadingProgress) => void): Answer<"use"> {
    return this.#inTurn("use", () => this.#session.use(request, onProgress));
  }

  search(query: string, limit: number): Answer<"search"> {
    return this.#answer("search", () => ({ found: this.#session.search(query, limit), ms: 1 }));
  }

  tasks(request: Parameters<WorkbenchDatasets["tasks"]>[0]): Answer<"tasks"> {
    return this.#answer("tasks", () =>
      request.protocol === "origin" ? this.#session.origin.tasks(request) : this.#session.tasks(request),
    );
  }

  check(): Answer<"check"> {
    return this.#answer("check", () => this.#session.check());
  }

  questions(candidates: number): Answer<"questions"> {
    return this.#answer("questions", () => this.#session.judging.questions(candidates));
  }

  putScores(...[model, scores, protocol]: Parameters<WorkbenchDatasets["putScores"]>): Answer<"putScores"> {
    return this.#answer("putScores", () => {
      (protocol === "origin" ? this.#session.origin : this.#session.judging).putScores(model, scores);
    });
  }

  judge(request: Parameters<WorkbenchDatasets["judge"]>[0]): Answer<"judge"> {
    return this.#answer("judge", () => this.#session.judge(request));
  }

  orders(question: number): Answer<"orders"> {
    return this.#answer("orders", () => this.#session.judging.orders(question));
  }

  trecRun(key: string, tag: string): Answer<"trecRun"> {
    return this.#answer("trecRun", () => this.#session.judging.trecRun(key, tag));
  }

  #inTurn<T>(method: Method, body: () => Promise<T>): Promise<T> {
    const result = this.#reading.then(() => this.#answer(method, body));
    this.#reading = result.catch(() => undefined);
    return result;
  }

  async #answer<T>(method: Method, body: () => T | Promise<T>): Promise<T> {
    const gate = this.#gates.get(method);
    this.#gates.delete(method);
    const value = await body();
    await gate;
    return value;
  }
}

/** What a browser keeps beyond the page; copies, as a database gives them. */
export class MemoryStore implements WorkbenchMemory {
  readonly #scores = new Map<string, KeptScore>();
  readonly #reports = new Map<string, WorkbenchReport>();
  #session: KeptSession | undefined;

  read(scope: string, pairKeys: readonly string[]): Promise<readonly (KeptScore | undefined)[]> {
    return Promise.resolve(pairKeys.map((key) => this.#scores.get(`${scope} ${key}`)));
  }

  write(scope: string, scores: ReadonlyMap<string, KeptScore>): Promise<void> {
    for (const [key, score] of scores) this.#scores.set(`${scope} ${key}`, score);
    return Promise.resolve();
  }

  session(): Promise<KeptSession | undefined> {
    return Promise.resolve(this.#session);
  }

  keepSession(session: KeptSession): Promise<void> {
    this.#session = structuredClone(session);
    return Promise.resolve();
  }

  forgetSession(): Promise<void> {
    this.#session = undefined;
    return Promise.resolve();
  }

  reports(): Promise<readonly WorkbenchReport[]> {
    return Promise.resolve(structuredClone([...this.#reports.values()].reverse()));
  }

  keepReport(report: WorkbenchReport): Promise<void> {
    this.#reports.set(report.receipt.createdAt, structuredClone(report));
    return Promise.resolve();
  }

  dropReport(createdAt: string): Promise<void> {
    this.#reports.delete(createdAt);
    return Promise.resolve();
  }
}
