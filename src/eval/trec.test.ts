import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readQrels, readRun, trecOrder, writeRun } from "./trec.ts";

describe("readQrels", () => {
  it("reads TREC's four fields with blanks or tabs, grades below 0 among them", () => {
    const { qrels, problems } = readQrels("q1 0 d1 2\nq1\t0\td2\t0\r\nq2 0 d1 -1\n\n");
    expect(qrels).toEqual(
      new Map([
        [
          "q1",
          new Map([
            ["d1", 2],
            ["d2", 0],
          ]),
        ],
        ["q2", new Map([["d1", -1]])],
      ]),
    );
    expect(problems).toEqual([]);
  });

  it("reads BEIR's three fields below their header", () => {
    const { qrels, problems } = readQrels("query-id\tcorpus-id\tscore\nq1\td1\t1\n");
    expect(qrels).toEqual(new Map([["q1", new Map([["d1", 1]])]]));
    expect(problems).toEqual([]);
  });

  it("reports broken lines and second judgments by line and reads on", () => {
    const { qrels, problems } = readQrels("q1 0 d1 1\nq1 0 d1 0\nonly two\nq1 0 d2 yes\nq1 0 d3 1");
    expect(qrels.get("q1")).toEqual(
      new Map([
        ["d1", 1],
        ["d3", 1],
      ]),
    );
    expect(problems.map(({ line, code }) => [line, code])).toEqual([
      [2, "duplicate-judgment"],
      [3, "bad-line"],
      [4, "bad-line"],
    ]);
  });
});

describe("readRun", () => {
  it("orders by score and never by the rank column, ties by document id from the last", () => {
    const { entries, ties, tag } = readRun("q1 Q0 a 1 0.5 bm25\nq1 Q0 c 2 0.5 bm25\nq1 Q0 b 3 0.9 bm25\n");
    expect(entries.get("q1")?.map(({ documentId }) => documentId)).toEqual(["b", "c", "a"]);
    expect({ ties, tag }).toEqual({ ties: 1, tag: "bm25" });
  });

  it("breaks ties in byte order, not in that of UTF-16", () => {
    // U+10000 comes after U+FFFD by bytes, and before it by UTF-16 units.
    const entries = ["\u{10000}", "\ufffd", "가"].map((documentId) => ({ documentId, score: 1 }));
    expect(trecOrder(entries).map(({ documentId }) => documentId)).toEqual(["\u{10000}", "\ufffd", "가"]);
  });

  it("reports broken lines and repeated documents", () => {
    const { entries, problems } = readRun("q1 Q0 a 1 0.5 t\nq1 Q0 a 2 0.4 t\nq1 Q0 b 3 high t\nq1 Q0 b\n");
    expect(entries.get("q1")).toEqual([{ documentId: "a", score: 0.5 }]);
    expect(problems.map(({ line, code }) => [line, code])).toEqual([
      [2, "duplicate-candidate"],
      [3, "bad-line"],
      [4, "bad-line"],
    ]);
  });
});

describe("writeRun", () => {
  it("writes scores by which a reader that goes by score alone finds the order, whatever they were", () => {
    const scores = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(scores, (list) => {
        const entries = list.map((score, at) => ({ documentId: `d${String(at)}`, score }));
        const read = readRun(writeRun([["q1", entries]], "a model"));
        expect(read.tag).toBe("a-model");
        expect(read.ties).toBe(0);
        expect(read.entries.get("q1")?.map(({ documentId }) => documentId)).toEqual(
          entries.map(({ documentId }) => documentId),
        );
      }),
    );
  });
});
