import { describe, expect, it } from "vitest";
import { readCollection } from "../eval/collection.ts";
import { recogniseColumns } from "../eval/columns.ts";
import { readCsvTable } from "../eval/csv-table.ts";
import { readJsonTable } from "../eval/jsonl-table.ts";
import { readTableDataset } from "../eval/table-dataset.ts";
import type { RowProblem } from "../eval/types.ts";
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

function readTable(csv: string): { readonly problems: readonly RowProblem[] } {
  const table = readCsvTable(csv, "질문.csv");
  return readTableDataset(table, recogniseColumns(table.columns));
}

/** Problems that other readers find. */
function otherProblems(): readonly RowProblem[] {
  const lines = ['{"query": "질문", "pos": []}', '{"query": "", "pos": ["글"]}', "{"];
  const tuning = readJsonTable(lines.join("\n"), "a.jsonl");
  const judged = readCsvTable("query,doc_id,doc,relevance\n질문,d1,글,아마\n질문,d1,글,1\n질문,d1,글,1", "a.csv");
  const collection = readCollection({
    name: "set",
    documents: readCsvTable("doc_id,text\nd1,글", "docs.csv"),
    questions: readCsvTable("qid,question\nq1,질문", "questions.csv"),
    qrels: "q1 0 d1 1\nq1 0 d1 0\nq2 0 d1 1\nq1 0",
  });
  const readings = [tuning, judged].map((table) => readTableDataset(table, recogniseColumns(table.columns)));
  return [...readings, collection].flatMap(({ problems }) => problems);
}

describe("describeProblem", () => {
  const { problems } = readTable(CSV);

  it("says something true of every kind of problem that the readers report", () => {
    const all = [...problems, ...otherProblems()];
    expect(new Set(all.map(({ code }) => code))).toEqual(new Set(Object.keys(ko.problems)));
    for (const problem of all) expect(describeProblem(problem, ko)).not.toMatch(/undefined|\?개/);
  });

  it("writes all of them with their lines into a file", () => {
    const lines = problemsAsText(problems, ko).trimEnd().split("\r\n");
    expect(lines).toHaveLength(problems.length);
    expect(lines[0]).toBe("3행: 같은 질문과 문서가 앞 행에 있어 제외했습니다.");
  });
});
