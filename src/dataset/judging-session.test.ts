import { describe, expect, it } from "vitest";
import type { CandidateList, QuestionScores } from "../eval/systems.ts";
import { readRun } from "../eval/trec.ts";
import { JudgingSession } from "./judging-session.ts";

/** 40 questions; the answer stands second among three candidates, but for the last, whose answer is not found. */
const COUNT = 40;
const ids = Array.from({ length: COUNT }, (_, at) => `q${String(at)}`);
const dataset = {
  name: "made up",
  questions: ids.map((id) => ({ id, text: `text of ${id}`, answer: "" })),
  documents: ["a", "b", "c", "z"].map((id) => ({ id, text: `body of ${id}` })),
  qrels: new Map(ids.map((id, at) => [id, new Map([[at === COUNT - 1 ? "z" : "b", 1]])])),
};
const lists: readonly CandidateList[] = ids.map((questionId) => ({
  questionId,
  documentIds: ["a", "b", "c"],
  scores: [3, 2, 1],
}));

function scores(...logits: readonly number[]): ReadonlyMap<string, QuestionScores> {
  const own = { logits: Float32Array.from(logits), windows: Uint8Array.of(1, 1, 1), truncated: Uint8Array.of(0, 0, 1) };
  return new Map(ids.map((id, at) => [id, { ...own, ms: at + 1 }]));
}

function session(): JudgingSession {
  const made = new JudgingSession({
    dataset,
    texts: new Map(dataset.documents.map(({ id, text }) => [id, text])),
    candidateLists: (limit) => lists.map((list) => ({ ...list, documentIds: list.documentIds.slice(0, limit) })),
  });
  made.putScores("good", scores(0, 5, 1));
  made.putScores("bad", scores(2, 0, 1));
  return made;
}

const REQUEST = { candidates: 3, metric: "MRR@10", recipes: [{ kind: "logit", model: "good" }] } as const;

describe("JudgingSession", () => {
  it("sums up each system with its difference, cost and sweep", () => {
    const { systems, ceiling, ideal, verdict } = session().judge({
      ...REQUEST,
      recipes: [...REQUEST.recipes, { kind: "logit", model: "bad" }],
    });
    const [first, good, bad] = systems;
    const share = (COUNT - 1) / COUNT;
    expect({ ceiling, ideal }).toEqual({ ceiling: share, ideal: share });
    expect(first).toMatchObject({ key: "first-stage", sweep: [] });
    expect(first?.metrics["MRR@10"]).toBeCloseTo(share / 2, 12);
    expect(first?.metrics["Recall@1"]).toBe(0);
    expect(good?.metrics["Hit@1"]).toBeCloseTo(share, 12);
    expect(good?.difference).toMatchObject({ wins: COUNT - 1, ties: 1, losses: 0 });
    expect(good?.latency).toEqual({ median: 20.5, p95: 38.05, mean: 20.5 });
    expect(good?.truncated).toBeCloseTo(1 / 3, 12);
    expect([...(bad?.ranks ?? [])].slice(-2)).toEqual([3, 0]);
    expect(good?.sweep).toEqual([{ candidates: 3, value: share, ideal: share }]);
    expect(verdict).toMatchObject({ type: "rerank", key: "logit good" });
  });

  it("opens a question in every order, with what was not found", () => {
    const opened = session();
    opened.judge(REQUEST);
    const { orders, question } = opened.orders(0);
    expect(question).toMatchObject({ id: "q0", relevant: 1, found: 1 });
    expect(orders.map(({ documents }) => documents.map(({ id }) => id))).toEqual([
      ["a", "b", "c"],
      ["b", "c", "a"],
    ]);
    expect(orders[1]?.documents[0]).toEqual({ id: "b", text: "body of b", grade: 1, firstRank: 2, score: 5 });
    expect(opened.orders(COUNT - 1).unreached).toEqual([{ id: "z", text: "body of z" }]);
    expect(opened.questions(1)[0]).toMatchObject({ relevant: 1, found: 0 });
  });

  it("writes a run that keeps the order, with scores and without", () => {
    const opened = session();
    opened.judge(REQUEST);
    const first = readRun(opened.trecRun("first-stage", "bm25")).entries.get("q0");
    const good = readRun(opened.trecRun("logit good", "good")).entries.get("q0");
    expect(first?.map(({ documentId }) => documentId)).toEqual(["a", "b", "c"]);
    expect(good).toEqual([
      { documentId: "b", score: 5 },
      { documentId: "c", score: 1 },
      { documentId: "a", score: 0 },
    ]);
  });

  it("says what is wrong", () => {
    expect(() => session().judge({ ...REQUEST, metric: "BLEU" })).toThrow("no metric BLEU");
    expect(() => session().orders(0)).toThrow("Nothing has been judged yet");
    const judged = session();
    judged.judge(REQUEST);
    expect(() => judged.orders(99)).toThrow("no question 99");
    expect(() => judged.trecRun("nobody", "x")).toThrow("no system nobody");
  });
});
