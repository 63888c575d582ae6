/**
 * Fits the weight with which a model's logit and the first stage's score are blended:
 *
 *     npx tsx e2e/fit-blend.ts PAIRS.jsonl[.gz] … [--model DIR_OR_ID] [--questions 200] [--documents 1500] [--seeds 1,2]
 *
 * PAIRS hold one `{source, query, passage}` per line. For each file a pool of documents is drawn, and questions are
 * made from some of their queries, as they are and in the ways people type them. Each question's candidates are the
 * first stage's top 20 of that pool; the weight with the best mean MRR@10 over pools wins. Never give it a file that
 * the model will be judged by.
 */
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { createGunzip } from "node:zlib";
import { findModelFolder, openDrivenPage } from "./driven-page.ts";
import type { FitTable, Pool } from "./page/blend-task.ts";

const WEIGHTS = [0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 50];
const ENDINGS = ["어떻게 하나요?", "방법", "알려주세요", "이 뭔가요", "안될때", "하고 싶은데 어디서 하나요?"];

interface Pair {
  readonly source: string;
  readonly query: string;
  readonly passage: string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: "string", default: "sunwi-mini" },
    questions: { type: "string", default: "200" },
    documents: { type: "string", default: "1500" },
    seeds: { type: "string", default: "1,2" },
  },
});
const pools: Pool[] = [];
for (const seed of values.seeds.split(",").map(Number)) {
  const random = mulberry32(seed);
  // One file after another, for all draw from one stream of random numbers.
  for (const file of positionals) {
    pools.push(await drawPool(file, seed, random));
  }
}
const driven = await openDrivenPage({
  modelFolder: await findModelFolder(values.model),
  input: new TextEncoder().encode(JSON.stringify(pools)),
  gpu: "none",
});
try {
  const table = await driven.page.evaluate((task) => window.sunwi.compareWeights(task), {
    modelUrl: driven.modelUrl,
    inputUrl: driven.inputUrl,
    weights: WEIGHTS,
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
  console.log(row("first stage alone", firstStage));
  byWeight.forEach((numbers, at) => {
    console.log(row(String(WEIGHTS[at]), numbers));
  });
  const means = byWeight.map(mean);
  const best = means.indexOf(Math.max(...means));
  console.log(`\nBest weight: ${String(WEIGHTS[best])} (mean MRR@10 ${means[best]?.toFixed(4) ?? ""})`);
}

async function drawPool(file: string, seed: number, random: () => number): Promise<Pool> {
  const drawn = await reservoir(file, Number(values.documents), random);
  const documents = [...new Set(drawn.map(({ passage }) => passage))];
  const position = new Map(documents.map((text, index) => [text, index]));
  const uses = new Map<string, number>();
  for (const { query } of drawn) uses.set(query, (uses.get(query) ?? 0) + 1);
  const questions = drawn
    // A heading that several passages share has several right answers, only one of which would be counted.
    .filter(({ query }) => query.length >= 6 && uses.get(query) === 1)
    .slice(0, Number(values.questions))
    .map((pair, index) => ({ text: makeQuestion(pair, index, random), answer: position.get(pair.passage) ?? -1 }));
  const name = `${basename(file).replace(/\.jsonl(\.gz)?$/, "")}, seed ${seed}`;
  return { name, documents, questions };
}

/** An even random sample of the file's lines. */
async function reservoir(file: string, size: number, random: () => number): Promise<Pair[]> {
  const raw = createReadStream(file);
  const lines = createInterface({ input: file.endsWith(".gz") ? raw.pipe(createGunzip()) : raw });
  const sample: Pair[] = [];
  let seen = 0;
  for await (const line of lines) {
    seen += 1;
    const at = sample.length < size ? sample.length : Math.floor(random() * seen);
    if (at < size) sample[at] = JSON.parse(line) as Pair;
  }
  return sample;
}

/** Turns a heading or a passage into what someone might type; five ways, by turns. */
function makeQuestion({ query, passage }: Pair, index: number, random: () => number): string {
  switch (index % 5) {
    case 0:
      return query;
    case 1:
      return `${query} ${ENDINGS[Math.floor(random() * ENDINGS.length)] ?? ""}`;
    case 2:
      return query.replaceAll(/\s+/g, "");
    case 3:
      return dropParticles(query);
    default:
      return thinSentence(passage, query, random);
  }
}

/** Keywords: particles and endings off, punctuation gone. */
function dropParticles(text: string): string {
  return text
    .split(/\s+/)
    .map((word) =>
      word
        .replace(/(?<=[가-힣]{2})(을|를|이|가|은|는|의|에|에서|으로|로|와|과|도)$/u, "")
        .replaceAll(/[.,?!()[\]]/g, ""),
    )
    .join(" ");
}

/** Half the words of one sentence of the passage, in their order: what someone remembers of it. */
function thinSentence(passage: string, fallback: string, random: () => number): string {
  const sentences = passage
    .split(/(?<=[.?!])\s+|\n+/)
    .filter((sentence) => sentence.length >= 20 && sentence.length <= 160);
  const sentence = sentences[Math.floor(random() * sentences.length)];
  if (sentence === undefined) return fallback;
  const words = sentence.split(/\s+/).filter(() => random() < 0.5);
  return words.length >= 2 ? words.join(" ") : fallback;
}

/** A small seeded generator, so that a fit can be repeated. Source: Tommy Ettinger's mulberry32, public domain. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
