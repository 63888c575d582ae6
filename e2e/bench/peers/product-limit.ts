/** How much of what plain matrix products reach on this machine arrives in a model's own. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { GraphBuilder } from "../../../compiler/graph-builder.ts";
import { parseManifest } from "../../../src/model/manifest.ts";
import { encodePair } from "../../../src/model/pair-encoding.ts";
import { createTokenizer } from "../../../worker/tokenizer.ts";
import type { ScoringTask } from "../../page/speed-task.ts";
import { PLAIN } from "./plain-checkpoint.ts";

const ROWS = 512;
const PRODUCTS = 8;
const ROUNDS = 12;

/** Integer operations per second of plain products of the feed-forward layer's size, two per multiplied pair; the median. */
export async function productPeak(page: Page, threads: number): Promise<number> {
  const { hiddenSize, intermediateSize } = PLAIN;
  const bytes = [...productGraph(hiddenSize, intermediateSize).encode()];
  const request = { shape: [ROWS, hiddenSize] as const, threads, rounds: ROUNDS };
  const times = await page.evaluate(
    ([graph, rest]) => window.sunwi.timeProducts({ ...rest, graph: Uint8Array.from(graph) }),
    [bytes, request] as const,
  );
  const [middle = Number.NaN] = [...times].sort((a, b) => a - b).slice(ROUNDS / 2);
  return (2 * PRODUCTS * ROWS * hiddenSize * intermediateSize) / (middle / 1000);
}

/** Several products of one left side, of each of which only the first row is handed out. */
function productGraph(inFeatures: number, outFeatures: number): GraphBuilder {
  const graph = new GraphBuilder("products");
  const x = graph.input("x", "uint8", [ROWS, inFeatures]);
  for (let at = 0; at < PRODUCTS; at += 1) {
    const content = Uint8Array.from({ length: inFeatures * outFeatures }, (_, place) => (place * (31 + at)) % 253);
    const weights = graph.tensor({ name: `w${String(at)}`, type: "uint8", dims: [inFeatures, outFeatures], content });
    const product = graph.op("MatMulInteger", [x, weights, graph.byte(128), graph.byte(128)]);
    const first = graph.op("Gather", [product, graph.int([0], [1])]);
    graph.output(`y${String(at)}`, graph.op("Cast", [first], { to: { int: 1 } }), [1, outFeatures]);
  }
  return graph;
}

/**
 * Integer operations that the model's products need for these pairs: no padding, and of the last layer only what the
 * first token takes. Attention's own products, which are fp32, do not count.
 */
export async function productOperations(folder: string, tasks: readonly ScoringTask[]): Promise<number> {
  const { architecture, input, tokenizer } = parseManifest(
    JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")),
  );
  const texts = createTokenizer(await readFile(join(folder, tokenizer)));
  const { layers, hiddenSize, intermediateSize } = architecture;
  const [square, wide] = [hiddenSize * hiddenSize, hiddenSize * intermediateSize];
  const ofPair = (tokens: number): number =>
    tokens * (layers - 1) * (4 * square + 2 * wide) + tokens * 2 * square + 2 * square + 2 * wide;
  const pairs = tasks.flatMap(({ query, documents }) => documents.map((document) => ({ query, document })));
  const lengths = pairs.map(
    ({ query, document }) => encodePair(texts.encode(query), texts.encode(document), input).inputIds.length,
  );
  return lengths.reduce((sum, tokens) => sum + 2 * ofPair(tokens), 0);
}
