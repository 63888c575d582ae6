/** The terminal's evaluation, run as a user runs it. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT_ROOT } from "./build-page.ts";
import { expect, test } from "./fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "sunwi-"));

function evaluate(...args: string[]) {
  const result = spawnSync("npm", ["run", "--silent", "evaluate", "--", ...args], {
    cwd: PROJECT_ROOT,
    encoding: "utf8",
    env: { ...process.env, LANG: "C.UTF-8" },
  });
  return { status: result.status, output: result.stdout, errors: result.stderr };
}

test("prints the table and writes the JSON for the first questions of the sample", () => {
  const path = join(folder, "report.json");
  const { status, output } = evaluate("--limit", "6", "--candidates", "5", "--json", path);
  expect(status).toBe(0);
  expect(output).toMatch(/help-centre-ko\.csv \([0-9a-f]{12}\): 6 questions, 252 documents, 5 candidates/);
  expect(output).toMatch(/\| No reranking — BM25\+/);
  const report = JSON.parse(readFileSync(path, "utf8")) as {
    rows: { key: string; metrics: object; values: number[] }[];
    verdict: { type: string };
  };
  expect(report).toMatchObject({
    receipt: { candidates: 5, metric: "MRR@10", seed: 1, dataset: { questions: 6, documents: 252, skipped: 0 } },
  });
  expect(report.rows).toHaveLength(3);
  expect(report.rows[0]?.values).toHaveLength(6);
  expect(Object.keys(report.rows[0]?.metrics ?? {})).toHaveLength(30);
});

test("compares on a BEIR folder, and writes report, table and TREC runs", () => {
  const set = join(folder, "set");
  mkdirSync(join(set, "qrels"), { recursive: true });
  writeFileSync(
    join(set, "corpus.jsonl"),
    '{"_id":"d1","title":"","text":"배송 조회 방법"}\n{"_id":"d2","text":"환불은 사흘"}\n',
  );
  writeFileSync(join(set, "queries.jsonl"), '{"_id":"q1","text":"환불 언제"}\n');
  writeFileSync(join(set, "qrels/test.tsv"), "query-id\tcorpus-id\tscore\nq1\td2\t1\n");
  const [html, csv, trec] = ["report.html", "rows.csv", "runs"].map((name) => join(folder, name));
  const options = [
    "--report",
    html ?? "",
    "--csv",
    csv ?? "",
    "--trec",
    trec ?? "",
    "--metric",
    "nDCG@5",
    "--seed",
    "7",
  ];
  const { status, output } = evaluate(set, ...options, "--locale", "ko", "--bootstrap", "200", "--origin");
  expect(status).toBe(0);
  expect(output).toContain("조각 9개 모두");
  expect(output).toContain("nDCG@5");
  expect(readFileSync(html ?? "", "utf8")).toContain("순위 평가 보고서");
  expect(readFileSync(csv ?? "", "utf8")).toContain("sunwi-mini (model score only)");
  expect(readFileSync(join(trec ?? "", "0.run"), "utf8")).toMatch(/^q1 Q0 d2 1 /);
});

test("lists bad rows with their lines, and goes on", () => {
  const path = join(folder, "rows.csv");
  writeFileSync(path, 'question,answer,doc_id,doc\n배송 조회,,d1,"배송\n조회"\n환불,,,환불 안내\n');
  const { status, output, errors } = evaluate(path);
  expect(status).toBe(0);
  expect(errors).toContain(`${path}:4:`);
  expect(output).toContain("1 questions, 1 documents");
});

test("says what is wrong with a file, a device or a model, and fails", () => {
  const path = join(folder, "wrong.csv");
  writeFileSync(path, "name,age\nx,3\n");
  const wrongFile = evaluate(path);
  expect(wrongFile.status).toBe(1);
  expect(wrongFile.errors).toContain("columns' names are not known");
  expect(evaluate(path, "--column", "question=nom").errors).toContain("The file has: name, age");
  expect(evaluate("--metric", "BLEU@4").errors).toContain("MRR, Hit, nDCG");
  expect(evaluate(join(folder, "none.csv")).errors).toContain("cannot be read");
  expect(evaluate("--device", "tpu").errors).toContain("auto, wasm, webgpu");
  expect(evaluate("--model", "nothing-here").errors).toContain("sunwi-mini");
});
