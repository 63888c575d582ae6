import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { meanMetrics, metric, METRIC_CUTS, questionScores } from "./metrics.ts";
import { readQrels, readRun } from "./trec.ts";
import type { MetricFamily } from "./types.ts";

/** What trec_eval says; see fixtures/trec/expected.sh. */
const FOLDER = new URL("fixtures/trec/", import.meta.url);
const textOf = (file: string): string => readFileSync(new URL(file, FOLDER), "utf8");
const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".run"))
  .map((file) => file.replace(".run", ""));

const NAMED: readonly (readonly [MetricFamily, string])[] = [
  ["MRR", "recip_rank"],
  ["Hit", "success"],
  ["nDCG", "ndcg_cut"],
  ["MAP", "map_cut"],
  ["Recall", "recall"],
  ["P", "P"],
];

/** Measure -> question or "all" -> value. */
function expectedOf(name: string): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const values = new Map<string, Map<string, number>>();
  for (const line of textOf(`${name}.expected`).trim().split("\n")) {
    const [measure = "", question = "", value = ""] = line.split(" ");
    values.set(measure, (values.get(measure) ?? new Map<string, number>()).set(question, Number(value)));
  }
  return values;
}

describe.each(names)("trec_eval on %s", (name) => {
  const { qrels, problems } = readQrels(textOf(`${name}.qrels`));
  const { entries } = readRun(textOf(`${name}.run`));
  const run = new Map(Array.from(entries, ([id, list]) => [id, list.map(({ documentId }) => documentId)]));
  const expected = expectedOf(name);

  it.each(NAMED.flatMap(([family, theirs]) => METRIC_CUTS.map((cut) => [family, cut, theirs] as const)))(
    "agrees on %s@%i to 1e-6, for each question and on average",
    (family, cut, theirs) => {
      expect(problems).toEqual([]);
      const values = expected.get(`${theirs}_${String(cut)}`);
      const ours = questionScores(qrels, run, metric(family, cut));
      expect(ours.length).toBe((values?.size ?? 0) - 1);
      for (const [at, question] of [...qrels.keys()].entries()) {
        expect(Math.abs((ours[at] ?? Number.NaN) - (values?.get(question) ?? Number.NaN))).toBeLessThan(1e-6);
      }
      const { [`${family}@${String(cut)}`]: mean = Number.NaN } = meanMetrics(qrels, run, [metric(family, cut)]);
      expect(Math.abs(mean - (values?.get("all") ?? Number.NaN))).toBeLessThan(1e-6);
    },
  );
});

describe("the made-up runs", () => {
  it("hold what they were made for", () => {
    const tiesIn = (name: string): number => readRun(textOf(`${name}.run`)).ties;
    expect(tiesIn("ties")).toBeGreaterThan(100);
    expect(tiesIn("ids-and-spam")).toBeGreaterThan(50);
    const { qrels } = readQrels(textOf("gaps-and-strangers.qrels"));
    const { entries } = readRun(textOf("gaps-and-strangers.run"));
    expect([...qrels.keys()].filter((id) => !entries.has(id))).toHaveLength(5);
    expect(qrels.has("q99")).toBe(false);
    expect(entries.has("q99")).toBe(true);
  });
});
