import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { RerankError } from "../core/errors.ts";
import { readOriginCsv } from "./origin-csv.ts";

const HEADER = "question,answer,doc_id,doc";
const read = (...lines: string[]): ReturnType<typeof readOriginCsv> => readOriginCsv(lines.join("\n"), "test.csv");

function errorOf(text: string): RerankError {
  try {
    readOriginCsv(text, "test.csv");
  } catch (error) {
    if (error instanceof RerankError) return error;
  }
  throw new Error("readOriginCsv did not throw a RerankError");
}

const relevantIds = ({ dataset }: ReturnType<typeof readOriginCsv>): Record<string, string[]> =>
  Object.fromEntries(Array.from(dataset.qrels, ([id, judgments]) => [id, [...judgments.keys()]]));

describe("readOriginCsv: what rows mean", () => {
  it("reads questions, answers, documents and which belongs to which", () => {
    const { dataset, problems, rows, skipped } = read(HEADER, "질문1,답1,d1,글1", "질문2,,d2,글2");
    expect(dataset).toEqual({
      name: "test.csv",
      questions: [
        { id: "q1", text: "질문1", answer: "답1" },
        { id: "q2", text: "질문2", answer: "" },
      ],
      documents: [
        { id: "d1", text: "글1" },
        { id: "d2", text: "글2" },
      ],
      qrels: new Map([
        ["q1", new Map([["d1", 1]])],
        ["q2", new Map([["d2", 1]])],
      ]),
    });
    expect({ problems, rows, skipped }).toEqual({ problems: [], rows: 2, skipped: 0 });
  });

  it("takes several rows of one doc_id as one document with several questions, wherever its text stands", () => {
    const result = read(HEADER, "질문1,,d1,", "질문2,,d1,글1", "질문3,,d1,", "질문4,,d1,글1");
    expect(result.dataset.documents).toEqual([{ id: "d1", text: "글1" }]);
    expect(relevantIds(result)).toEqual({ q1: ["d1"], q2: ["d1"], q3: ["d1"], q4: ["d1"] });
    expect(result.problems).toEqual([]);
  });

  it("keeps a document's first text, reports another one, and still counts that row's question", () => {
    const result = read(HEADER, "질문1,,d1,글1", "질문2,,d1,다른 글");
    expect(result.dataset.documents).toEqual([{ id: "d1", text: "글1" }]);
    expect(relevantIds(result)).toEqual({ q1: ["d1"], q2: ["d1"] });
    expect(result.problems).toMatchObject([{ line: 3, code: "conflicting-document", details: { docId: "d1" } }]);
    expect(result.skipped).toBe(0);
  });

  it("takes a row without a question as a document to search through", () => {
    const result = read(HEADER, "질문1,,d1,글1", ",,d2,글2");
    expect(result.dataset.documents.map(({ id }) => id)).toEqual(["d1", "d2"]);
    expect(result.dataset.questions).toHaveLength(1);
    expect(result).toMatchObject({ problems: [], rows: 2, skipped: 0 });
  });

  it("makes one question of the same text for two documents, both relevant, and keeps its first answer", () => {
    const result = read(HEADER, "질문1,,d1,글1", "질문2,,d2,글2", "질문1,답,d3,글3", "질문1,딴 답,d4,글4");
    expect(relevantIds(result)).toEqual({ q1: ["d1", "d3", "d4"], q2: ["d2"] });
    expect(result.dataset.questions[0]).toEqual({ id: "q1", text: "질문1", answer: "답" });
  });

  it("reports and leaves out the same question for the same document", () => {
    const result = read(HEADER, "질문1,,d1,글1", "질문1,,d1,글1");
    expect(result.dataset.questions).toHaveLength(1);
    expect(result.problems).toMatchObject([{ line: 3, code: "duplicate-question", details: { docId: "d1" } }]);
    expect(result).toMatchObject({ rows: 2, skipped: 1 });
  });

  it("reports and leaves out rows without a doc_id or without any text for it", () => {
    const result = read(HEADER, "질문1,,d1,글1", "질문2,,,글2", "질문3,,d3,", ",,d4,  ");
    expect(result.problems).toMatchObject([
      { line: 3, code: "missing-doc-id" },
      { line: 4, code: "missing-document", details: { docId: "d3" } },
      { line: 5, code: "missing-document", details: { docId: "d4" } },
    ]);
    expect(result.dataset.questions.map(({ text }) => text)).toEqual(["질문1"]);
    expect(result).toMatchObject({ rows: 4, skipped: 3 });
  });
});

describe("readOriginCsv: the file's form", () => {
  it("takes columns in any order, names in any case with spaces around, and ignores other columns", () => {
    const result = read(' Doc ,source,"QUESTION",Doc_ID', "글1,web,질문1,d1");
    expect(result.dataset.questions).toEqual([{ id: "q1", text: "질문1", answer: "" }]);
    expect(result.dataset.documents).toEqual([{ id: "d1", text: "글1" }]);
  });

  it.each([
    ["tabs", "\t"],
    ["semicolons", ";"],
  ])("takes %s between fields, with commas inside them", (_, delimiter) => {
    const row = ["질문, 하나", "", "d1", "글, 둘, 셋"].join(delimiter);
    const { dataset } = read(HEADER.replaceAll(",", delimiter), row);
    expect(dataset.questions[0]?.text).toBe("질문, 하나");
    expect(dataset.documents[0]?.text).toBe("글, 둘, 셋");
  });

  it("is not led astray by semicolons that split more evenly than the commas", () => {
    const { dataset, problems } = read(HEADER, '"a;b",,d1,"c, d"', '"a;c",,d2,"e"', "a;d,,d3,f,g");
    expect(dataset.questions.map(({ text }) => text)).toEqual(["a;b", "a;c"]);
    expect(problems).toMatchObject([{ line: 4, code: "too-many-fields" }]);
  });

  it("reads a byte order mark, CRLF, quoted quotes and line ends in quotes", () => {
    const { dataset } = readOriginCsv(`\ufeff${HEADER}\r\n"그는 ""네""?",,d1,"한 줄\r\n두 줄"\r\n`, "test.csv");
    expect(dataset.questions[0]?.text).toBe('그는 "네"?');
    expect(dataset.documents[0]?.text).toBe("한 줄\n두 줄");
  });

  it.each([
    ["\n", "LF"],
    ["\r\n", "CRLF"],
    ["\r", "CR"],
  ])("names the line on which a row begins, with line ends %j", (lineEnd) => {
    const lines = [
      "",
      HEADER,
      '질문1,,d1,"한 줄',
      "",
      '두 줄"',
      "",
      ",,,",
      "질문2,,,글",
      '"질\n문3",,d3,',
      "질문4,,,글",
    ];
    const { problems, rows } = readOriginCsv(lines.join("\n").replaceAll("\n", lineEnd), "test.csv");
    expect(problems.map(({ line, code }) => [line, code])).toEqual([
      [8, "missing-doc-id"],
      [9, "missing-document"],
      [11, "missing-doc-id"],
    ]);
    expect(rows).toBe(4);
  });

  it("names the right line in a file with a byte order mark", () => {
    const { problems } = read(`\ufeff${HEADER}`, '질문1,,d1,"글1"', "질문2,,,글2");
    expect(problems).toMatchObject([{ line: 3, code: "missing-doc-id" }]);
  });

  it("names the right line in a file without any quote, where the parser takes another way", () => {
    const { problems } = read(HEADER, "질문1,,d1,글1", "", "질문2,,,글2");
    expect(problems).toMatchObject([{ line: 4, code: "missing-doc-id" }]);
  });

  it("lists problems by line, whatever finds them", () => {
    const { problems } = read(HEADER, "질문,,,글", "질문1,,d1,글", "질문2,,d1,딴 글", "질문3", "질문1,,d1,");
    expect(problems.map(({ line }) => line)).toEqual([2, 4, 5, 6]);
  });

  it("leaves out rows with filled extra fields or without a needed one, and forgives empty extra fields", () => {
    const { problems, dataset } = read(HEADER, "질문1,,d1,글1,,", "질문2,,d2,글, 둘", "질문3,,d3");
    expect(problems).toMatchObject([
      { line: 3, code: "too-many-fields", details: { fields: 5, expected: 4 } },
      { line: 4, code: "too-few-fields", details: { fields: 3, expected: 4 } },
    ]);
    expect(dataset.questions.map(({ text }) => text)).toEqual(["질문1"]);
  });

  it("forgives a row that lacks only a column that is not read", () => {
    const { problems, dataset } = read("question,doc_id,doc,answer", "질문1,d1,글1");
    expect(problems).toEqual([]);
    expect(dataset.questions).toHaveLength(1);
  });

  it("reports a quote that is never closed, and reads on with the next line", () => {
    const result = read(HEADER, "질문1,,d1,글1", '질문2,,d2,"글2', "질문3,,d3,글3", "질문4,,d4,글4");
    expect(result.problems).toMatchObject([{ line: 3, code: "broken-quote", details: { lines: 1 } }]);
    expect(result.dataset.questions.map(({ text }) => text)).toEqual(["질문1", "질문3", "질문4"]);
    expect(result).toMatchObject({ rows: 4, skipped: 1 });
  });

  it("leaves out a row whose quoted field goes on after its closing quote, and reads on", () => {
    const result = read(HEADER, '질문1,,d1,"글"1', '질문2,,d2,"글2"', "질문3,,d3,글3");
    expect(result.problems).toMatchObject([{ line: 2, code: "broken-quote", details: { lines: 1 } }]);
    expect(result.dataset.questions.map(({ text }) => text)).toEqual(["질문2", "질문3"]);
  });

  it("reads back whatever was written as CSV", () => {
    const cell = fc.string({ unit: fc.constantFrom("가", "a", '"', ",", ";", "\n", " ", "\t"), maxLength: 8 });
    const filled = cell.map((text) => `x${text}x`);
    const row = fc.record({ question: filled, answer: cell, doc: filled });
    fc.assert(
      fc.property(
        fc.uniqueArray(row, { minLength: 1, maxLength: 6, selector: ({ question }) => question }),
        fc.constantFrom("\n", "\r\n"),
        (rows, newline) => {
          const numbered = rows.map((fields, at) => ({ ...fields, doc_id: `d${String(at)}` }));
          const { dataset, problems } = readOriginCsv(Papa.unparse(numbered, { newline }), "test.csv");
          expect(problems).toEqual([]);
          expect(dataset.questions.map(({ text }) => text)).toEqual(rows.map(({ question }) => question));
          expect(dataset.questions.map(({ answer }) => answer)).toEqual(rows.map(({ answer }) => answer.trim()));
          expect(dataset.documents.map(({ text }) => text)).toEqual(rows.map(({ doc }) => doc));
        },
      ),
    );
  });

  it("takes time in proportion to the rows", () => {
    const fileOf = (rows: number): string =>
      [
        HEADER,
        ...Array.from({ length: rows }, (_, at) => `질문 ${String(at)},답,d${String(at)},"글\n""둘"", 셋"`),
      ].join("\n");
    const timeOf = (rows: number): number => {
      const text = fileOf(rows);
      const start = performance.now();
      expect(readOriginCsv(text, "test.csv").dataset.questions).toHaveLength(rows);
      return performance.now() - start;
    };
    timeOf(1_000);
    // A quadratic reader would take 1,000 times as long, far more than noise.
    expect(timeOf(32_000)).toBeLessThan(32 * 10 * Math.max(1, timeOf(1_000)));
  });
});

describe("readOriginCsv: files that cannot be used", () => {
  it.each([
    ["", "empty", ""],
    [" \n\r\n\t", "empty", ""],
    ["id,text\n1,글", "no-header", "id,text"],
    ["question,answer,doc\n질문,답,글", "no-header", "question,answer,doc"],
    [`${"가".repeat(300)}\n`, "no-header", "가".repeat(200)],
    ['question,answer,doc_id,"doc\n질문,,d1,글', "no-header", 'question,answer,doc_id,"doc'],
    [`${HEADER}\n\n,,,\n`, "no-rows", HEADER],
    [`${HEADER}\n,,d1,글1`, "no-questions", HEADER],
  ])("says of %j why, what was expected and what was found", (text, reason, found) => {
    const { code, details } = errorOf(text);
    expect(code).toBe("invalid-input");
    expect(details).toMatchObject({ reason, expected: HEADER, found });
  });

  it("names the first problem where every row was left out", () => {
    expect(errorOf([HEADER, "질문1,,,글1", "질문2,,d2,"].join("\n")).details).toMatchObject({
      reason: "no-questions",
      rows: 2,
      skipped: 2,
      line: 2,
      problem: "missing-doc-id",
    });
  });
});
