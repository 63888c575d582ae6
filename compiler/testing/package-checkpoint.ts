/**
 * Turns a compiled package back into a checkpoint: its 8-bit weights as fp32. A trained model for tests and
 * measurements that need one, without the checkpoint it came from.
 */
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PbfReader } from "pbf";
import { parseManifest, type ModelManifest } from "../../src/model/manifest.ts";
import { bytesOf } from "../graph-builder.ts";
import { halfToFloat } from "../half.ts";
import { BLOCK_SIZE } from "../product-kernels.ts";
import { zeroPoint } from "../quantize.ts";
import { encodeSafetensors, type StoredValues } from "./tiny-checkpoint.ts";

const GRAPH = "webgpu.onnx";

/** A tensor of the graph, as ONNX external data places it. */
interface Place {
  readonly dims: readonly number[];
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
}

/** @param packageFolder of the family sunwi-mini, with 8-bit weights and embeddings */
export async function writePackageCheckpoint(packageFolder: string, checkpointFolder: string): Promise<void> {
  const manifest = parseManifest(JSON.parse(await readFile(join(packageFolder, "manifest.json"), "utf8")));
  const places = readPlaces(await readFile(join(packageFolder, GRAPH)));
  const read = async (name: string): Promise<Buffer> => {
    const place = places.get(name);
    if (place === undefined) throw new Error(`${GRAPH} has no tensor ${name}`);
    const handle = await open(join(packageFolder, place.file));
    const { buffer } = await handle.read(Buffer.alloc(place.bytes), 0, place.bytes, place.offset);
    await handle.close();
    return buffer;
  };
  const tensors = new Map<string, StoredValues>();
  const add = (name: string, values: Float32Array, shape: readonly number[]): void => {
    tensors.set(name, { dtype: "F32", shape, bytes: bytesOf(values) });
  };
  const copy = async (from: string, to: string): Promise<void> => {
    add(to, floats(await read(from)), places.get(from)?.dims ?? []);
  };
  const dequantize = async (from: string, to: string, columns: number): Promise<void> => {
    const values = dequantized(await read(`${from}.codes`), await read(`${from}.scales`));
    add(to, values, [values.length / columns, columns]);
  };
  await copyAll(manifest, copy, dequantize);
  await mkdir(checkpointFolder, { recursive: true });
  await writeFile(join(checkpointFolder, "config.json"), JSON.stringify(configOf(manifest, places)));
  await writeFile(join(checkpointFolder, "tokenizer.json"), await readFile(join(packageFolder, manifest.tokenizer)));
  await writeFile(join(checkpointFolder, "model.safetensors"), encodeSafetensors(tensors));
}

/** Name in a stored layer → name in the checkpoint, and how wide its rows are. */
const LINEARS = [
  ["query", "attention.self.query", "hiddenSize"],
  ["key", "attention.self.key", "hiddenSize"],
  ["value", "attention.self.value", "hiddenSize"],
  ["attentionOutput", "attention.output.dense", "hiddenSize"],
  ["intermediate", "intermediate.dense", "hiddenSize"],
  ["output", "output.dense", "intermediateSize"],
] as const;

async function copyAll(
  { architecture }: ModelManifest,
  copy: (from: string, to: string) => Promise<void>,
  dequantize: (from: string, to: string, columns: number) => Promise<void>,
): Promise<void> {
  const embeddings = "roberta.embeddings";
  await dequantize("words", `${embeddings}.word_embeddings.weight`, architecture.hiddenSize);
  await copy("positions", `${embeddings}.position_embeddings.weight`);
  await copy("token_types", `${embeddings}.token_type_embeddings.weight`);
  const norm = async (from: string, to: string): Promise<void> => {
    await copy(`${from}.weight`, `${to}.weight`);
    await copy(`${from}.bias`, `${to}.bias`);
  };
  await norm("embeddings.norm", `${embeddings}.LayerNorm`);
  for (let index = 0; index < architecture.layers; index++) {
    const [from, to] = [`layer.${String(index)}`, `roberta.encoder.layer.${String(index)}`];
    for (const [stored, name, columns] of LINEARS) {
      await dequantize(`${from}.${stored}`, `${to}.${name}.weight`, architecture[columns]);
      await copy(`${from}.${stored}.bias`, `${to}.${name}.bias`);
    }
    await norm(`${from}.attention_norm`, `${to}.attention.output.LayerNorm`);
    await norm(`${from}.output_norm`, `${to}.output.LayerNorm`);
  }
  await norm("head.dense", "classifier.dense");
  await norm("head.projection", "classifier.out_proj");
}

function configOf({ architecture, input }: ModelManifest, places: ReadonlyMap<string, Place>): object {
  return {
    model_type: architecture.family,
    hidden_act: "gelu",
    hidden_size: architecture.hiddenSize,
    num_hidden_layers: architecture.layers,
    num_attention_heads: architecture.attentionHeads,
    intermediate_size: architecture.intermediateSize,
    vocab_size: architecture.vocabularySize,
    max_position_embeddings: places.get("positions")?.dims[0],
    type_vocab_size: places.get("token_types")?.dims[0],
    layer_norm_eps: 1e-5,
    bos_token_id: input.clsTokenId,
    pad_token_id: input.padTokenId,
    eos_token_id: input.sepTokenId,
    position_offset: input.positionOffset,
    max_length: input.maxTokens,
    max_query_length: input.maxQueryTokens,
  };
}

function dequantized(codes: Buffer, scaleBytes: Buffer): Float32Array {
  const scales = new Uint16Array(scaleBytes.buffer, scaleBytes.byteOffset, scaleBytes.length / 2);
  return Float32Array.from(
    codes,
    (code, at) => halfToFloat(scales[Math.floor(at / BLOCK_SIZE)] ?? 0) * (code - zeroPoint(8)),
  );
}

function floats(bytes: Buffer): Float32Array {
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** Field numbers are onnx.proto's: ModelProto.graph 7, GraphProto.initializer 5, TensorProto.external_data 13. */
function readPlaces(model: Uint8Array): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  new PbfReader(model).readFields((modelTag, _, pbf) => {
    if (modelTag !== 7) return;
    pbf.readMessage((graphTag) => {
      if (graphTag === 5) readTensor(pbf, places);
    }, undefined);
  }, undefined);
  return places;
}

function readTensor(pbf: PbfReader, places: Map<string, Place>): void {
  let name = "";
  const dims: number[] = [];
  const external = new Map<string, string>();
  pbf.readMessage((tag) => {
    if (tag === 1) dims.push(pbf.readVarint());
    else if (tag === 8) name = pbf.readString();
    else if (tag === 13) {
      const entry: string[] = [];
      pbf.readMessage(() => entry.push(pbf.readString()), undefined);
      external.set(entry[0] ?? "", entry[1] ?? "");
    }
  }, undefined);
  const file = external.get("location");
  if (file === undefined) return;
  places.set(name, { dims, file, offset: Number(external.get("offset")), bytes: Number(external.get("length")) });
}
