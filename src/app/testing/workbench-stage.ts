/** The workbench without a page: data sets on this thread, a store in memory, and scorers that answer when told to. */
import { expect, vi } from "vitest";
import { abortReason, RerankError } from "../../core/errors.ts";
import type { PairScores, PairScoringOptions } from "../../core/pair-scores.ts";
import type { LoadedModel } from "../../core/protocol.ts";
import { DatasetSession } from "../../dataset/dataset-session.ts";
import type { GivenFile, ReadingProgress, UseRequest } from "../../eval/dataset-protocol.ts";
import type { KeptScore } from "../../eval/scoring.ts";
import type { WorkbenchReport } from "../../eval/workbench-report.ts";
import type { ModelChoice } from "../models.ts";
import { WorkbenchController } from "../workbench/workbench-controller.ts";
import type { RunScorer, WorkbenchDatasets, WorkbenchMemory } from "../workbench/workbench-state.ts";
import type { KeptSession } from "../workbench/workbench-store.ts";

export const MINI: ModelChoice = { name: "Sunwi mini", url: "https://page.test/models/mini/" };
export const LARGE: ModelChoice = { name: "Large", url: "https://models.test/large/" };

/** Three questions; the first stage has the right document of the first one in the second place. */
export const JUDGED_CSV = [
  "query_id,query,doc_id,document,relevance,score",
  "a,질문 하나,d1,틀린 글 하나,0,3",
  "a,질문 하나,d2,맞는 글 하나,1,2",
  "b,질문 둘,d3,맞는 글 둘,1,2",
  "b,질문 둘,d4,틀린 글 둘,0,1",
  "c,질문 셋,d5,맞는 글 셋,1,4",
  "c,질문 셋,d1,틀린 글 하나,0,3",
].join("\n");

export const given = (path: string, text = JUDGED_CSV): GivenFile => ({ path, file: new Blob([text]) });

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

type Method = keyof WorkbenchDatasets;
type Answer<M extends Method> = ReturnType<WorkbenchDatasets[M]>;

/** As the worker does it: reading takes its turn, everything else is answered at once, in the order it was asked. */
class SameThreadDatasets implements WorkbenchDatasets {
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

  tasks(request: Parameters<WorkbenchDatasets["tasks"]>[0]): Answer<"tasks"> {
    return this.#answer("tasks", () => this.#session.tasks(request));
  }

  check(): Answer<"check"> {
    return this.#answer("check", () => this.#session.check());
  }

  questions(candidates: number): Answer<"questions"> {
    return this.#answer("questions", () => this.#session.judging.questions(candidates));
  }

  putScores(...[model, scores]: Parameters<WorkbenchDatasets["putScores"]>): Answer<"putScores"> {
    return this.#answer("putScores", () => {
      this.#session.judging.putScores(model, scores);
    });
  }

  judge(request: Parameters<WorkbenchDatasets["judge"]>[0]): Answer<"judge"> {
    return this.#answer("judge", () => this.#session.judging.judge(request));
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

interface ScoringCall {
  readonly query: string;
  readonly documents: readonly string[];
  readonly windows: boolean;
  /** As a model that knows what is right. */
  readonly answer: () => void;
  readonly fail: (error: RerankError) => void;
}

/** A model that loads and scores when it is told to, or by itself. */
class ToldScorer implements RunScorer {
  readonly model: ModelChoice;
  readonly calls: ScoringCall[] = [];
  readonly #loading = defer<LoadedModel>();
  readonly #isWilling: () => boolean;
  isDisposed = false;

  constructor(model: ModelChoice, isWilling: () => boolean) {
    this.model = model;
    this.#isWilling = isWilling;
  }

  load(): Promise<LoadedModel> {
    if (this.#isWilling()) this.ready();
    return this.#loading.promise;
  }

  ready(): void {
    this.#loading.resolve(loaded(this.model));
  }

  refuse(error: RerankError): void {
    this.#loading.reject(error);
  }

  scorePairs(query: string, documents: readonly string[], options: PairScoringOptions = {}): Promise<PairScores> {
    const { windows = false, signal } = options;
    const { promise, resolve, reject } = defer<PairScores>();
    signal?.addEventListener("abort", () => {
      reject(abortReason(signal));
    });
    const answer = (): void => {
      resolve({
        logits: Float32Array.from(documents, (document) => (document.startsWith("맞는") ? 3 : -1)),
        windows: new Uint8Array(documents.length).fill(1),
        truncated: new Uint8Array(documents.length),
      });
    };
    this.calls.push({ query, documents, windows, answer, fail: reject });
    if (this.#isWilling()) answer();
    return promise;
  }

  dispose(): Promise<void> {
    this.isDisposed = true;
    return Promise.resolve();
  }
}

function loaded({ name, url }: ModelChoice): LoadedModel {
  return {
    id: name,
    name,
    licence: "MIT",
    device: "wasm",
    variant: "wasm",
    runtime: "wasm",
    threads: 1,
    adapter: "",
    softwareAdapter: false,
    downloadBytes: 1000,
    transferredBytes: 0,
    storage: "opfs",
    maxTokens: 224,
    blendWeight: 10,
    selfTest: { pairs: 2, maxError: 0, tolerance: 0.1, key: url, elapsedMs: 1 },
    downgrades: [],
    loadMs: 1,
  };
}

export interface WorkbenchStage {
  readonly workbench: WorkbenchController;
  readonly datasets: SameThreadDatasets;
  readonly store: MemoryStore;
  /** Every one that was ever made, in order. */
  readonly scorers: readonly ToldScorer[];
  /** Whether scorers load and answer by themselves from now on. */
  letAnswer(isWilling: boolean): void;
  /** The call of that number of the newest scorer, once it is made. */
  nextCall(count: number): Promise<ScoringCall>;
  newestScorer(): Promise<ToldScorer>;
}

/** A page; a second one with the same store is what a reload gives. */
export function workbenchStage(
  store = new MemoryStore(),
  fetchSample: () => Promise<GivenFile> = () => Promise.resolve(given("sample.csv")),
): WorkbenchStage {
  let isWilling = true;
  const scorers: ToldScorer[] = [];
  const datasets = new SameThreadDatasets();
  const createScorer = (model: ModelChoice): ToldScorer => {
    const scorer = new ToldScorer(model, () => isWilling);
    scorers.push(scorer);
    return scorer;
  };
  const environment = { datasets, store, createScorer, fetchSample, version: "0", browser: "test" };
  const newestScorer = (): Promise<ToldScorer> => vi.waitFor(() => scorers.at(-1) ?? expect.fail("no scorer"));
  return {
    workbench: new WorkbenchController({ ...environment, measureMemory: () => Promise.resolve(undefined) }, MINI),
    datasets,
    store,
    scorers,
    letAnswer: (will) => {
      isWilling = will;
    },
    nextCall: (count) =>
      vi.waitFor(() => {
        const calls = scorers.at(-1)?.calls ?? [];
        expect(calls).toHaveLength(count);
        return calls[count - 1] ?? expect.fail("no call");
      }),
    newestScorer,
  };
}
