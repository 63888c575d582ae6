/**
 * Fits the weight with which a model's logit and the first stage's score are blended:
 *
 *     npx tsx e2e/fit-blend.ts DEVELOPMENT.csv … [--model DIR_OR_ID] [--candidates 20]
 *
 * Files are in the format of `npm run evaluate`; `training/prepare.py` writes some, of pages that are trained on nowhere.
 * The weight with the best mean of the files' MRR@10 wins. Never give it a file that the model will be judged by.
 */
import { parseArgs } from "node:util";
import { readDatasetFile } from "./dataset-file.ts";
import { findModelFolder, openDrivenPage } from "./driven-page.ts";
import type { FitTable, Pool } from "./page/blend-task.ts";

const WEIGHTS = [0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 50];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: "string", default: "sunwi-mini" },
    candidates: { type: "string", default: "20" },
  },
});
const pools: Pool[] = [];
for (const file of positionals) {
  const dataset = await readDatasetFile(file);
  pools.push({
    name: dataset.name,
    documents: dataset.documents.map(({ text }) => text),
    questions: dataset.questions.map(({ id, text }) => ({
      text,
      answers: dataset.documents.flatMap((document, at) => (dataset.qrels.get(id)?.has(document.id) ? [at] : [])),
    })),
  });
}
const driven = await openDrivenPage({
  modelFolders: [await findModelFolder(values.model)],
  inputs: [new TextEncoder().encode(JSON.stringify(pools))],
  gpu: "none",
});
try {
  const table = await driven.page.evaluate((task) => window.sunwi.compareWeights(task), {
    modelUrl: driven.modelUrls[0] ?? "",
    inputUrl: driven.inputUrls[0] ?? "",
    weights: WEIGHTS,
    candidates: Number(values.candidates),
  });
  printTable(table);
} finally {
  await driven.close();
}

function printTable({ pools: names, firstStage, byWeight }: FitTable): void {
  const mean = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  const row = (label: string, numbers: readonly number[]): string =>
    `| ${label} | ${[...numbers, mean(numbers)].map((x) => x.toFixed(3)).join(" | ")} |`;
  console.log(`| weight | ${names.join(" | ")} | mean |\n|---|${"---|".repeat(names.length + 1)}`);
  console.log(
    row(
      "questions",
      pools.map(({ questions }) => questions.length),
    ),
  );
  console.log(row("first stage alone", firstStage));
  byWeight.forEach((numbers, at) => {
    console.log(row(String(WEIGHTS[at]), numbers));
  });
  const means = byWeight.map(mean);
  const best = means.indexOf(Math.max(...means));
  console.log(`\nBest weight: ${String(WEIGHTS[best])} (mean MRR@10 ${means[best]?.toFixed(4) ?? ""})`);
}
