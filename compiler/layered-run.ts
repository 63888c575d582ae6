/**
 * Runs an encoder layer by layer, each layer as a graph of its own that is loaded, run for all pairs and let go: a large
 * model never lies in memory. The operators and their order are the whole graph's, and so are the logits.
 */
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { ModelInput } from "../src/model/manifest.ts";
import type { EncodedPair } from "../src/model/pair-encoding.ts";
import type { Architecture } from "./architecture.ts";
import { embeddingGraph, headGraph, layerGraph, type GraphKernel } from "./encoder-graph.ts";
import type { EncoderWeights } from "./encoder-weights.ts";
import type { GraphBuilder } from "./graph-builder.ts";
import type { OnnxTensor } from "./onnx-model.ts";
import { padAlone, runGraph, type GraphInputs } from "./onnx-session.ts";
import { floatKernel } from "./product-kernels.ts";
import { storeEmbeddings, storeHead, storeLayer, type StoredEncoder } from "./stored-encoder.ts";
import { inlineWords, type StoredWords } from "./stored-words.ts";
import { inlineTensors } from "./weight-shards.ts";

/** [1, tokens, hiddenSize] of one pair; [1, 1, hiddenSize] behind the last layer. */
export type Hidden = Float32Array;

/** An encoder, one graph at a time; external tensors are in it. */
export interface LayeredEncoder {
  readonly architecture: Architecture;
  readonly input: ModelInput;
  /** A graph whose table of words holds just the rows of `ids`, in that order. */
  embedding(ids: readonly number[]): Promise<Uint8Array>;
  layer(index: number): Promise<Uint8Array>;
  head(): Promise<Uint8Array>;
}

/** The encoder as a package stores it. @param folder that holds the shards */
export function storedLayers(
  folder: string,
  { architecture, embeddings, layers, head }: StoredEncoder,
  input: ModelInput,
  kernel: GraphKernel,
): LayeredEncoder {
  const isLast = (index: number): boolean => index === layers.length - 1;
  return {
    architecture,
    input,
    async embedding(ids) {
      const words = await pickRows(folder, embeddings.words, ids);
      return await encodeWhole(folder, embeddingGraph({ ...embeddings, words }, architecture));
    },
    async layer(index) {
      const layer = layers[index];
      if (layer === undefined) throw new RangeError(`no layer ${String(index)}`);
      return await encodeWhole(folder, layerGraph(layer, isLast(index), architecture, kernel));
    },
    head: () => encodeWhole(folder, headGraph(head, architecture)),
  };
}

/** The encoder as the checkpoint holds it, in fp32: what all others are compared with. */
export function checkpointLayers(
  weights: EncoderWeights,
  architecture: Architecture,
  input: ModelInput,
  keptIds: Int32Array,
): LayeredEncoder {
  const kernel: GraphKernel = { kernel: floatKernel, productSet: 0 };
  return {
    architecture,
    input,
    async embedding(ids) {
      const originals = ids.map((id) => keptIds[id] ?? -1);
      const words = await inlineWords(weights, originals, architecture.hiddenSize);
      const tables = await weights.embeddings();
      return embeddingGraph(
        await storeEmbeddings(words, tables, architecture, input, inlineTensors),
        architecture,
      ).encode();
    },
    async layer(index) {
      const products = [{ kernel: floatKernel, tensors: inlineTensors }];
      const layer = await storeLayer(index, await weights.layer(index), inlineTensors, products);
      return layerGraph(layer, index === architecture.layers - 1, architecture, kernel).encode();
    },
    async head() {
      return headGraph(await storeHead(await weights.head(), inlineTensors), architecture).encode();
    },
  };
}

/** All pairs on their way through one encoder. */
export class LayeredRun {
  readonly #encoder: LayeredEncoder;
  readonly #pairs: readonly GraphInputs[];
  #hidden: readonly Hidden[] = [];

  private constructor(encoder: LayeredEncoder, pairs: readonly GraphInputs[]) {
    this.#encoder = encoder;
    this.#pairs = pairs;
  }

  /** Embeds the pairs. */
  static async begin(encoder: LayeredEncoder, pairs: readonly EncodedPair[]): Promise<LayeredRun> {
    const ids = [...new Set([encoder.input.padTokenId, ...pairs.flatMap(({ inputIds }) => [...inputIds])])];
    const places = new Map(ids.map((id, place) => [id, place]));
    const run = new LayeredRun(
      encoder,
      pairs.map((pair) => padAlone(pair, encoder.input)),
    );
    const embedded = run.#pairs.map(({ inputIds, ...rest }) => ({
      ...rest,
      inputIds: inputIds.map((id) => places.get(id) ?? -1),
    }));
    run.#hidden = await runGraph(await encoder.embedding(ids), embedded, [
      "input_ids",
      "position_ids",
      "token_type_ids",
    ]);
    return run;
  }

  /** What the pairs look like where the run stands, in their order. */
  get hidden(): readonly Hidden[] {
    return this.#hidden;
  }

  /** Runs a layer. @param hidden what goes in, where it is not what came out of the layer before; changes nothing */
  async through(index: number, hidden?: readonly Hidden[]): Promise<readonly Hidden[]> {
    const inputs = this.#pairs.map((pair, at) => ({
      ...pair,
      hidden: (hidden ?? this.#hidden)[at] ?? new Float32Array(),
    }));
    return await runGraph(await this.#encoder.layer(index), inputs, ["hidden", "key_bias", "query_zeros"]);
  }

  /** Runs the next layer and stands behind it. */
  async advance(index: number): Promise<void> {
    this.#hidden = await this.through(index);
  }

  /** One logit per pair. */
  async logits(): Promise<number[]> {
    // Behind the last layer there is one row left of each pair.
    const inputs = this.#pairs.map((pair, at) => ({
      ...pair,
      tokens: 1,
      hidden: this.#hidden[at] ?? new Float32Array(),
    }));
    const outputs = await runGraph(await this.#encoder.head(), inputs, ["hidden"]);
    return outputs.map(([logit]) => logit ?? Number.NaN);
  }
}

/** The graph with its external tensors inside, read back from the files. */
async function encodeWhole(folder: string, graph: GraphBuilder): Promise<Uint8Array> {
  const contents = new Map<string, Uint8Array>();
  for (const tensor of graph.externalTensors)
    contents.set(tensor.name, await readRows(folder, tensor, [0], tensor.dims[0]));
  return graph.encode(contents);
}

async function pickRows(folder: string, words: StoredWords, ids: readonly number[]): Promise<StoredWords> {
  const pick = async (tensor: OnnxTensor): Promise<OnnxTensor> => ({
    ...tensor,
    dims: [ids.length, ...tensor.dims.slice(1)],
    content: await readRows(folder, tensor, ids, 1),
  });
  return { ...words, codes: await pick(words.codes), ...(words.scales && { scales: await pick(words.scales) }) };
}

/** `count` rows from each of `starts` on, one behind the other. */
async function readRows(
  folder: string,
  { dims, content }: OnnxTensor,
  starts: readonly number[],
  count = 1,
): Promise<Uint8Array> {
  if (content instanceof Uint8Array) return content;
  const rowBytes = content.bytes / (dims[0] ?? 1);
  const bytes = new Uint8Array(starts.length * count * rowBytes);
  const handle = await open(join(folder, content.file));
  try {
    for (const [place, start] of starts.entries()) {
      await handle.read(bytes, place * count * rowBytes, count * rowBytes, content.offset + start * rowBytes);
    }
  } finally {
    await handle.close();
  }
  return bytes;
}
