import { describe, expect, it } from "vitest";
import { RerankError } from "../core/errors.ts";
import type { InputFile } from "../eval/input-files.ts";
import { readParquetTable } from "../eval/parquet-table.ts";
import { unzipFiles } from "../eval/unzip.ts";
import { DatasetSession } from "./dataset-session.ts";

const readers = {
  unzip: (bytes: Uint8Array) => Promise.resolve(unzipFiles(bytes)),
  readParquet: readParquetTable,
};
const file = (path: string, text: string): InputFile => ({ path, bytes: new TextEncoder().encode(text) });
const CSV = file(
  "faq.csv",
  [
    "question,answer,doc_id,doc",
    "배터리 보관,,d1,배터리 보관 방법",
    "환불 기한,,d2,환불은 7일 안에",
    ",,d3,배터리 교체 방법",
  ].join("\n"),
);
const JUDGED = file(
  "run.csv",
  [
    "query_id,query,doc_id,document,relevance,score",
    "a,질문,d1,글1,0,3",
    "a,질문,d2,글2,1,2",
    "b,물음,d1,글1,0,1",
    "b,물음,d3,글3,1,-1",
  ].join("\n"),
);

async function using(...files: readonly InputFile[]): Promise<DatasetSession> {
  const session = new DatasetSession(readers);
  await session.open(files);
  await session.use();
  return session;
}

describe("DatasetSession", () => {
  it("shows what it recognised before it reads", async () => {
    const summary = await new DatasetSession(readers).open([CSV]);
    expect(summary).toMatchObject({
      type: "table",
      columns: ["question", "answer", "doc_id", "doc"],
      shape: "question-document",
      missing: [],
      rows: 3,
      encoding: "utf-8",
    });
    expect(summary.preview[0]).toEqual(["배터리 보관", "", "d1", "배터리 보관 방법"]);
  });

  it("tells facts, and the same hash for the same content only", async () => {
    const session = new DatasetSession(readers);
    await session.open([CSV]);
    const steps: string[] = [];
    const facts = await session.use({}, ({ step, done, total }) => steps.push(`${step} ${done}/${total}`));
    expect(facts).toMatchObject({ name: "faq.csv", questions: 2, documents: 3, rows: 3, skipped: 0, problemCount: 0 });
    expect(facts.examples).toEqual(["배터리 보관", "환불 기한"]);
    expect(steps).toEqual(["reading 0/1", "indexing 3/3"]);
    const again = await session.use();
    expect(again.hash).toBe(facts.hash);
    await session.open([file("faq.csv", "question,doc\n배터리 보관,배터리 보관 방법")]);
    expect((await session.use()).hash).not.toBe(facts.hash);
  });

  it("searches, and knows the answers of the file's own questions", async () => {
    const session = await using(CSV);
    expect(session.search("배터리 보관", 5).map(({ id, isAnswer }) => [id, isAnswer])).toEqual([
      ["d1", true],
      ["d3", false],
    ]);
    expect(session.search("환불", 1)).toMatchObject([{ id: "d2", isAnswer: false }]);
  });

  it("gives tasks whose keys tell pairs apart, and a shorter list as the beginning of a longer one", async () => {
    const session = await using(CSV);
    const [long] = session.tasks({ from: 0, to: 1, limit: 20 });
    const [short] = session.tasks({ from: 0, to: 1, limit: 1 });
    expect(long?.documentIds).toEqual(["d1", "d3"]);
    expect(short?.pairKeys).toEqual(long?.pairKeys.slice(0, 1));
    expect(new Set(long?.pairKeys).size).toBe(2);
    expect(long?.pairKeys[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  it("takes the file's own candidates, and blends with their scores only where all are 0 or more", async () => {
    const session = await using(JUDGED);
    expect(session.candidateLists(1)).toEqual([
      { questionId: "a", documentIds: ["d1"], scores: [3] },
      { questionId: "b", documentIds: ["d1"], scores: [] },
    ]);
    expect(session.search("질문", 2).map(({ id }) => id)).toEqual(["d1", "d2"]);
    expect(session.search("다른 질문", 2)).toEqual([]);
  });

  it("keeps the data set in use when the next file cannot be used", async () => {
    const session = await using(CSV);
    await expect(session.open([file("x.csv", "")])).rejects.toBeInstanceOf(RerankError);
    expect(session.search("환불", 1)).toHaveLength(1);
    await expect(session.use()).rejects.toMatchObject({ code: "invalid-input" });
    expect(session.search("환불", 1)).toHaveLength(1);
  });

  it("finds what is doubtful", async () => {
    const same = "이 글은 두 번 나오며 환불 방법을 자세히 알려 줍니다";
    const session = await using(
      file(
        "a.csv",
        `question,answer,doc_id,doc\n환불 방법,전혀 다른 이야기입니다,d1,${same}\n환불  방법?,,d2,${same}!\n`,
      ),
    );
    expect(session.check()).toEqual([
      { type: "duplicate-documents", documentIds: ["d1", "d2"] },
      { type: "equal-questions", questionIds: ["q1", "q2"] },
      { type: "answer-not-in-document", questionId: "q1", coverage: expect.any(Number) as number },
      { type: "likely-unlabelled", questionId: "q1", documentId: "d2", coverage: 1 },
      { type: "likely-unlabelled", questionId: "q2", documentId: "d1", coverage: 1 },
    ]);
  });
});
