/** The workbench without a page: real data sets and judging, and scorers that answer when they are told to. */
import { expect, vi } from "vitest";
import { abortReason, type RerankError } from "../../core/errors.ts";
import type { PairScores, PairScoringOptions } from "../../core/pair-scores.ts";
import type { LoadedModel } from "../../core/protocol.ts";
import type { GivenFile } from "../../eval/dataset-protocol.ts";
import type { ModelChoice } from "../models.ts";
import type { Watchable } from "../observable.ts";
import { isRemote, RemoteModels } from "../workbench/remote-models.ts";
import { WorkbenchController } from "../workbench/workbench-controller.ts";
import type { RunScorer } from "../workbench/run-scorer.ts";
import { defer, MemoryStore, SameThreadDatasets } from "./workbench-doubles.ts";

export const MINI: ModelChoice = { name: "Sunwi mini", url: "https://page.test/models/mini/" };
export const LARGE: ModelChoice = { name: "Large", url: "https://models.test/large/" };

/** Three questions; the first stage has the right document of the first one in the second place. */
const JUDGED_CSV = [
  "query_id,query,doc_id,document,relevance,score",
  "a,질문 하나,d1,틀린 글 하나,0,3",
  "a,질문 하나,d2,맞는 글 하나,1,2",
  "b,질문 둘,d3,맞는 글 둘,1,2",
  "b,질문 둘,d4,틀린 글 둘,0,1",
  "c,질문 셋,d5,맞는 글 셋,1,4",
  "c,질문 셋,d1,틀린 글 하나,0,3",
].join("\n");

export const given = (path: string, text = JUDGED_CSV): GivenFile => ({ path, file: new Blob([text]) });
export const FAQ = given("faq.csv", "question,document\n배터리 보관,배터리 보관 방법\n환불 기한,환불은 7일 안에\n");
/** A table without a column that is known. */
export const UNKNOWN = given("mine.csv", "물어본 것,글\n배터리 보관,배터리 보관 방법\n");
export const BROKEN = given("broken.csv", "");

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
  const remote = new RemoteModels(undefined);
  const createScorer = (model: ModelChoice): RunScorer => {
    if (isRemote(model.url)) return remote.createScorer(model.url);
    const scorer = new ToldScorer(model, () => isWilling);
    scorers.push(scorer);
    return scorer;
  };
  const environment = { datasets, store, createScorer, remote, fetchSample, version: "0", browser: "test" };
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

/** With the sample in use. */
export async function started(store?: MemoryStore): Promise<WorkbenchStage> {
  const stage = workbenchStage(store);
  await stage.workbench.start();
  return stage;
}

export async function compared(store?: MemoryStore): Promise<WorkbenchStage> {
  const stage = await started(store);
  await stage.workbench.compare();
  return stage;
}

export async function use({ workbench }: WorkbenchStage, file: GivenFile): Promise<void> {
  await workbench.open([file]);
  await workbench.accept();
}

/** A comparison that has scored its first question and waits for the second. */
export async function atSecondQuestion(stage: WorkbenchStage): Promise<{ readonly run: Promise<void> }> {
  stage.letAnswer(false);
  const run = stage.workbench.compare();
  (await stage.newestScorer()).ready();
  for (const call of [1, 2]) (await stage.nextCall(call)).answer();
  await stage.nextCall(3);
  return { run };
}

/** Lets everything that needs no further word come to its end. */
export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

export const nameInUse = ({ workbench }: WorkbenchStage) => workbench.dataset.value?.facts.name;
export const metricOf = ({ workbench }: WorkbenchStage) => workbench.report.value?.judgement.metric;
/** By scorer. */
export const queriesOf = ({ scorers }: WorkbenchStage) => scorers.map(({ calls }) => calls.map(({ query }) => query));

/** Every value from now on. */
export function watched<T>(observable: Watchable & { readonly value: T }): readonly T[] {
  const seen: T[] = [];
  observable.subscribe(() => seen.push(observable.value));
  return seen;
}
