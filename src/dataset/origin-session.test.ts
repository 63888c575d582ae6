import { describe, expect, it } from "vitest";
import type { QuestionTask } from "../eval/dataset-protocol.ts";
import type { QuestionScores } from "../eval/systems.ts";
import { OriginSession } from "./origin-session.ts";

/** Nine documents that share the question's words; the answer is the last one that a search finds. */
const documents = Array.from({ length: 9 }, (_, at) => ({
  id: `d${String(at)}`,
  text: `배터리 보관 안내 ${"배터리 보관 ".repeat(9 - at)}${String(at)}번 글`,
}));
const long = { id: "long", text: `${"긴 글의 한 문장입니다. ".repeat(60)}구독 해지 방법` };
const dataset = {
  name: "made up",
  questions: [
    { id: "q1", text: "배터리 보관", answer: "" },
    { id: "q2", text: "구독 해지", answer: "" },
  ],
  documents: [...documents, long],
  qrels: new Map([
    ["q1", new Map([["d8", 1]])],
    ["q2", new Map([["long", 1]])],
  ]),
};
const RESAMPLING = { draws: 100, seed: 1 };

/** A logit for each piece of a task. */
function scored({ questionId, documents: pieces }: QuestionTask, logit: (piece: string) => number) {
  const own: QuestionScores = {
    logits: Float32Array.from(pieces, logit),
    windows: new Uint8Array(pieces.length).fill(1),
    truncated: new Uint8Array(pieces.length),
    ms: 1,
  };
  return [questionId, own] as const;
}

describe("OriginSession", () => {
  it("gives the pieces of nine children, each child's own", async () => {
    const [first, second] = await new OriginSession(dataset).tasks({ from: 0, to: 2 });
    expect(first?.documents).toHaveLength(9);
    expect(new Set(first?.pairKeys)).toHaveLength(9);
    // Pieces of at most 512 characters of a child that is longer than 300 tokens.
    const pieces = second?.documents ?? [];
    expect(pieces.length).toBeGreaterThan(1);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(512);
  });

  it("reranks nine to six, and judges against both rows without a reranker", async () => {
    const session = new OriginSession(dataset);
    const tasks = await session.tasks({ from: 0, to: 2 });
    session.putScores("good", new Map(tasks.map((task) => scored(task, (piece) => (piece.includes("8번") ? 5 : -5)))));
    session.putScores("bad", new Map(tasks.map((task) => scored(task, (piece) => (piece.includes("8번") ? -5 : 5)))));
    const { rows, questions, unmatchable } = await session.judge(["good", "bad"], RESAMPLING);
    expect({ questions, unmatchable }).toEqual({ questions: 2, unmatchable: 0 });
    const found = rows.map(({ key, rightContext, mrr }) => [key, rightContext, mrr]);
    const second = 1;
    expect(found).toEqual([
      ["six", 0.5, 0.5],
      ["nine", 1, (1 / 9 + second) / 2],
      ["reranked good", 1, 1],
      ["reranked bad", 0.5, 0.5],
    ]);
    expect(rows[2]?.againstSix).toMatchObject({ wins: 1, ties: 1, losses: 0 });
    expect(rows[3]?.againstNine).toMatchObject({ wins: 0, ties: 1, losses: 1 });
  });

  it("leaves the first stage's order where a model has no scores", async () => {
    const { rows } = await new OriginSession(dataset).judge(["none"], RESAMPLING);
    expect(rows.map(({ mrr }) => mrr)).toEqual([0.5, (1 / 9 + 1) / 2, 0.5]);
  });
});
