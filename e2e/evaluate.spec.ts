/** The terminal's evaluation, run as a user runs it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
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
  expect(output).toContain("help-centre-ko.csv: 6 questions, 252 documents, 0 rows skipped");
  expect(output).toMatch(/\| No reranking — BM25\+/);
  const report = JSON.parse(readFileSync(path, "utf8")) as { runs: { device: string; metrics: object }[] };
  expect(report).toMatchObject({ dataset: { questions: 6, documents: 252, skipped: 0 } });
  expect(report.runs.map(({ device }) => device)).toEqual(["cpu", "wasm", "wasm"]);
  expect(Object.keys(report.runs[0]?.metrics ?? {})).toEqual(["MRR@10", "Hit@1", "Hit@3", "Hit@5", "Hit@10"]);
});

test("lists bad rows with their lines, and goes on", () => {
  const path = join(folder, "rows.csv");
  writeFileSync(path, 'question,answer,doc_id,doc\n배송 조회,,d1,"배송\n조회"\n환불,,,환불 안내\n');
  const { status, output, errors } = evaluate(path);
  expect(status).toBe(0);
  expect(errors).toContain(`${path}:4:`);
  expect(output).toContain("1 questions, 1 documents, 1 rows skipped");
});

test("says what is wrong with a file, a device or a model, and fails", () => {
  const path = join(folder, "wrong.csv");
  writeFileSync(path, "name,age\nx,3\n");
  const wrongFile = evaluate(path);
  expect(wrongFile.status).toBe(1);
  expect(wrongFile.errors).toContain("doc_id");
  expect(evaluate(join(folder, "none.csv")).errors).toContain("cannot be read");
  expect(evaluate("--device", "tpu").errors).toContain("auto, wasm, webgpu");
  expect(evaluate("--model", "nothing-here").errors).toContain("sunwi-mini");
});
