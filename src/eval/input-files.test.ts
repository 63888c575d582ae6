import { zipSync } from "fflate";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { RerankError } from "../core/errors.ts";
import { readPlan, recogniseInput, type InputFile, type InputPlan } from "./input-files.ts";
import { readParquetTable } from "./parquet-table.ts";
import { unzipFiles } from "./unzip.ts";

const readers = { unzip: (bytes: Uint8Array) => Promise.resolve(unzipFiles(bytes)), readParquet: readParquetTable };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const file = (path: string, text: string): InputFile => ({ path, bytes: bytesOf(text) });
const recognise = (...files: readonly InputFile[]): Promise<InputPlan> => recogniseInput(files, readers);

async function reasonFor(...files: readonly InputFile[]): Promise<unknown> {
  try {
    readPlan(await recognise(...files));
  } catch (error) {
    if (error instanceof RerankError) return error.details["reason"];
  }
  throw new Error("nothing was refused");
}

const CORPUS = '{"_id": "d1", "title": "제목", "text": "글1"}\n{"_id": "d2", "title": "", "text": "글2"}\n';
const QUERIES = '{"_id": "q1", "text": "질문1"}\n{"_id": "q2", "text": "질문2"}\n{"_id": "q3", "text": "질문3"}\n';
const QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq2\td2\t1\nq2\td9\t1\nq8\td1\t1\n";
const RUN = "q1 Q0 d2 1 3.5 bm25\nq1 Q0 d1 2 2.5 bm25\nq2 Q0 d1 1 1 bm25\n";

describe("one table", () => {
  it.each([
    ["CSV", file("a.csv", "질문,문서\n질문1,글1\n")],
    ["TSV", file("a.tsv", "query\tpassage\n질문1\t글1\n")],
    ["JSON lines", file("a.jsonl", '{"query": "질문1", "pos": ["글1"], "neg": []}\n')],
    ["a JSON list", file("a.json", '[{"query": "질문1", "document": "글1"}]')],
    [
      "CP949",
      {
        path: "a.csv",
        bytes: Uint8Array.of(0xc1, 0xfa, 0xb9, 0xae, 0x2c, 0x64, 0x6f, 0x63, 10, 0xc1, 0xfa, 0x2c, 0xb1, 0xdb),
      },
    ],
  ])("is read from %s", async (_, input) => {
    const { dataset } = readPlan(await recognise(input));
    expect(dataset.questions).toHaveLength(1);
    expect(dataset.documents).toHaveLength(1);
  });

  it("is read from Parquet, lists among its columns", async () => {
    const buffer = parquetWriteBuffer({
      columnData: [
        { name: "query", data: ["질문1", "질문2"], type: "STRING" },
        { name: "pos", data: [["글1"], ["글2", "글3"]], type: "JSON" },
        { name: "neg", data: [["글3"], []], type: "JSON" },
      ],
    });
    const plan = await recognise({ path: "a.parquet", bytes: new Uint8Array(buffer) });
    const { dataset } = readPlan(plan);
    expect(dataset.documents.map(({ text }) => text)).toEqual(["글1", "글3", "글2"]);
    expect([...(dataset.qrels.get("q2")?.keys() ?? [])]).toEqual(["d3", "d2"]);
  });

  it("goes by the user's mapping where there is one", async () => {
    const plan = await recognise(file("a.csv", "제목줄,무엇,어디\nx,질문1,글1\n"));
    const { dataset } = readPlan(plan, { question: [1], document: [2] });
    expect(dataset.questions[0]?.text).toBe("질문1");
  });
});

describe("a collection", () => {
  const beir = [
    file("set/corpus.jsonl", CORPUS),
    file("set/queries.jsonl", QUERIES),
    file("set/qrels/train.tsv", "query-id\tcorpus-id\tscore\nq3\td1\t1\n"),
    file("set/qrels/test.tsv", QRELS),
    file("set/README.md", "no part of it"),
  ];

  it("is read from BEIR's folder, by the test split, with what is missing reported", async () => {
    const plan = await recognise(...beir);
    expect(plan).toMatchObject({ type: "collection", name: "set", qrels: { path: "set/qrels/test.tsv" } });
    const { dataset, problems, withoutAnswer } = readPlan(plan);
    expect(dataset.documents).toEqual([
      { id: "d1", text: "제목\n글1" },
      { id: "d2", text: "글2" },
    ]);
    // A relevant document without a text counts as one that is never found.
    expect(dataset.qrels.get("q2")).toEqual(
      new Map([
        ["d2", 1],
        ["d9", 1],
      ]),
    );
    expect(dataset.candidates).toBeUndefined();
    expect(problems.map(({ code }) => code)).toEqual(["missing-document", "unknown-question"]);
    expect(withoutAnswer).toBe(1);
  });

  it("is the same from a ZIP", async () => {
    const zip = zipSync(Object.fromEntries(beir.map(({ path, bytes }) => [path, bytes])));
    const fromZip = readPlan(await recognise({ path: "set.zip", bytes: zip }));
    const fromFolder = readPlan(await recognise(...beir));
    expect({ ...fromZip.dataset, name: "" }).toEqual({ ...fromFolder.dataset, name: "" });
  });

  it("takes a TREC run's candidates, with TREC's judgments and CSV texts", async () => {
    const plan = await recognise(
      file("docs.csv", "doc_id,text\nd1,글1\nd2,글2\n"),
      file("questions.tsv", "qid\tquestion\nq1\t질문1\nq2\t질문2\n"),
      file("my.qrels", "q1 0 d1 1\nq2 0 d1 1\n"),
      file("my.run", RUN),
    );
    const { dataset, problems } = readPlan(plan);
    expect(problems).toEqual([]);
    expect(dataset.candidates).toEqual(
      new Map([
        [
          "q1",
          [
            { documentId: "d2", score: 3.5 },
            { documentId: "d1", score: 2.5 },
          ],
        ],
        ["q2", [{ documentId: "d1", score: 1 }]],
      ]),
    );
  });
});

describe("what cannot be used", () => {
  it.each([
    ["no-table", [file("notes.md", "x")]],
    ["several-tables", [file("a.csv", "question,doc\na,b"), file("b.csv", "question,doc\na,b")]],
    ["no-questions-file", [file("corpus.jsonl", CORPUS), file("qrels/test.tsv", QRELS)]],
    ["no-documents", [file("queries.jsonl", QUERIES), file("qrels/test.tsv", QRELS)]],
    ["broken-file", [file("a.zip", "PK\u0003\u0004 and nothing else")]],
    ["broken-file", [file("a.parquet", "PAR1 and nothing else")]],
    ["no-header", [file("a.csv", "id,name\n1,x\n")]],
    ["no-rows", [file("a.csv", "question,doc\n")]],
    ["no-questions", [file("a.csv", "question,doc_id,doc\n,d1,글\n")]],
  ])("is refused with the reason %s", async (reason, files) => {
    expect(await reasonFor(...files)).toBe(reason);
  });
});
