import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as ort from "onnxruntime-web/wasm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GraphBuilder } from "./graph-builder.ts";
import { WeightShards } from "./weight-shards.ts";

let folder: string;
beforeAll(async () => {
  ort.env.wasm.numThreads = 1;
  folder = await mkdtemp(join(tmpdir(), "graph-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("GraphBuilder", () => {
  it("writes a graph that ONNX Runtime runs, with weights in another file, aligned to 64 bytes", async () => {
    const shard = new WeightShards(folder, "weights");
    const bias = await shard.add("bias", [3], Float32Array.of(10, 20, 30));
    const weight = await shard.add("weight", [3, 2], Float32Array.of(1, 0, 0, 1, 1, 1));
    await shard.close();
    expect(bias.content).toEqual({ file: "weights.bin", offset: 0, bytes: 12 });
    expect(weight.content).toEqual({ file: "weights.bin", offset: 64, bytes: 24 });

    const graph = new GraphBuilder("tiny");
    const x = graph.input("x", "float32", ["rows", 2]);
    const product = graph.op("Gemm", [x, graph.tensor(weight), graph.tensor(bias)], { transB: { int: 1 } });
    const scaled = graph.op("Mul", [product, graph.float([0.5])]);
    graph.output("y", graph.op("LeakyRelu", [scaled], { alpha: { float: 0.25 } }), ["rows", 3]);

    const session = await ort.InferenceSession.create(graph.encode(), {
      externalData: [{ path: "weights.bin", data: new Uint8Array(await readFile(join(folder, "weights.bin"))) }],
    });
    const outputs = await session.run({ x: new ort.Tensor("float32", Float32Array.of(2, 4, -60, 0), [2, 2]) });
    await session.release();
    expect(outputs["y"]?.dims).toEqual([2, 3]);
    expect([...(outputs["y"]?.data as Float32Array)]).toEqual([6, 12, 18, -6.25, 10, -3.75]);
  });

  it("gives the same bytes for the same graph, and brings a tensor in once", () => {
    const encode = (): Uint8Array => {
      const graph = new GraphBuilder("twice");
      const x = graph.input("x", "float32", [1]);
      graph.output("y", graph.op("Add", [graph.op("Add", [x, graph.float([2])]), graph.float([2])]), [1]);
      return graph.encode();
    };
    expect(encode()).toEqual(encode());
    expect(
      Buffer.from(encode())
        .toString("latin1")
        .match(/float_2_/g),
    ).toHaveLength(3);
  });

  it("takes external tensors in, and widens half numbers", async () => {
    const shards = new WeightShards(folder, "halves");
    const halves = await shards.add("halves", [2], Uint16Array.of(0x3c00, 0xc000));
    await shards.close();
    const graph = new GraphBuilder("widened");
    graph.output("y", graph.op("Mul", [graph.input("x", "float32", [2]), graph.widened(halves)]), [2]);
    expect(graph.externalTensors).toEqual([halves]);
    const inside = graph.encode(new Map([["halves", new Uint8Array(Uint16Array.of(0x3c00, 0xc000).buffer)]]));
    const session = await ort.InferenceSession.create(inside);
    const outputs = await session.run({ x: new ort.Tensor("float32", Float32Array.of(3, 3), [2]) });
    expect(outputs["y"]?.data).toEqual(Float32Array.of(3, -6));
    await session.release();
  });
});

describe("WeightShards", () => {
  it("begins another file where one would grow too long, and tells which files there are", async () => {
    const shards = new WeightShards(folder, "long");
    const places = [];
    for (const name of ["a", "b", "c"]) {
      places.push((await shards.add(name, [30 * 2 ** 20], new Uint8Array(30 * 2 ** 20))).content);
    }
    const huge = await shards.addInParts("d", [70], "uint8", 70 * 2 ** 20, [
      new Uint8Array(35 * 2 ** 20),
      new Uint8Array(35 * 2 ** 20).fill(1),
    ]);
    await shards.close();
    expect(places).toMatchObject([
      { file: "long.bin", offset: 0 },
      { file: "long.bin", offset: 30 * 2 ** 20 },
      { file: "long-2.bin", offset: 0 },
    ]);
    expect(huge.content).toMatchObject({ file: "long-3.bin", offset: 0, bytes: 70 * 2 ** 20 });
    expect(shards.files).toEqual(["long.bin", "long-2.bin", "long-3.bin"]);
    const written = await readFile(join(folder, "long-3.bin"));
    expect([written.length, written[0], written.at(-1)]).toEqual([70 * 2 ** 20, 0, 1]);
  });
});
