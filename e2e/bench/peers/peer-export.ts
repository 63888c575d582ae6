/** A checkpoint as a repository of the hub holds it for transformers.js: config, tokenizer, `onnx/` in fp32 and q8. */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PbfWriter } from "pbf";
import * as v from "valibot";
import { writeTensor, type OnnxTensor } from "../../../compiler/onnx-model.ts";
import { SafetensorsFile } from "../../../compiler/safetensors.ts";

/** By training/peer_exports.py: graphs without their weights, and what their initializers are made of. */
const GRAPHS = join(import.meta.dirname, "graphs");
const PARTS = ["config.json", "tokenizer.json", "tokenizer_config.json"];

const placeSchema = v.object({
  tensor: v.string(),
  transposed: v.boolean(),
  /** Initializers that hold an 8-bit one's scale and zero point. */
  scale: v.optional(v.string()),
  zeroPoint: v.optional(v.string()),
});
type Place = v.InferOutput<typeof placeSchema>;
const initializersSchema = v.record(v.string(), v.record(v.string(), placeSchema));

/** @param checkpoint as `writePlainCheckpoint` writes it */
export async function writePeerExport(checkpoint: string, out: string): Promise<void> {
  await mkdir(join(out, "onnx"), { recursive: true });
  for (const part of PARTS) await copyFile(join(checkpoint, part), join(out, part));
  const weights = await SafetensorsFile.open(join(checkpoint, "model.safetensors"));
  try {
    const places = v.parse(initializersSchema, JSON.parse(await readFile(join(GRAPHS, "initializers.json"), "utf8")));
    for (const [graph, ofGraph] of Object.entries(places)) {
      const tensors: OnnxTensor[] = [];
      for (const entry of Object.entries(ofGraph)) tensors.push(...(await tensorsOf(entry, weights)));
      const nodes = await readFile(join(GRAPHS, `${graph}.onnx`));
      await writeFile(join(out, "onnx", `${graph}.onnx`), Buffer.concat([nodes, initializersOf(tensors)]));
    }
  } finally {
    await weights.close();
  }
}

/** Protobuf merges a message that comes twice, so a graph may be followed by more of it. */
function initializersOf(tensors: readonly OnnxTensor[]): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeMessage(
    7,
    (all: readonly OnnxTensor[], graph: PbfWriter) => {
      for (const tensor of all) graph.writeMessage(5, writeTensor, tensor);
    },
    tensors,
  );
  return pbf.finish();
}

async function tensorsOf([name, place]: [string, Place], weights: SafetensorsFile): Promise<readonly OnnxTensor[]> {
  const { values, dims } = await read(place, weights);
  if (place.scale === undefined || place.zeroPoint === undefined) return [floats(name, dims, values)];
  const { codes, scale, zeroPoint } = quantizeUnsigned(values);
  return [
    { name, type: "uint8", dims, content: codes },
    floats(place.scale, [], Float32Array.of(scale)),
    { name: place.zeroPoint, type: "uint8", dims: [], content: Uint8Array.of(zeroPoint) },
  ];
}

function floats(name: string, dims: readonly number[], values: Float32Array): OnnxTensor {
  return { name, type: "float32", dims, content: new Uint8Array(values.buffer, 0, values.byteLength) };
}

async function read({ tensor, transposed }: Place, weights: SafetensorsFile) {
  const values = await weights.read(tensor);
  const dims = weights.tensors.get(tensor)?.shape ?? [];
  const [rows = 1, columns = 1] = dims;
  if (!transposed) return { values, dims };
  const turned = Float32Array.from(values, (_, at) => values[(at % rows) * columns + Math.floor(at / rows)] ?? 0);
  return { values: turned, dims: [columns, rows] };
}

/** One scale and zero point for the whole tensor, as ONNX Runtime's `quantize_dynamic` with unsigned weights. */
function quantizeUnsigned(values: Float32Array) {
  let [least, most] = [0, 0];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const scale = Math.fround(Math.fround(most - least) / 255);
  const zeroPoint = roundHalfEven(Math.fround(-least / scale));
  const code = (value: number): number =>
    Math.min(255, Math.max(0, roundHalfEven(Math.fround(value / scale)) + zeroPoint));
  return { codes: Uint8Array.from(values, code), scale, zeroPoint };
}

function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
