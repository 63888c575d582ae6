/**
 * What should stand in for the first stage's scores where a site's result list has only an order?
 *
 *     npx tsx e2e/bench/blend-without-scores.ts [JUDGED.csv …] [--development DEV.csv] … [--seed 1] [--logits KEPT.json]
 *
 * Judges by the bundled sample and the files named; weights are to be chosen by the development files, of which only the
 * mean is shown (training/README.md says how to make them). Four sites are imitated, each with lists of 20 texts:
 *
 * - pairs: our first stage, BM25 over character pairs;
 * - words: BM25 over words as they are split at white space, which finds other texts;
 * - noise: the texts of "pairs" in a seeded random order, as by date or title. Its "host scores" keep to their texts, and
 *   show what a site would have if it gave scores;
 * - lifted: the order of "pairs" with answers brought to half their rank, as by a search that knows more than words do.
 *   Made from the judgments, so no measure of anything but what a stand-in loses of a good order.
 *
 * Prints MRR@10 (Hit@1) of each stand-in × weight; then, where there are development files, paired differences with
 * bootstrap intervals, of each stand-in with the weight that is best on these files, mean of "pairs" and "words".
 * `--logits` keeps the logits in a file and takes them from there next time: the same files and model are needed.
 */
import { readFile, writeFile } from "node:fs/promises";
import MiniSearch from "minisearch";
import { parseArgs } from "node:util";
import { blendScores, orderByScore } from "../../src/core/ranking.ts";
import type { Candidate } from "../../src/core/types.ts";
import { compareSystems, type Difference } from "../../src/eval/compare.ts";
import { mean, meanMetrics, metric } from "../../src/eval/metrics.ts";
import { seededRandom } from "../../src/eval/seeded-random.ts";
import type { EvaluationDataset, Qrels, Run } from "../../src/eval/types.ts";
import { Bm25FirstStage } from "../../src/retrieval/first-stage.ts";
import { readDatasetFile } from "../dataset-file.ts";
import { findModelFolder, openDrivenPage, SAMPLE_CSV } from "../driven-page.ts";
import type { LogitsInput } from "../page/logits-task.ts";

const CANDIDATES = 20;
const SHIPPED_WEIGHT = 5;
const WEIGHTS = [1, 2, 3, 4, 5, 6, 8, 10];
const HOSTS = ["pairs", "words", "noise", "lifted"] as const;
const [MRR, HIT] = [metric("MRR", 10), metric("Hit", 1)];

/** What a site shows for one question, best first, and what is known of each text. */
interface HostList {
  readonly documentIds: readonly string[];
  readonly scores: readonly number[];
  readonly logits: readonly number[];
  /** BM25 over the list's own texts; 0 where nothing matches. */
  readonly local: readonly number[];
}
type Host = (typeof HOSTS)[number];
type HostLists = Readonly<Record<Host, ReadonlyMap<string, HostList>>>;
type Found = Readonly<Record<Host, readonly Candidate[]>>;

interface JudgedSet {
  readonly dataset: EvaluationDataset;
  readonly lists: HostLists;
}

interface Variant {
  readonly name: string;
  readonly weight: number;
  /** Higher is better. */
  readonly orderScores: (list: HostList) => readonly number[];
}

const reciprocal =
  (k: number) =>
  ({ logits }: HostList): readonly number[] =>
    logits.map((_, at) => 1 / (at + 1 + k));
const linear = ({ logits }: HostList): readonly number[] => logits.map((_, at) => 1 - at / logits.length);
const local = (list: HostList): readonly number[] => list.local;
const inUnits = (scores: readonly number[]): readonly number[] => {
  const largest = Math.max(...scores);
  return scores.map((score) => (largest > 0 ? score / largest : 0));
};

/** `blendScores` brings each to 1 at its best text. */
const STAND_INS: readonly (readonly [name: string, of: (list: HostList) => readonly number[]])[] = [
  ["1 / rank", reciprocal(0)],
  ...[1, 2, 5, 10].map((k) => [`${String(1 + k)} / (rank + ${String(k)})`, reciprocal(k)] as const),
  ["1 - (rank - 1) / n", linear],
  ["local BM25", local],
  ["linear order + local BM25, halves", (list) => sums(linear(list), inUnits(local(list)))],
  // The last is what the element takes.
  [
    "3 / (rank + 2) + local BM25, halves",
    (list) =>
      sums(
        reciprocal(2)(list).map((x) => 3 * x),
        inUnits(local(list)),
      ),
  ],
];
/** What the element takes where a list has no scores. */
const SHIPPED = blended("shipped: list", (list) => STAND_INS.at(-1)?.[1](list) ?? [], SHIPPED_WEIGHT);
const HOST_ORDER: Variant = { name: "host's order", weight: 0, orderScores: linear };
const MODEL_ALONE: Variant = { name: "model alone", weight: 0, orderScores: ({ logits }) => logits };
const HOST_SCORES = blended("host scores", ({ scores }) => scores, SHIPPED_WEIGHT);
const FAMILIES = STAND_INS.map(([name, of]) => WEIGHTS.map((weight) => blended(name, of, weight)));
const VARIANTS: readonly Variant[] = [HOST_ORDER, MODEL_ALONE, HOST_SCORES, ...FAMILIES.flat()];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    development: { type: "string", multiple: true, default: [] },
    model: { type: "string", default: "sunwi-mini" },
    seed: { type: "string", default: "1" },
    logits: { type: "string" },
  },
});
const judgedFiles = [SAMPLE_CSV, ...positionals];
const datasets: EvaluationDataset[] = [];
for (const file of [...judgedFiles, ...values.development]) datasets.push(await readDatasetFile(file));
const found = datasets.map((dataset) => searchAll(dataset, Number(values.seed)));
const inputs = datasets.map((dataset, at) => pairsToScore(dataset, found[at] ?? []));
const logits = await scoreOnce(inputs);
const sets = datasets.map((dataset, at): JudgedSet => ({
  dataset,
  lists: listsOf(dataset, found[at] ?? [], inputs[at]?.questions ?? [], logits[at] ?? []),
}));
const judged = sets.slice(0, judgedFiles.length);
const development = sets.slice(judgedFiles.length);
for (const host of HOSTS) printMeans(host);
const chosen = development.length === 0 ? [] : FAMILIES.map(bestOnDevelopment);
const bases = [HOST_SCORES, HOST_ORDER, SHIPPED, ...chosen.filter(({ name }) => name === "local BM25")];
if (chosen.length > 0) for (const host of HOSTS) for (const base of bases) printDifferences(host, base);

function blended(name: string, of: (list: HostList) => readonly number[], weight: number): Variant {
  return { name, weight, orderScores: (list) => blendScores(list.logits, of(list), weight) };
}

function sums(some: readonly number[], others: readonly number[]): readonly number[] {
  return some.map((value, at) => value + (others[at] ?? 0));
}

/** Per question what each host lists. */
function searchAll({ documents, questions, qrels }: EvaluationDataset, seed: number): Found[] {
  const texts = documents.map(({ text }) => text);
  const byPairs = new Bm25FirstStage(texts);
  const byWords = new MiniSearch<{ id: number; text: string }>({
    fields: ["text"],
    tokenize: (text) => text.split(/\s+/u),
  });
  byWords.addAll(texts.map((text, id) => ({ id, text })));
  const random = seededRandom(seed);
  return questions.map(({ id: question, text }) => {
    const pairs = byPairs.search(text, CANDIDATES);
    const words = byWords.search(text).slice(0, CANDIDATES);
    const keys = pairs.map(() => random());
    const isAnswer = pairs.map(({ index }) => (qrels.get(question)?.get(documents[index]?.id ?? "") ?? 0) > 0);
    // An answer goes before the text that holds the place it is lifted to.
    const places = isAnswer.map((answers, at) => (answers ? Math.ceil((at + 1) / 2) - 1.5 : at));
    return {
      pairs,
      words: words.map(({ id, score }) => ({ index: id as number, score })),
      noise: orderByScore(keys).flatMap((at) => pairs[at] ?? []),
      lifted: orderByScore(places.map((place) => -place)).flatMap((at) => pairs[at] ?? []),
    };
  });
}

function pairsToScore({ documents, questions }: EvaluationDataset, foundOf: readonly Found[]): LogitsInput {
  return {
    documents: documents.map(({ text }) => text),
    questions: questions.map(({ text }, at) => ({
      text,
      documents: [...new Set(HOSTS.flatMap((host) => foundOf[at]?.[host].map(({ index }) => index) ?? []))],
    })),
  };
}

/** Logits by data set, question, document. */
async function scoreOnce(all: readonly LogitsInput[]): Promise<readonly (readonly (readonly number[])[])[]> {
  const kept = values.logits && (await readFile(values.logits, "utf8").catch(() => undefined));
  if (kept) return JSON.parse(kept) as readonly (readonly (readonly number[])[])[];
  const driven = await openDrivenPage({
    modelFolders: [await findModelFolder(values.model)],
    inputs: all.map((input) => new TextEncoder().encode(JSON.stringify(input))),
    gpu: "none",
  });
  try {
    const scored: (readonly (readonly number[])[])[] = [];
    for (const inputUrl of driven.inputUrls) {
      const task = { modelUrl: driven.modelUrls[0] ?? "", inputUrl };
      scored.push(await driven.page.evaluate((given) => window.sunwi.computeLogits(given), task));
      console.error(`scored ${datasets[scored.length - 1]?.name ?? ""}`);
    }
    if (values.logits) await writeFile(values.logits, JSON.stringify(scored));
    return scored;
  } finally {
    await driven.close();
  }
}

function listsOf(
  { documents, questions }: EvaluationDataset,
  foundOf: readonly Found[],
  scoredOf: LogitsInput["questions"],
  logitsOf: readonly (readonly number[])[],
): HostLists {
  const listFor = (host: Host, at: number): HostList => {
    const candidates = foundOf[at]?.[host] ?? [];
    const logitOf = new Map(scoredOf[at]?.documents.map((index, place) => [index, logitsOf[at]?.[place]]));
    const index = new Bm25FirstStage(candidates.map((each) => documents[each.index]?.text ?? ""));
    const matches = new Map(
      index.search(questions[at]?.text ?? "", CANDIDATES).map((each) => [each.index, each.score]),
    );
    return {
      documentIds: candidates.map((each) => documents[each.index]?.id ?? ""),
      scores: candidates.map(({ score }) => score),
      logits: candidates.map((each) => logitOf.get(each.index) ?? Number.NaN),
      local: candidates.map((_, place) => matches.get(place) ?? 0),
    };
  };
  const allFor = (host: Host) => new Map(questions.map(({ id }, at) => [id, listFor(host, at)]));
  return { pairs: allFor("pairs"), words: allFor("words"), noise: allFor("noise"), lifted: allFor("lifted") };
}

function runOf({ lists }: JudgedSet, host: Host, { orderScores }: Variant): Run {
  const ranked = (list: HostList) => orderByScore(orderScores(list)).map((at) => list.documentIds[at] ?? "");
  return new Map([...lists[host]].map(([id, list]) => [id, ranked(list)]));
}

/** MRR@10 and Hit@1. */
function meansOf(set: JudgedSet, host: Host, variant: Variant): readonly [number, number] {
  const means = meanMetrics(set.dataset.qrels, runOf(set, host, variant), [MRR, HIT]);
  return [means[MRR.name] ?? 0, means[HIT.name] ?? 0];
}

function bestOnDevelopment(family: readonly Variant[]): Variant {
  const worth = family.map((variant) =>
    mean(development.flatMap((set) => (["pairs", "words"] as const).map((host) => meansOf(set, host, variant)[0]))),
  );
  return family[worth.indexOf(Math.max(...worth))] ?? HOST_ORDER;
}

function printMeans(host: Host): void {
  console.log(`\nHost "${host}", MRR@10 (Hit@1)\n`);
  printRow("stand-in", "weight", "development", ...judged.map(({ dataset }) => dataset.name), "mean");
  printRow("---", "--:", ...[0, ...judged, 0].map(() => "--:"));
  const cell = ([mrr, hit]: readonly [number, number]): string => `${mrr.toFixed(3)} (${hit.toFixed(3)})`;
  const meanCell = (all: readonly (readonly [number, number])[]): string =>
    cell([mean(all.map(([mrr]) => mrr)), mean(all.map(([, hit]) => hit))]);
  printRow(
    "an answer is listed",
    "",
    ...[development, ...judged.map((set) => [set]), judged].map((of) => ceiling(of, host)),
  );
  for (const variant of VARIANTS) {
    const own = judged.map((set) => meansOf(set, host, variant));
    const ofDevelopment = meanCell(development.map((set) => meansOf(set, host, variant)));
    printRow(variant.name, String(variant.weight), ofDevelopment, ...own.map(cell), meanCell(own));
  }
}

/** Mean over sets of the share of questions whose list holds an answer. */
function ceiling(of: readonly JudgedSet[], host: Host): string {
  const all = metric("Hit", CANDIDATES);
  return mean(
    of.map((set) => meanMetrics(set.dataset.qrels, runOf(set, host, HOST_ORDER), [all])[all.name] ?? 0),
  ).toFixed(3);
}

function printDifferences(host: Host, base: Variant): void {
  console.log(`\nHost "${host}": MRR@10 less that of "${base.name}" × ${String(base.weight)}, 95 % interval\n`);
  printRow("stand-in", "weight", "development", ...judged.map(({ dataset }) => dataset.name), "all judged questions");
  printRow("---", "--:", ...[0, ...judged, 0].map(() => "--:"));
  const cell = (difference: Difference | undefined): string => {
    const { mean: gain = 0, interval: { low, high } = { low: 0, high: 0 } } = difference ?? {};
    const [middle, from, to] = [gain, low, high].map((x) => `${x < 0 ? "" : "+"}${x.toFixed(3)}`);
    return `${middle ?? ""} (${from ?? ""} ~ ${to ?? ""})`;
  };
  const compared = [MODEL_ALONE, HOST_SCORES, SHIPPED, ...chosen];
  const columns = [development, ...judged.map((set) => [set]), judged].map((of) =>
    differences(of, host, base, compared),
  );
  compared.forEach(({ name, weight }, at) => {
    printRow(name, String(weight), ...columns.map((column) => cell(column[at])));
  });
}

/** Of all questions of some sets together. */
function differences(of: readonly JudgedSet[], host: Host, base: Variant, compared: readonly Variant[]) {
  const named = (at: number, id: string): string => `${String(at)} ${id}`;
  const qrels: Qrels = new Map(
    of.flatMap(({ dataset }, at) => [...dataset.qrels].map(([id, own]) => [named(at, id), own] as const)),
  );
  const systems = [base, ...compared].map((variant, key) => ({
    key: String(key),
    run: new Map(
      of.flatMap((set, at) => [...runOf(set, host, variant)].map(([id, own]) => [named(at, id), own] as const)),
    ),
  }));
  return compareSystems(qrels, systems, MRR).againstFirst;
}

function printRow(...cells: readonly string[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}
