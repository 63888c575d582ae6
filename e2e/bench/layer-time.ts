/**
 * `npx tsx e2e/bench/layer-time.ts`: where the time of an encoder's layer goes in WASM, for two pairs of 256 tokens on one
 * thread of ONNX Runtime Web in Node. The layer is the benchmark's: 384 wide, 12 heads, 1536 within.
 */
import * as ort from "onnxruntime-web/wasm";
import { bytesOf, GraphBuilder } from "../../compiler/graph-builder.ts";
import type { OnnxTensor } from "../../compiler/onnx-model.ts";
import { rowKernel, type StoredProduct } from "../../compiler/product-kernels.ts";
import { PLAIN } from "./peers/plain-checkpoint.ts";
import { median } from "./peers/speed-rounds.ts";

const [PAIRS, TOKENS, ROUNDS] = [2, 256, 25];
const { hiddenSize: wide, intermediateSize: inner, attentionHeads } = PLAIN;
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

/** One step of a layer. @param inputs all [pairs, tokens, features] */
interface Step {
  readonly name: string;
  readonly features: readonly number[];
  /** How often a layer takes it. @default 1 */
  readonly times?: number;
  readonly add: (graph: GraphBuilder, inputs: readonly string[]) => string;
}

const steps: readonly Step[] = [
  product("query, key, value and output products", wide, wide, 4),
  product("first inner product", wide, inner),
  product("second inner product", inner, wide),
  {
    name: "attention",
    features: [wide, wide, wide],
    add: (graph, [query = "", key = "", value = ""]) =>
      graph.fused("MultiHeadAttention", [query, key, value], { num_heads: { int: attentionHeads } }),
  },
  activation("GELU", "BiasGelu"),
  {
    name: "norms",
    features: [wide, wide],
    times: 2,
    add: (graph, [x = "", skip = ""]) =>
      graph.fused("SkipLayerNormalization", [x, skip, ...["w", "b", "c"].map((name) => vector(graph, name, wide))], {
        epsilon: { float: 1e-5 },
      }),
  },
];
const others: readonly Step[] = [
  { name: "nothing", features: [inner], add: (_, [x = ""]) => x },
  { name: "quantization of rows, within a product", features: [inner], add: quantized },
  activation("GELU by tanh instead", "FastGelu"),
];

const costs = new Map<string, number>();
for (const step of [...steps, ...others]) costs.set(step.name, (step.times ?? 1) * (await timeOf(step)));
const all = steps.reduce((sum, { name }) => sum + (costs.get(name) ?? 0), 0);
console.log(`| ${String(PAIRS)} × ${String(TOKENS)} tokens, one thread | ms | share |\n| --- | --: | --: |`);
for (const [name, ms] of costs) console.log(`| ${name} | ${ms.toFixed(1)} | ${((100 * ms) / all).toFixed(0)} % |`);

function product(name: string, inFeatures: number, outFeatures: number, times = 1): Step {
  const codes: OnnxTensor = {
    name: "codes",
    type: "uint8",
    dims: [inFeatures, outFeatures],
    content: Uint8Array.from({ length: inFeatures * outFeatures }, (_, at) => (at * 37) % 251),
  };
  const scales: OnnxTensor = floats("scales", outFeatures);
  const stored: StoredProduct = { inFeatures, outFeatures, codes, scales, bits: 8, weightError: 0 };
  const add: Step["add"] = (graph, [x = ""]) => rowKernel.multiply(graph, rowKernel.prepare(graph, x), stored);
  return { name, features: [inFeatures], times, add };
}

function activation(name: string, operator: string): Step {
  return {
    name,
    features: [inner],
    add: (graph, [x = ""]) => graph.fused(operator, [x, vector(graph, "bias", inner)]),
  };
}

function quantized(graph: GraphBuilder, [x = ""]: readonly string[]): string {
  return graph.op("Cast", [rowKernel.prepare(graph, x).values], { to: { int: 1 } });
}

function vector(graph: GraphBuilder, name: string, length: number): string {
  return graph.tensor(floats(name, length));
}

function floats(name: string, length: number): OnnxTensor {
  return { name, type: "float32", dims: [length], content: bytesOf(new Float32Array(length).fill(0.01)) };
}

async function timeOf({ features, add }: Step): Promise<number> {
  const graph = new GraphBuilder("step");
  const names = features.map((length, at) => graph.input(`x${String(at)}`, "float32", [PAIRS, TOKENS, length]));
  // Of the outcome one row only, for the rest would be copied.
  const first = graph.op("Gather", [add(graph, names), graph.int([0], [1])], { axis: { int: 1 } });
  graph.output("y", first, [PAIRS, 1, "features"]);
  const session = await ort.InferenceSession.create(graph.encode());
  const feeds = Object.fromEntries(
    features.map((length, at) => {
      const values = Float32Array.from({ length: PAIRS * TOKENS * length }, (_, place) => Math.sin(place + at));
      return [`x${String(at)}`, new ort.Tensor("float32", values, [PAIRS, TOKENS, length])];
    }),
  );
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAt = performance.now();
    await session.run(feeds);
    times.push(performance.now() - startedAt);
  }
  await session.release();
  return median(times);
}
