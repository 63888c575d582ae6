import { describe, expect, it } from "vitest";
import type { Difference } from "./compare.ts";
import type { Verdict } from "./verdict.ts";
import { pText, signed, verdictText, type VerdictFacts } from "./verdict-text.ts";

const DIFFERENCE: Difference = {
  key: "blended m",
  against: "first-stage",
  mean: 0.055,
  interval: { low: -0.004, high: 0.1 },
  p: 0.06,
  correctedP: 0.06,
  wins: 30,
  ties: 90,
  losses: 15,
  needed: [1000, 250, 40],
  detectable: 0.07,
};
const FACTS: VerdictFacts = {
  metric: "MRR@10",
  questions: 1350,
  means: new Map([
    ["first-stage", 0.624],
    ["blended m", 0.679],
  ]),
  nameOf: () => "sunwi-mini",
};
const about = { key: "blended m", difference: DIFFERENCE };
const VERDICTS: readonly Verdict[] = [
  { type: "rerank", ...about },
  { type: "do-not-rerank", reason: "worse", ...about },
  { type: "do-not-rerank", reason: "useless", ...about },
  { type: "too-few-questions", needed: 2400, ...about },
  { type: "no-room", ceiling: 0.9 },
];

describe("verdictText", () => {
  it("says in Korean what to do, and on which numbers that stands", () => {
    const [rerank, worse, useless, few, noRoom] = VERDICTS.map((verdict) => verdictText(verdict, FACTS, "ko"));
    expect(rerank).toBe(
      "‘sunwi-mini’(으)로 리랭킹하세요: MRR@10 0.624 → 0.679, 95 % 구간 −0.004 ~ +0.100, 질문 1,350개.",
    );
    for (const sentence of [worse, useless, noRoom]) expect(sentence).toMatch(/^리랭킹하지 마세요:/);
    expect(few).toContain("질문이 2,400개쯤");
  });

  it("says the same in English", () => {
    const [rerank, worse, useless, few, noRoom] = VERDICTS.map((verdict) => verdictText(verdict, FACTS, "en"));
    expect(rerank).toBe(
      "Rerank with “sunwi-mini”: MRR@10 0.624 → 0.679, 95 % interval −0.004 ~ +0.100, 1,350 questions.",
    );
    for (const sentence of [worse, useless, noRoom]) expect(sentence).toMatch(/^Don’t rerank:/);
    expect(few).toContain("about 2,400");
  });

  it("never prints a p of 0", () => {
    expect([0, 0.0001, 0.000499, 0.0005, 0.0126, 1].map(pText)).toEqual([
      ...["<0.001", "<0.001", "<0.001"],
      ...["0.001", "0.013", "1.000"],
    ]);
  });

  it("signs numbers as they are printed", () => {
    expect([0.0004, -0.0004, 0.0126, -1].map(signed)).toEqual(["0.000", "0.000", "+0.013", "−1.000"]);
  });
});
