import { describe, expect, it } from "vitest";
import { readDataset } from "./dataset-reader.ts";
import { exampleQuestions } from "./example-questions.ts";

const csv = (rows: readonly string[]): Uint8Array =>
  new TextEncoder().encode(["question,answer,doc_id,doc", ...rows].join("\n"));
const REQUEST = { count: 3, candidates: 5 };

describe("exampleQuestions", () => {
  it("takes one from each part, the first whose answer a search can find", () => {
    const rows = Array.from({ length: 9 }, (_, at) =>
      at % 3 === 0 ? `외딴 말,,d${at},전혀 다른 글` : `낱말${at} 찾기,,d${at},낱말${at} 설명`,
    );
    expect(exampleQuestions(readDataset(csv(rows), "a.csv"), REQUEST)).toEqual([
      "낱말1 찾기",
      "낱말4 찾기",
      "낱말7 찾기",
    ]);
  });

  it("prefers short ones, and takes what there is", () => {
    const long = "아주 ".repeat(20);
    const rows = [`${long}긴 질문,,d0,글`, "글,,d1,글", `${long}또 긴 질문,,d2,글`];
    expect(exampleQuestions(readDataset(csv(rows), "a.csv"), { count: 1, candidates: 5 })).toEqual(["글"]);
    expect(exampleQuestions(readDataset(csv(rows), "a.csv"), REQUEST)).toHaveLength(3);
  });

  it("gives no more than there are questions", () => {
    expect(exampleQuestions(readDataset(csv(["글,,d0,글"]), "a.csv"), REQUEST)).toEqual(["글"]);
  });
});
