/**
 * Whether a large data set stays usable: 50,000 documents and 5,000 questions, made up of the bundled sample's words.
 *
 *     npx tsx e2e/bench/large-dataset.ts [--documents 50000] [--questions 5000]
 *
 * Says how long reading, indexing, a search and the candidates of 100 questions take in their worker, how much memory
 * Chromium's process of the page holds, and which tasks kept the page's own thread for more than 50 ms.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seededRandom } from "../../src/eval/seeded-random.ts";
import { PUBLIC_FOLDER } from "../build-page.ts";
import { openDrivenPage } from "../driven-page.ts";

const { values } = parseArgs({
  options: { documents: { type: "string", default: "50000" }, questions: { type: "string", default: "5000" } },
});
const [documents, questions] = [Number(values.documents), Number(values.questions)];
const WORDS_OF_A_DOCUMENT = 120;
const WORDS_OF_A_QUESTION = 6;

const sample = await readFile(join(PUBLIC_FOLDER, "samples/help-centre-ko.csv"), "utf8");
const words = [...new Set(sample.split(/[\s",.]+/).filter((word) => word.length > 1))];
const driven = await openDrivenPage({ modelFolders: [], inputs: [new TextEncoder().encode(madeUpCsv())], gpu: "none" });
const measured = await driven.page.evaluate(
  async ({ inputUrl }) => {
    const longest: number[] = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest.push(duration);
    }).observe({ type: "longtask" });
    const datasets = new window.sunwi.DatasetClient();
    const file = await (await fetch(inputUrl)).blob();
    const times: [step: string, ms: number][] = [];
    let last = performance.now();
    await datasets.open([{ path: "made-up.csv", file }]);
    times.push(["recognised", performance.now() - last]);
    last = performance.now();
    const facts = await datasets.use();
    times.push(["read and indexed", performance.now() - last]);
    last = performance.now();
    const { found } = await datasets.search(facts.examples[0] ?? "", 20);
    times.push([`one search, ${String(found.length)} candidates`, performance.now() - last]);
    last = performance.now();
    await datasets.tasks({ from: 0, to: 100, limit: 20 });
    times.push(["candidates of 100 questions", performance.now() - last]);
    const { bytes } = await (
      performance as Performance & { measureUserAgentSpecificMemory: () => Promise<{ bytes: number }> }
    ).measureUserAgentSpecificMemory();
    return { facts, times, longest, bytes };
  },
  { inputUrl: driven.inputUrls[0] ?? "" },
);
await driven.close();

const { facts, times, longest, bytes } = measured;
console.log(`${String(facts.documents)} documents, ${String(facts.questions)} questions`);
for (const [step, ms] of times) console.log(`${step}: ${(ms / 1000).toFixed(2)} s`);
console.log(`memory of page and worker: ${(bytes / 1e6).toFixed(0)} MB`);
console.log(
  `tasks over 50 ms on the page's thread: ${String(longest.length)} (longest ${Math.max(0, ...longest).toFixed(0)} ms)`,
);

function madeUpCsv(): string {
  const random = seededRandom(1);
  const text = (length: number): string =>
    Array.from({ length }, () => words[Math.floor(random() ** 2 * words.length)] ?? "").join(" ");
  const lines = ["question,answer,doc_id,doc"];
  for (let at = 0; at < documents; at += 1) {
    const body = text(WORDS_OF_A_DOCUMENT);
    const from = Math.floor(random() * 80);
    const asked =
      at < questions
        ? body
            .split(" ")
            .slice(from, from + WORDS_OF_A_QUESTION)
            .join(" ")
        : "";
    lines.push(`${asked},,d${String(at)},${body}`);
  }
  return lines.join("\n");
}
