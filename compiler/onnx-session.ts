/** Runs a compiled graph in Node, in the same ONNX Runtime Web as the browser, on its CPU provider. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as ort from "onnxruntime-web/wasm";
import { packBatch } from "../src/model/batching.ts";
import type { ModelInput, ModelVariant } from "../src/model/manifest.ts";
import type { EncodedPair } from "../src/model/pair-encoding.ts";

// One thread: sums then always run in the same order, and a package compiles to the same bytes everywhere.
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

/**
 * Rows are padded to a multiple of this, as the worker pads them. ONNX Runtime sums softmax in strides of 4 and what is
 * left apart: only where padding adds whole strides does a pair get bit for bit the same score in any batch.
 */
const LENGTH_MULTIPLE = 16;

/** A graph that is ready to score pairs. */
export class OnnxSession {
  readonly #session: ort.InferenceSession;
  readonly #input: ModelInput;

  private constructor(session: ort.InferenceSession, input: ModelInput) {
    this.#session = session;
    this.#input = input;
  }

  /** Loads a variant's graph and weights from a package's folder. */
  static async open(
    folder: string,
    { graph, weights }: Pick<ModelVariant, "graph" | "weights">,
    input: ModelInput,
  ): Promise<OnnxSession> {
    const externalData = await Promise.all(
      weights.map(async (path) => ({ path, data: new Uint8Array(await readFile(join(folder, path))) })),
    );
    const bytes = new Uint8Array(await readFile(join(folder, graph)));
    const session = await ort.InferenceSession.create(bytes, {
      executionProviders: ["wasm"],
      externalData,
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
    });
    return new OnnxSession(session, input);
  }

  /** One logit per pair, `batchSize` pairs at a time in the order given, padded to the longest of each batch. */
  async score(pairs: readonly EncodedPair[], batchSize: number): Promise<number[]> {
    const logits: number[] = [];
    for (let start = 0; start < pairs.length; start += batchSize) {
      logits.push(...(await this.#run(pairs.slice(start, start + batchSize))));
    }
    return logits;
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  async #run(pairs: readonly EncodedPair[]): Promise<Float32Array> {
    const longest = Math.max(...pairs.map(({ inputIds }) => inputIds.length));
    const tokens = Math.min(Math.ceil(longest / LENGTH_MULTIPLE) * LENGTH_MULTIPLE, this.#input.maxTokens);
    const batch = packBatch(pairs, { indices: pairs.map((_, index) => index), tokens }, this.#input);
    const { tokenTypeIds } = batch;
    const outputs = await this.#session.run({
      input_ids: new ort.Tensor("int32", batch.inputIds, [pairs.length, tokens]),
      position_ids: new ort.Tensor("int32", batch.positionIds, [tokens]),
      key_bias: new ort.Tensor("float32", batch.keyBias, [pairs.length, 1, 1, tokens]),
      query_zeros: new ort.Tensor("float32", new Float32Array(tokens), [1, 1, tokens, 1]),
      ...(tokenTypeIds && { token_type_ids: new ort.Tensor("int32", tokenTypeIds, [pairs.length, tokens]) }),
    });
    const logits = outputs["logits"]?.data;
    if (!(logits instanceof Float32Array)) throw new Error("the graph has no fp32 output called logits");
    return logits;
  }
}
