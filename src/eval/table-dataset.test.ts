import { describe, expect, it } from "vitest";
import { recogniseColumns, shapeOf } from "./columns.ts";
import { readCsvTable } from "./csv-table.ts";
import { readJsonTable } from "./jsonl-table.ts";
import { readTableDataset, type TableReading } from "./table-dataset.ts";

function readCsv(...lines: readonly string[]): TableReading {
  const table = readCsvTable(lines.join("\n"), "test.csv");
  return readTableDataset(table, recogniseColumns(table.columns));
}

const rightIds = ({ dataset }: TableReading): Record<string, string[]> =>
  Object.fromEntries(
    Array.from(dataset.qrels, ([id, grades]) => [
      id,
      [...grades].flatMap(([name, grade]) => (grade > 0 ? [name] : [])),
    ]),
  );

describe("recogniseColumns", () => {
  it.each([
    [["question", "answer", "doc_id", "doc"], "question-document"],
    [["질문", "정답", "문서 ID", "문서"], "question-document"],
    [["Query", "Passage"], "question-document"],
    [["query", "pos", "neg"], "positives-negatives"],
    [["query", "positive", "negative_1", "negative_2"], "positives-negatives"],
    [["query_id", "query", "doc_id", "document", "relevance", "score"], "judged-candidates"],
    [["질의", "본문", "관련도"], "judged-candidates"],
    [["id", "name"], undefined],
    [["question", "answer"], undefined],
  ])("of %j is %s", (columns, shape) => {
    expect(shapeOf(recogniseColumns(columns)).shape).toBe(shape);
  });

  it("gives several columns to negatives and one to everything else", () => {
    expect(recogniseColumns(["query", "positive", "negative1", "Negative 2", "text"])).toEqual({
      question: [0],
      positive: [1],
      negative: [2, 3],
      document: [4],
    });
  });

  it("says which roles are missing", () => {
    expect(shapeOf(recogniseColumns(["question", "answer"]))).toEqual({ shape: undefined, missing: ["document"] });
  });
});

describe("a table of questions and documents", () => {
  it("makes equal texts one document where there are no ids", () => {
    const reading = readCsv("question,document", "질문1,글1", "질문2,글1", "질문3,글2");
    expect(reading.dataset.documents).toEqual([
      { id: "d1", text: "글1" },
      { id: "d2", text: "글2" },
    ]);
    expect(rightIds(reading)).toEqual({ q1: ["d1"], q2: ["d1"], q3: ["d2"] });
  });

  it("goes by question ids where there are some, and puts titles above the texts", () => {
    const reading = readCsv("query_id,question,doc_id,title,doc", "a,같은 질문,d1,제목,글1", "b,같은 질문,d2,,글2");
    expect(rightIds(reading)).toEqual({ a: ["d1"], b: ["d2"] });
    expect(reading.dataset.documents).toEqual([
      { id: "d1", text: "제목\n글1" },
      { id: "d2", text: "글2" },
    ]);
  });
});

describe("a table of positives and negatives", () => {
  it("searches all texts and marks the positives", () => {
    const reading = readCsv("query,positive,negative_1,negative_2", "질문1,글1,글2,글3", "질문2,글3,글1,");
    expect(reading.dataset.documents.map(({ text }) => text)).toEqual(["글1", "글2", "글3"]);
    expect(rightIds(reading)).toEqual({ q1: ["d1"], q2: ["d3"] });
    expect(reading.dataset.candidates).toBeUndefined();
  });

  it("reads fine-tuning lines, passages with titles among them, and reports what is broken", () => {
    const lines = [
      '{"query": "질문1", "pos": ["글1", "글2"], "neg": ["글3"]}',
      "{broken",
      '{"query": "질문2", "pos": [], "neg": ["글1"]}',
      '{"query": "", "pos": ["글1"], "neg": []}',
      '{"query": "질문3", "pos": [{"title": "제목", "text": "글4"}], "neg": []}',
    ];
    const table = readJsonTable(lines.join("\n"), "train.jsonl");
    const reading = readTableDataset(table, recogniseColumns(table.columns));
    expect(rightIds(reading)).toEqual({ q1: ["d1", "d2"], q2: ["d4"] });
    expect(reading.dataset.documents.at(-1)?.text).toBe("제목\n글4");
    expect(reading.problems.map(({ line, code }) => [line, code])).toEqual([
      [2, "broken-json"],
      [3, "missing-positive"],
      [4, "missing-question"],
    ]);
    expect(reading).toMatchObject({ rows: 5, skipped: 3 });
  });
});

describe("a table of judged candidates", () => {
  const HEADER = "query_id,query,doc_id,document,relevance";
  const candidatesOf = ({ dataset }: TableReading, id: string): readonly string[] =>
    (dataset.candidates?.get(id) ?? []).map(({ documentId }) => documentId);

  it("takes the file's own order as the first stage, and grades as they are", () => {
    const reading = readCsv(HEADER, "a,질문1,d3,글3,0", "a,질문1,d1,글1,2", "a,,d2,글2,", "b,질문2,d1,,1");
    expect(candidatesOf(reading, "a")).toEqual(["d3", "d1", "d2"]);
    expect(reading.dataset.qrels.get("a")).toEqual(
      new Map([
        ["d3", 0],
        ["d1", 2],
        ["d2", 0],
      ]),
    );
    expect(candidatesOf(reading, "b")).toEqual(["d1"]);
    expect(reading.problems).toEqual([]);
  });

  it("goes by score from the highest, or by rank from the first", () => {
    const byScore = readCsv(`${HEADER},score`, "a,질문,d1,글1,1,0.2", "a,질문,d2,글2,0,0.9", "a,질문,d3,글3,0,");
    expect(byScore.dataset.candidates?.get("a")).toEqual([
      { documentId: "d2", score: 0.9 },
      { documentId: "d1", score: 0.2 },
      { documentId: "d3" },
    ]);
    const byRank = readCsv(`${HEADER},rank,score`, "a,질문,d1,글1,1,3,9", "a,질문,d2,글2,0,1,1");
    expect(candidatesOf(byRank, "a")).toEqual(["d2", "d1"]);
  });

  it("reads yes and no, reports what is no number, and a candidate that comes twice", () => {
    const reading = readCsv(HEADER, "a,질문,d1,글1,true", "a,질문,d2,글2,아마", "a,질문,d1,글1,0", "a,질문,d3,글3,x");
    expect(reading.dataset.qrels.get("a")).toEqual(
      new Map([
        ["d1", 1],
        ["d3", 0],
      ]),
    );
    expect(reading.problems.map(({ line, code }) => [line, code])).toEqual([
      [3, "bad-number"],
      [4, "duplicate-candidate"],
    ]);
  });

  it("leaves out and counts questions that no document answers", () => {
    const reading = readCsv(HEADER, "a,질문1,d1,글1,1", "b,질문2,d1,글1,0");
    expect(reading.dataset.questions.map(({ id }) => id)).toEqual(["a"]);
    expect(reading.withoutAnswer).toBe(1);
  });
});
