import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as ort from "onnxruntime-web/wasm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Linear } from "./encoder-weights.ts";
import { GraphBuilder } from "./graph-builder.ts";
import { blockKernel, floatKernel, rowKernel, type ProductKernel } from "./product-kernels.ts";
import { WeightShards } from "./weight-shards.ts";

const IN = 64;
const OUT = 8;
const linear: Linear = {
  inFeatures: IN,
  outFeatures: OUT,
  weight: Float32Array.from({ length: OUT * IN }, (_, at) => Math.sin(at * at)),
  bias: new Float32Array(OUT),
};
const wave = Float32Array.from({ length: IN }, (_, at) => Math.cos(3 * at));

let folder: string;
beforeAll(async () => {
  ort.env.wasm.numThreads = 1;
  folder = await mkdtemp(join(tmpdir(), "kernels-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** x Wᵀ in doubles. */
function slowProduct(x: Float32Array): number[] {
  return Array.from({ length: OUT }, (_, out) =>
    x.reduce((sum, value, at) => sum + value * (linear.weight[out * IN + at] ?? 0), 0),
  );
}

/** @returns for rows of IN values each, rows of OUT values each */
async function run(kernel: ProductKernel, rows: readonly Float32Array[]): Promise<number[][]> {
  const shards = new WeightShards(folder, "product");
  const product = await kernel.store("product", linear, shards, 0);
  await shards.close();
  const graph = new GraphBuilder("product");
  const x = graph.input("x", "float32", ["rows", IN]);
  graph.output("y", kernel.multiply(graph, kernel.prepare(graph, x), product), ["rows", OUT]);
  const data = new Uint8Array(await readFile(join(folder, "product.bin")));
  const session = await ort.InferenceSession.create(graph.encode(), { externalData: [{ path: "product.bin", data }] });
  const values = Float32Array.from(rows.flatMap((row) => [...row]));
  const outputs = await session.run({ x: new ort.Tensor("float32", values, [rows.length, IN]) });
  await session.release();
  const y = [...(outputs["y"]?.data as Float32Array)];
  return rows.map((_, row) => y.slice(row * OUT, (row + 1) * OUT));
}

describe.each([
  { name: "blockKernel(8)", kernel: blockKernel(8), share: 0.01 },
  { name: "blockKernel(4)", kernel: blockKernel(4), share: 0.1 },
  { name: "blockKernel(4) in a layer that keeps 8", kernel: blockKernel(4, new Set([0])), share: 0.01 },
  { name: "rowKernel", kernel: rowKernel, share: 0.02 },
  { name: "floatKernel", kernel: floatKernel, share: 1e-6 },
])("$name", ({ kernel, share }) => {
  it("gives x Wᵀ up to rounding", async () => {
    const [product = []] = await run(kernel, [wave]);
    const exact = slowProduct(wave);
    const largest = Math.max(...exact.map(Math.abs));
    product.forEach((value, at) => {
      expect(Math.abs(value - (exact[at] ?? 0))).toBeLessThanOrEqual(share * largest);
    });
  });

  it("gives a row the same product whatever the other rows are", async () => {
    const [alone] = await run(kernel, [wave]);
    const huge = wave.map((value) => value * 1e4);
    const [, among] = await run(kernel, [huge, wave, new Float32Array(IN)]);
    expect(among).toEqual(alone);
  });

  it("keeps a row of zeros at zero", async () => {
    const [, zeros] = await run(kernel, [wave, new Float32Array(IN)]);
    expect(zeros?.every((value) => value === 0)).toBe(true);
  });
});
