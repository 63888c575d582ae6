import { describe, expect, it } from "vitest";
import { RerankError } from "../core/errors.ts";
import { rankDocuments } from "../core/ranking.ts";
import type { Candidate, FirstStage, RerankDocument, Reranker, RerankOptions } from "../core/types.ts";
import { evaluateDataset, type EvaluationRequest } from "./evaluate.ts";
import type { EvaluationDataset, EvaluationProgress } from "./types.ts";

/** q1 to q3 are answered by A, B and C; q4 by D, which its search does not find; q5 finds nothing. */
const DATASET: EvaluationDataset = {
  name: "test.csv",
  questions: ["q1", "q2", "q3", "q4", "q5"].map((id) => ({ id, text: `text of ${id}`, answer: "" })),
  documents: ["A", "B", "C", "D"].map((id) => ({ id, text: `body ${id}` })),
  qrels: new Map([
    ["q1", new Map([["A", 1]])],
    ["q2", new Map([["B", 1]])],
    ["q3", new Map([["C", 1]])],
    ["q4", new Map([["D", 1]])],
    ["q5", new Map([["A", 1]])],
  ]),
};

const FOUND: Readonly<Record<string, readonly Candidate[]>> = {
  "text of q1": [
    { index: 0, score: 4 },
    { index: 1, score: 2 },
    { index: 2, score: 1 },
  ],
  "text of q2": [
    { index: 0, score: 4 },
    { index: 1, score: 2 },
    { index: 2, score: 1 },
  ],
  "text of q3": [
    { index: 0, score: 4 },
    { index: 1, score: 2 },
    { index: 2, score: 1 },
  ],
  "text of q4": [{ index: 1, score: 2 }],
};

/** Logits of bodies A, B and C by question. */
const LOGITS: Readonly<Record<string, readonly number[]>> = {
  "text of q1": [0, 1, -1], // by logit B A C; with weight 4: A 4, B 3, C 0
  "text of q2": [0, 1, -1], // by logit B A C; with weight 4: A 4, B 3, C 0
  "text of q3": [0, 1, 9], // by logit C B A; with weight 4: C 10, A 4, B 3
  "text of q4": [0, 0, 0],
};

class Clock {
  ms = 0;
  readonly now = (): number => this.ms;
}

class TableFirstStage implements FirstStage {
  readonly name = "table";
  readonly clock: Clock;
  constructor(clock: Clock) {
    this.clock = clock;
  }

  search(query: string, limit: number): readonly Candidate[] {
    this.clock.ms += 2;
    return (FOUND[query] ?? []).slice(0, limit);
  }
}

class TableReranker implements Reranker {
  readonly name = "tiny";
  readonly calls: { query: string; documents: readonly RerankDocument[]; options: RerankOptions }[] = [];
  readonly clock: Clock;
  readonly onCall: (call: number) => void;
  constructor(clock: Clock, onCall: (call: number) => void = () => undefined) {
    this.clock = clock;
    this.onCall = onCall;
  }

  rerank(
    query: string,
    documents: readonly RerankDocument[],
    options: RerankOptions = {},
  ): ReturnType<Reranker["rerank"]> {
    this.calls.push({ query, documents, options });
    this.onCall(this.calls.length);
    // The first call compiles: 1,000 ms; later ones take 10.
    this.clock.ms += this.calls.length === 1 ? 1_000 : 10;
    const logits = documents.map(({ text }) => LOGITS[query]?.["ABC".indexOf(text.at(-1) ?? "")] ?? Number.NaN);
    return Promise.resolve(rankDocuments({ documents, logits, truncated: documents.map(() => 0), blendWeight: 4 }));
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}

function requestFor(changes: Partial<EvaluationRequest> = {}, onCall?: (call: number) => void) {
  const clock = new Clock();
  const reranker = new TableReranker(clock, onCall);
  const request: EvaluationRequest = {
    dataset: DATASET,
    skipped: 3,
    firstStage: new TableFirstStage(clock),
    reranker,
    rerankedBy: { model: "tiny", device: "wasm", downloadBytes: 7, blendWeight: 4 },
    now: clock.now,
    ...changes,
  };
  return { request, reranker, clock };
}

describe("evaluateDataset", () => {
  it("measures the first stage, the logit alone and the blend of both, worked by hand", async () => {
    const { request } = requestFor();
    const report = await evaluateDataset(request);
    expect(report.runs.map(({ kind, ranks }) => [kind, [...ranks.values()]])).toEqual([
      ["first-stage", [1, 2, 3, 0, 0]],
      ["logit", [2, 1, 1, 0, 0]],
      ["blended", [1, 2, 1, 0, 0]],
    ]);
    const [firstStage, logit, blended] = report.runs;
    expect(firstStage?.metrics["MRR@10"]).toBeCloseTo((1 + 1 / 2 + 1 / 3) / 5, 12);
    expect(logit?.metrics).toEqual({ "MRR@10": 0.5, "Hit@1": 0.4, "Hit@3": 0.6, "Hit@5": 0.6, "Hit@10": 0.6 });
    expect(blended?.metrics["Hit@1"]).toBe(0.4);
    expect([...(firstStage?.ranks.keys() ?? [])]).toEqual(["q1", "q2", "q3", "q4", "q5"]);
  });

  it("says what was scored, with what and where", async () => {
    const { request } = requestFor();
    const report = await evaluateDataset(request);
    expect(report.dataset).toEqual({ name: "test.csv", questions: 5, documents: 4, skipped: 3 });
    expect(report.candidates).toBe(20);
    expect(report.runs).toMatchObject([
      { model: "table", device: "cpu", downloadBytes: 0 },
      { model: "tiny", device: "wasm", downloadBytes: 7 },
      { model: "tiny", device: "wasm", downloadBytes: 7, blendWeight: 4 },
    ]);
    expect(report.runs[1]).not.toHaveProperty("blendWeight");
  });

  it("gives as ceiling the share of questions whose answer is among the candidates", async () => {
    expect((await evaluateDataset(requestFor().request)).ceiling).toBe(0.6);
    expect((await evaluateDataset(requestFor({ candidates: 2 }).request)).ceiling).toBe(0.4);
  });

  it.each([undefined, 0])("leaves the blended row out where the blend weight is %s", async (blendWeight) => {
    const rerankedBy = { model: "tiny", device: "wasm", downloadBytes: 7, ...(blendWeight === 0 && { blendWeight }) };
    const report = await evaluateDataset(requestFor({ rerankedBy }).request);
    expect(report.runs.map(({ kind }) => kind)).toEqual(["first-stage", "logit"]);
  });

  it("hands the candidates' texts and scores to the reranker, once per question that has any", async () => {
    const { request, reranker } = requestFor({ candidates: 2 });
    await evaluateDataset(request);
    expect(reranker.calls.map(({ query }) => query)).toEqual([
      "text of q1", // the warm-up
      "text of q1",
      "text of q2",
      "text of q3",
      "text of q4",
    ]);
    expect(reranker.calls[2]?.documents).toEqual([
      { text: "body A", score: 4 },
      { text: "body B", score: 2 },
    ]);
  });

  it("times each stage alone, without the warm-up and without questions that were not reranked", async () => {
    const { request } = requestFor();
    const report = await evaluateDataset(request);
    expect(report.runs.map(({ msPerQuery }) => msPerQuery)).toEqual([2, 10, 10]);
    expect(report.elapsedMs).toBe(2 + 1_002 + 5 * 2 + 4 * 10);
  });

  it("warms up with the first question that has candidates", async () => {
    const questions = [...DATASET.questions].reverse();
    const { request, reranker } = requestFor({ dataset: { ...DATASET, questions } });
    const report = await evaluateDataset(request);
    expect(reranker.calls.slice(0, 2).map(({ query }) => query)).toEqual(["text of q4", "text of q4"]);
    expect(report.runs[1]?.msPerQuery).toBe(10);
  });

  it("tells after each question how far it is and how long the rest will take, the warm-up left out of that", async () => {
    const told: EvaluationProgress[] = [];
    await evaluateDataset(requestFor({ onProgress: (progress) => told.push(progress) }).request);
    expect(told).toEqual([
      { done: 1, total: 5, elapsedMs: 1_016, remainingMs: 48 },
      { done: 2, total: 5, elapsedMs: 1_028, remainingMs: 36 },
      { done: 3, total: 5, elapsedMs: 1_040, remainingMs: 24 },
      { done: 4, total: 5, elapsedMs: 1_052, remainingMs: 12 },
      { done: 5, total: 5, elapsedMs: 1_054, remainingMs: 0 },
    ]);
  });

  it("evaluates the first questions only where there is a limit, and says how many", async () => {
    const report = await evaluateDataset(requestFor({ limit: 2 }).request);
    expect(report.dataset).toMatchObject({ questions: 2, documents: 4 });
    expect(report.ceiling).toBe(1);
    expect(report.runs[0]?.metrics["MRR@10"]).toBe(0.75);
  });

  it("counts a question without judgments as 0", async () => {
    const report = await evaluateDataset(requestFor({ dataset: { ...DATASET, qrels: new Map() } }).request);
    expect(report).toMatchObject({ ceiling: 0, dataset: { questions: 5 } });
    expect(report.runs[0]?.metrics["MRR@10"]).toBe(0);
  });

  it("gives the same by a reranker that already ordered by the blend and by one that did not", async () => {
    const { request, reranker } = requestFor();
    const unordered: Reranker = {
      name: "unordered",
      dispose: () => reranker.dispose(),
      rerank: async (...input) => [...(await reranker.rerank(...input))].sort((a, b) => a.index - b.index),
    };
    const [one, other] = [
      await evaluateDataset(requestFor().request),
      await evaluateDataset({ ...request, reranker: unordered }),
    ];
    expect(other.runs.map(({ ranks }) => ranks)).toEqual(one.runs.map(({ ranks }) => ranks));
  });

  it("rejects as aborted at once, in the middle and during the last question", async () => {
    const aborted = { code: "aborted" };
    const { request, reranker } = requestFor({ signal: AbortSignal.abort() });
    await expect(evaluateDataset(request)).rejects.toMatchObject(aborted);
    expect(reranker.calls).toEqual([]);
    for (const lastCall of [3, 5]) {
      const controller = new AbortController();
      const stopped = requestFor({ signal: controller.signal, limit: 4 }, (call) => {
        if (call === lastCall) controller.abort();
      });
      await expect(evaluateDataset(stopped.request)).rejects.toMatchObject(aborted);
      expect(stopped.reranker.calls).toHaveLength(lastCall);
      expect(stopped.reranker.calls[0]?.options.signal).toBe(controller.signal);
    }
  });

  it("rejects with the reranker's own error, and with inference where a document got no score", async () => {
    const failing = (rerank: Reranker["rerank"]): EvaluationRequest =>
      requestFor({ reranker: { name: "failing", rerank, dispose: () => Promise.resolve() } }).request;
    const lost = new RerankError("device-lost", "The GPU is gone.");
    await expect(evaluateDataset(failing(() => Promise.reject(lost)))).rejects.toBe(lost);
    await expect(evaluateDataset(failing(() => Promise.resolve([])))).rejects.toMatchObject({ code: "inference" });
  });
});
