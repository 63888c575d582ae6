import { describe, expect, it } from "vitest";
import { readOriginCsv } from "../eval/origin-csv.ts";
import { ko } from "./messages/ko.ts";
import { describeProblem, problemsAsText } from "./problem-list.ts";

const CSV = [
  "question,answer,doc_id,doc",
  "첫 질문,답,d1,본문",
  "첫 질문,답,d1,본문",
  "둘째,답,d2,",
  "셋째,답,d1,다른 본문",
  "넷째,답,,본문",
  "다섯째,답,d1,본문,남는 칸",
  "여섯째,답",
  '일곱째,답,d1,"본문',
].join("\n");

describe("describeProblem", () => {
  const { problems } = readOriginCsv(CSV, "질문.csv");

  it("says something true of every kind of problem that the reader reports", () => {
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(Object.keys(ko.problems)));
    for (const problem of problems) expect(describeProblem(problem, ko)).not.toMatch(/undefined|\?개/);
  });

  it("writes all of them with their lines into a file", () => {
    const lines = problemsAsText(problems, ko).trimEnd().split("\r\n");
    expect(lines).toHaveLength(problems.length);
    expect(lines[0]).toBe("3행: 같은 질문과 문서가 앞 행에 있어 제외했습니다.");
  });
});
