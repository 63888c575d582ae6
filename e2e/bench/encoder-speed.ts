/**
 * `npx tsx e2e/bench/encoder-speed.ts [--rounds 9]`: pairs per second of the embedded model, and beside it those of a
 * random encoder of 6 layers × 384 (12 heads, inner width 1536), the usual shape of small cross-encoders, compiled in the
 * same way with the same tokenizer. Both in one page, turn by turn, in WASM; medians, and the ratio.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Architecture } from "../../compiler/architecture.ts";
import { compileModel } from "../../compiler/compile.ts";
import { readGoldenPairs } from "../../compiler/golden-pairs.ts";
import { writeLargeCheckpoint } from "../../compiler/testing/large-checkpoint.ts";
import { parseManifest } from "../../src/model/manifest.ts";
import { PROJECT_ROOT } from "../build-page.ts";
import { readDatasetFile } from "../dataset-file.ts";
import { openDrivenPage, SAMPLE_CSV } from "../driven-page.ts";

const EMBEDDED = join(PROJECT_ROOT, "public/models/mini");
const PAIRS = 40;

interface Rounds {
  readonly threads: number;
  /** Milliseconds of each round. */
  readonly embedded: readonly number[];
  readonly reference: readonly number[];
}

const { values } = parseArgs({ options: { rounds: { type: "string", default: "9" } } });
const folder = await mkdtemp(join(tmpdir(), "sunwi-speed-"));
try {
  await cp(EMBEDDED, join(folder, "models/embedded"), { recursive: true });
  await compileReference(join(folder, "models/reference"));
  const { threads, embedded, reference } = await measure(join(folder, "models"));
  const speeds = [embedded, reference].map((rounds) => (1000 * PAIRS) / median(rounds));
  const [ours = Number.NaN, theirs = Number.NaN] = speeds;
  console.log(`${PAIRS} pairs of the bundled sample, ${String(threads)} threads, median of ${values.rounds} rounds`);
  console.log(`embedded model: ${ours.toFixed(1)} pairs/s; 6 × 384: ${theirs.toFixed(1)} pairs/s`);
  console.log(`ratio ${(ours / theirs).toFixed(2)}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function compileReference(outputFolder: string): Promise<void> {
  const { architecture, input } = parseManifest(JSON.parse(await readFile(join(EMBEDDED, "manifest.json"), "utf8")));
  const shape: Architecture = {
    family: architecture.family,
    layers: 6,
    hiddenSize: 384,
    attentionHeads: 12,
    intermediateSize: 1536,
    vocabularySize: architecture.vocabularySize,
    positions: input.maxTokens,
    tokenTypeRows: 6,
    layerNormEpsilon: 1e-5,
  };
  const checkpointFolder = join(folder, "checkpoint");
  await writeLargeCheckpoint(checkpointFolder, shape);
  await cp(join(EMBEDDED, "tokenizer.json"), join(checkpointFolder, "tokenizer.json"));
  const config = JSON.parse(await readFile(join(checkpointFolder, "config.json"), "utf8")) as object;
  const limits = { position_offset: 0, max_length: input.maxTokens, max_query_length: input.maxQueryTokens };
  await writeFile(join(checkpointFolder, "config.json"), JSON.stringify({ ...config, ...limits }));
  await compileModel({
    checkpointFolder,
    outputFolder,
    golden: await readGoldenPairs(join(PROJECT_ROOT, "compiler/golden-pairs.json")),
    about: { id: "reference", name: "6 × 384", licence: "CC0-1.0", source: { repository: "none", revision: "none" } },
  });
}

async function measure(modelFolder: string): Promise<Rounds> {
  const dataset = await readDatasetFile(SAMPLE_CSV);
  const documents = dataset.documents.slice(0, PAIRS).map(({ text }) => text);
  const driven = await openDrivenPage({ modelFolders: [modelFolder], inputs: [], gpu: "none" });
  try {
    driven.page.setDefaultTimeout(0);
    return await driven.page.evaluate(takeTurns, {
      modelUrl: driven.modelUrls[0] ?? "",
      documents,
      query: dataset.questions[0]?.text ?? "",
      rounds: Number(values.rounds),
    });
  } finally {
    await driven.close();
  }
}

/** Runs in the page. */
async function takeTurns(task: { modelUrl: string; documents: string[]; query: string; rounds: number }) {
  const texts = task.documents.map((text) => ({ text }));
  const rerankers = ["embedded", "reference"].map(
    (name) => new window.sunwi.WorkerReranker({ name, modelUrl: `${task.modelUrl}${name}/`, device: "wasm" }),
  );
  const [model] = await Promise.all(rerankers.map(async (reranker) => reranker.load()));
  const times = rerankers.map((): number[] => []);
  // The first round warms up.
  for (let round = -1; round < task.rounds; round++) {
    for (const [at, reranker] of rerankers.entries()) {
      const startedAt = performance.now();
      await reranker.rerank(task.query, texts, { blend: false });
      if (round >= 0) times[at]?.push(performance.now() - startedAt);
    }
  }
  for (const reranker of rerankers) await reranker.dispose();
  return { threads: model?.threads ?? 1, embedded: times[0] ?? [], reference: times[1] ?? [] };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
