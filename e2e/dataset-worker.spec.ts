/** Files are read, searched and judged in a worker of their own, whose death costs nothing but time. */
import type { Page } from "@playwright/test";
import { strToU8, zipSync } from "fflate";
import { expect, test } from "./fixtures.ts";

declare global {
  interface Window {
    datasets: InstanceType<Window["sunwi"]["DatasetClient"]>;
  }
}

/** Opens the bundled questions as `window.datasets`, and gives one model scores by which documents go last to first. */
async function useSample(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const file = await (await fetch("samples/help-centre-ko.csv")).blob();
    const datasets = new window.sunwi.DatasetClient();
    await datasets.open([{ path: "help-centre-ko.csv", file }]);
    const { questions } = await datasets.use();
    const tasks = await datasets.tasks({ from: 0, to: questions, limit: 20 });
    const scores = new Map(
      tasks.map(({ questionId, documents }) => [
        questionId,
        {
          logits: Float32Array.from(documents, (_, at) => at),
          windows: new Uint8Array(documents.length).fill(1),
          truncated: new Uint8Array(documents.length),
          ms: 1,
        },
      ]),
    );
    await datasets.putScores("reversed", scores);
    Object.assign(window, { datasets });
  });
}

const judged = (page: Page) =>
  page.evaluate(async () => {
    const recipes = [{ kind: "logit", model: "reversed" }] as const;
    const { systems, ceiling, verdict } = await window.datasets.judge({ candidates: 20, metric: "MRR@10", recipes });
    return {
      keys: systems.map(({ key }) => key),
      values: systems.map((each) => each.metrics["MRR@10"]),
      ceiling,
      verdict,
    };
  });

test("reads, searches and judges the bundled questions", async ({ driven: page }) => {
  await useSample(page);
  const { keys, values, ceiling, verdict } = await judged(page);
  expect(keys).toEqual(["first-stage", "logit reversed"]);
  // What `npm run evaluate` says of the first stage.
  expect(values[0]).toBeCloseTo(0.624, 3);
  expect(ceiling).toBeCloseTo(0.852, 3);
  expect(verdict).toMatchObject({ type: "do-not-rerank", reason: "worse" });
  const { found } = await page.evaluate(() => window.datasets.search("주문한 상품이 안 와요", 3));
  expect(found).toHaveLength(3);
  expect((found[0]?.score ?? 0) >= (found[2]?.score ?? 0)).toBe(true);
});

test("goes on with the same data and scores in a new worker", async ({ driven: page }) => {
  await useSample(page);
  const before = await judged(page);
  const worker = page.workers().find((each) => each.url().includes("dataset-worker"));
  // Never awaited: the answer of a worker that ends may not come.
  void worker
    ?.evaluate(() => {
      self.close();
    })
    .catch(() => undefined);
  await expect.poll(() => page.workers().some((each) => each === worker)).toBe(false);
  // The client learns of the death by the lock that the worker gives back.
  await expect.poll(() => judged(page).catch(() => undefined)).toEqual(before);
});

test("refuses a broken file in words, and the data set in use stays", async ({ driven: page }) => {
  await useSample(page);
  const refused = await page.evaluate(async () => {
    const file = new Blob(["PAR1 and nothing else"]);
    return await window.datasets.open([{ path: "a.parquet", file }]).then(
      () => "opened",
      (error: unknown) =>
        error instanceof window.sunwi.RerankError ? [error.code, error.details["reason"]] : String(error),
    );
  });
  expect(refused).toEqual(["invalid-input", "broken-file"]);
  expect((await judged(page)).keys).toHaveLength(2);
});

test("fetches the reader of archives only for an archive", async ({ driven: page }) => {
  const readers: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("unzip")) readers.push(request.url());
  });
  await useSample(page);
  expect(readers).toEqual([]);
  const files = {
    "set/corpus.jsonl":
      '{"_id": "d1", "text": "환불은 7일 안에 됩니다"}\n{"_id": "d2", "text": "배송은 이틀 걸립니다"}',
    "set/queries.jsonl": '{"_id": "q1", "text": "환불 기한"}',
    "set/qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t1",
  };
  const zip = zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, strToU8(text)])));
  const facts = await page.evaluate(
    async (bytes) => {
      await window.datasets.open([{ path: "set.zip", file: new Blob([Uint8Array.from(bytes)]) }]);
      return await window.datasets.use();
    },
    [...zip],
  );
  expect(facts).toMatchObject({ name: "set.zip", questions: 1, documents: 2 });
  expect(readers).toHaveLength(1);
});
