/**
 * How fast are the ways to multiply in WASM? `npx tsx compiler/benchmark-products.ts [in] [out] [rows]` (256 1024 1024)
 * times one product with fp32 activations in and out, one thread. Trust the ratios, not the milliseconds.
 */
import * as ort from "onnxruntime-web/wasm";
import { bytesOf, GraphBuilder } from "./graph-builder.ts";
import type { OnnxTensor } from "./onnx-model.ts";
import { blockKernel, rowKernel, type ProductKernel, type StoredProduct } from "./product-kernels.ts";

const ROUNDS = 25;
const [inFeatures = 256, outFeatures = 1024, rows = 1024] = process.argv.slice(2).map(Number);

ort.env.wasm.numThreads = 1;

interface Contestant {
  readonly name: string;
  /** Adds the product to a graph. @param x [rows, inFeatures] @returns [rows, outFeatures] */
  readonly multiply: (graph: GraphBuilder, x: string) => string;
}

function constant(name: string, type: "uint8" | "float32", dims: readonly number[]): OnnxTensor {
  const count = dims.reduce((product, length) => product * length, 1);
  const codes = Uint8Array.from({ length: count }, (_, at) => (at * 37) % 251);
  return { name, type, dims, content: type === "uint8" ? codes : bytesOf(Float32Array.from(codes)) };
}

const rowProduct = {
  inFeatures,
  outFeatures,
  bits: 8,
  weightError: 0,
  codes: constant("row.codes", "uint8", [inFeatures, outFeatures]),
  scales: constant("row.scales", "float32", [outFeatures]),
} as const satisfies StoredProduct;
const blockProduct: StoredProduct = {
  inFeatures,
  outFeatures,
  bits: 8,
  weightError: 0,
  codes: constant("block.codes", "uint8", [outFeatures, inFeatures / 32, 32]),
  scales: constant("block.scales", "float32", [outFeatures, inFeatures / 32]),
};

function withKernel(kernel: ProductKernel, product: StoredProduct): Contestant["multiply"] {
  return (graph, x) => kernel.multiply(graph, kernel.prepare(graph, x), product);
}

/** What rowKernel computes, in ONNX's own operators only. */
function rowsSpelledOut(graph: GraphBuilder, x: string): string {
  const magnitudes = graph.op("ReduceMax", [graph.op("Abs", [x])], { axes: { ints: [-1] }, keepdims: { int: 1 } });
  const scale = graph.op("Mul", [magnitudes, graph.float([1 / 127])]);
  const shifted = graph.op("Add", [graph.op("Div", [x, scale]), graph.float([128.5])]);
  const codes = graph.op("Cast", [shifted], { to: { int: 2 } });
  const product = graph.op("MatMulInteger", [codes, graph.tensor(rowProduct.codes), graph.byte(128), graph.byte(128)]);
  const fp32 = graph.op("Cast", [product], { to: { int: 1 } });
  return graph.op("Mul", [graph.op("Mul", [fp32, scale]), graph.tensor(rowProduct.scales)]);
}

const contestants: readonly Contestant[] = [
  {
    name: "fp32 MatMul",
    multiply: (graph, x) =>
      graph.op("MatMul", [x, graph.tensor(constant("fp32", "float32", [inFeatures, outFeatures]))]),
  },
  { name: "blockKernel(8): MatMulNBits", multiply: withKernel(blockKernel(8), blockProduct) },
  { name: "rowKernel", multiply: withKernel(rowKernel, rowProduct) },
  { name: "rowKernel in ONNX's own operators", multiply: rowsSpelledOut },
  {
    name: "one scale for the whole batch",
    multiply: (graph, x) =>
      graph.fused("DynamicQuantizeMatMul", [
        x,
        graph.tensor(rowProduct.codes),
        graph.tensor(rowProduct.scales),
        graph.byte(128),
      ]),
  },
];

async function openContestant({ name, multiply }: Contestant) {
  const graph = new GraphBuilder("product");
  graph.output("y", multiply(graph, graph.input("x", "float32", ["rows", inFeatures])), ["rows", outFeatures]);
  return { name, times: [] as number[], session: await ort.InferenceSession.create(graph.encode()) };
}

const opened = await Promise.all(contestants.map(openContestant));
const x = new ort.Tensor(
  "float32",
  Float32Array.from({ length: rows * inFeatures }, (_, at) => Math.sin(at)),
  [rows, inFeatures],
);
// Taking turns, so that a busy spell of the machine hits all alike.
for (let round = 0; round < ROUNDS; round++) {
  for (const { session, times } of opened) {
    const start = performance.now();
    await session.run({ x });
    times.push(performance.now() - start);
  }
}
const [baseline = Number.NaN] = opened.map(({ times }) => Math.min(...times));
for (const { name, times } of opened) {
  const fastest = Math.min(...times);
  console.log(`${name.padEnd(36)} ${fastest.toFixed(2).padStart(8)} ms  ${(baseline / fastest).toFixed(2)} × fp32`);
}
