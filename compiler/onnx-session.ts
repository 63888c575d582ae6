/** Runs compiled graphs in Node, in the same ONNX Runtime Web as the browser, on its CPU provider. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as ort from "onnxruntime-web/wasm";
import { packBatch, type PackedBatch } from "../src/model/batching.ts";
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

/** Inputs of a graph, or of a part of one. */
export interface GraphInputs extends PackedBatch {
  /** [pairs, tokens, hiddenSize] */
  readonly hidden?: Float32Array;
}

type InputName = "input_ids" | "token_type_ids" | "position_ids" | "key_bias" | "query_zeros" | "hidden";
const ALL_INPUTS: readonly InputName[] = ["input_ids", "token_type_ids", "position_ids", "key_bias", "query_zeros"];

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
    return new OnnxSession(await createSession(bytes, externalData), input);
  }

  /** One logit per pair, `batchSize` pairs at a time in the order given, padded to the longest of each batch. */
  async score(pairs: readonly EncodedPair[], batchSize: number): Promise<number[]> {
    const logits: number[] = [];
    for (let start = 0; start < pairs.length; start += batchSize) {
      const batch = pad(pairs.slice(start, start + batchSize), this.#input);
      logits.push(...(await runSession(this.#session, batch, ALL_INPUTS)));
    }
    return logits;
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

/** A pair as a batch of its own, padded like the rows of any batch. */
export function padAlone(pair: EncodedPair, input: ModelInput): GraphInputs {
  return pad([pair], input);
}

/**
 * Loads a graph that holds all its tensors, runs it for each of `batches`, and lets it go.
 * @param names inputs of the graph
 * @returns the graph's only output for each
 */
export async function runGraph(
  graph: Uint8Array,
  batches: readonly GraphInputs[],
  names: readonly InputName[],
): Promise<Float32Array[]> {
  const session = await createSession(graph, []);
  try {
    const outputs: Float32Array[] = [];
    for (const batch of batches) outputs.push(await runSession(session, batch, names));
    return outputs;
  } finally {
    await session.release();
  }
}

function pad(pairs: readonly EncodedPair[], input: ModelInput): GraphInputs {
  const longest = Math.max(...pairs.map(({ inputIds }) => inputIds.length));
  const tokens = Math.min(Math.ceil(longest / LENGTH_MULTIPLE) * LENGTH_MULTIPLE, input.maxTokens);
  return packBatch(pairs, { indices: pairs.map((_, index) => index), tokens }, input);
}

function createSession(
  graph: Uint8Array,
  externalData: readonly { readonly path: string; readonly data: Uint8Array }[],
): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(graph, {
    executionProviders: ["wasm"],
    externalData,
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
  });
}

async function runSession(
  session: ort.InferenceSession,
  batch: GraphInputs,
  names: readonly InputName[],
): Promise<Float32Array> {
  const feeds: Record<string, ort.Tensor> = {};
  for (const name of names) {
    const tensor = tensorOf(name, batch);
    if (tensor !== undefined) feeds[name] = tensor;
  }
  const outputs = await session.run(feeds);
  const values = outputs[session.outputNames[0] ?? ""]?.data;
  if (values instanceof Float32Array) return values;
  throw new Error("the graph has no fp32 output");
}

/** @returns nothing for an input that the model does not have */
function tensorOf(name: InputName, { pairs, tokens, hidden, ...batch }: GraphInputs): ort.Tensor | undefined {
  switch (name) {
    case "input_ids":
      return new ort.Tensor("int32", batch.inputIds, [pairs, tokens]);
    case "token_type_ids":
      return batch.tokenTypeIds && new ort.Tensor("int32", batch.tokenTypeIds, [pairs, tokens]);
    case "position_ids":
      return new ort.Tensor("int32", batch.positionIds, [tokens]);
    case "key_bias":
      return new ort.Tensor("float32", batch.keyBias, [pairs, 1, 1, tokens]);
    case "query_zeros":
      return new ort.Tensor("float32", new Float32Array(tokens), [1, 1, tokens, 1]);
    case "hidden":
      return hidden && new ort.Tensor("float32", hidden, [pairs, tokens, hidden.length / pairs / tokens]);
  }
}
