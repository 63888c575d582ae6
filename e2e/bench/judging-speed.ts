/**
 * How long 5,000 questions with 20 scored candidates each take to be judged, and what the page's own thread does
 * meanwhile:
 *
 *     npx tsx e2e/bench/judging-speed.ts [--questions 5000] [--runs 5]
 *
 * The data are made up: candidates in a file of their own, two models with seeded scores. Times are medians.
 */
import { parseArgs } from "node:util";
import { openDrivenPage } from "../driven-page.ts";

const { values } = parseArgs({
  options: { questions: { type: "string", default: "5000" }, runs: { type: "string", default: "5" } },
});
const CANDIDATES = 20;
const questions = Number(values.questions);

const lines = ["query_id,query,doc_id,document,relevance,score"];
for (let question = 0; question < questions; question += 1) {
  for (let rank = 0; rank < CANDIDATES; rank += 1) {
    const id = `d${String((question * 7 + rank * 13) % 20_000)}`;
    const grade = rank === (question * 31) % CANDIDATES ? 1 : 0;
    lines.push(
      `q${String(question)},질문 ${String(question)},${id},문서 ${id}의 본문,${String(grade)},${String(CANDIDATES - rank)}`,
    );
  }
}
const driven = await openDrivenPage({
  modelFolders: [],
  inputs: [new TextEncoder().encode(lines.join("\n"))],
  gpu: "none",
});
const measured = await driven.page.evaluate(
  async ({ inputUrl, candidates, runs }) => {
    const datasets = new window.sunwi.DatasetClient();
    const file = await (await fetch(inputUrl)).blob();
    const startMs = performance.now();
    await datasets.open([{ path: "made-up.csv", file }]);
    const facts = await datasets.use();
    const readMs = performance.now() - startMs;
    let state = 1;
    for (const [model, noise] of [
      ["one", 3],
      ["other", 6],
    ] as const) {
      const scores = Array.from({ length: facts.questions + facts.withoutAnswer }, (_, at) => {
        const logits = Float32Array.from({ length: candidates }, (__, rank) => {
          state = (state * 48_271) % 2_147_483_647;
          return -rank / 4 + (noise * state) / 2_147_483_647;
        });
        const own = {
          logits,
          windows: new Uint8Array(candidates).fill(1),
          truncated: new Uint8Array(candidates),
          ms: 5,
        };
        return [`q${String(at)}`, own] as const;
      });
      await datasets.putScores(model, new Map(scores));
    }
    const longest: number[] = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest.push(duration);
    }).observe({ type: "longtask" });
    const recipes = ["one", "other"].flatMap((model) => [
      { kind: "logit", model } as const,
      { kind: "blended", model, blendWeight: 3 } as const,
    ]);
    const judging: number[] = [];
    const opening: number[] = [];
    for (let run = 0; run <= runs; run += 1) {
      const begin = performance.now();
      await datasets.judge({ candidates, metric: "MRR@10", recipes });
      const judgedAt = performance.now();
      await datasets.questions(candidates);
      await datasets.orders(run);
      // The first run compiles.
      if (run > 0) judging.push(judgedAt - begin);
      if (run > 0) opening.push(performance.now() - judgedAt);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { facts, readMs, judging, opening, longTasks: longest };
  },
  { inputUrl: driven.inputUrls[0] ?? "", candidates: CANDIDATES, runs: Number(values.runs) },
);
await driven.close();

const { facts, readMs, longTasks } = measured;
const [judgeMs, openMs] = [median(measured.judging), median(measured.opening)];
console.log(
  `${String(facts.questions)} questions with an answer, ${String(facts.documents)} documents, 4 rows beside the first stage`,
);
console.log(
  `reading ${readMs.toFixed(0)} ms, judging ${judgeMs.toFixed(0)} ms, list and one question ${openMs.toFixed(0)} ms`,
);
console.log(
  `tasks over 50 ms on the page's thread while judging: ${String(longTasks.length)} (longest ${Math.max(0, ...longTasks).toFixed(0)} ms)`,
);

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}
