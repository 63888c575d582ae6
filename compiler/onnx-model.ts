/** Writes ONNX models as protobuf: the part of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto we use. */
import { PbfWriter } from "pbf";

/** Numbers of TensorProto.DataType. */
const ELEMENT_TYPES = { float32: 1, uint8: 2, int32: 6, float16: 10 } as const;
/** Numbers of AttributeProto.AttributeType. */
const ATTRIBUTE_TYPES = { float: 1, int: 2, ints: 7 } as const;
const DATA_LOCATION_EXTERNAL = 1;
const IR_VERSION = 8;

export type ElementType = keyof typeof ELEMENT_TYPES;

/** Where a tensor's bytes stand outside the graph. */
export interface ExternalLocation {
  readonly file: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly bytes: number;
}

export interface OnnxTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  /** Little-endian values in the graph itself, or their place in a file of external data. */
  readonly content: Uint8Array | ExternalLocation;
}

export type OnnxAttribute =
  { readonly float: number } | { readonly int: number } | { readonly ints: readonly number[] };

export interface OnnxNode {
  readonly opType: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  /** Empty name: the optional input is absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** An input or output of the graph; a dimension is a length or the name of one. */
export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** Version of each operator set the graph uses, by domain. */
export type OpsetVersions = Readonly<Record<string, number>>;

/** @returns the bytes of an `.onnx` file; the same graph always gives the same bytes */
export function encodeOnnxModel(graph: OnnxGraph, opsets: OpsetVersions): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, IR_VERSION);
  pbf.writeStringField(2, "sunwi");
  pbf.writeMessage(7, writeGraph, graph);
  for (const [domain, version] of Object.entries(opsets)) pbf.writeMessage(8, writeOpset, { domain, version });
  return pbf.finish();
}

function writeOpset({ domain, version }: { domain: string; version: number }, pbf: PbfWriter): void {
  if (domain !== "") pbf.writeStringField(1, domain);
  pbf.writeVarintField(2, version);
}

function writeGraph(graph: OnnxGraph, pbf: PbfWriter): void {
  for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, graph.name);
  for (const tensor of graph.initializers) pbf.writeMessage(5, writeTensor, tensor);
  for (const value of graph.inputs) pbf.writeMessage(11, writeValue, value);
  for (const value of graph.outputs) pbf.writeMessage(12, writeValue, value);
}

function writeNode(node: OnnxNode, pbf: PbfWriter): void {
  for (const input of node.inputs) pbf.writeStringField(1, input);
  for (const output of node.outputs) pbf.writeStringField(2, output);
  pbf.writeStringField(4, node.opType);
  for (const entry of Object.entries(node.attributes)) pbf.writeMessage(5, writeAttribute, entry);
  if (node.domain !== "") pbf.writeStringField(7, node.domain);
}

function writeAttribute([name, value]: [string, OnnxAttribute], pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  if ("float" in value) {
    pbf.writeFloatField(2, value.float);
    pbf.writeVarintField(20, ATTRIBUTE_TYPES.float);
  } else if ("int" in value) {
    pbf.writeVarintField(3, value.int);
    pbf.writeVarintField(20, ATTRIBUTE_TYPES.int);
  } else {
    for (const int of value.ints) pbf.writeVarintField(8, int);
    pbf.writeVarintField(20, ATTRIBUTE_TYPES.ints);
  }
}

/** TensorProto, which is also an entry of a graph's initializers. */
export function writeTensor({ name, type, dims, content }: OnnxTensor, pbf: PbfWriter): void {
  for (const length of dims) pbf.writeVarintField(1, length);
  pbf.writeVarintField(2, ELEMENT_TYPES[type]);
  pbf.writeStringField(8, name);
  if (content instanceof Uint8Array) {
    pbf.writeBytesField(9, content);
    return;
  }
  const entries = { location: content.file, offset: String(content.offset), length: String(content.bytes) };
  for (const entry of Object.entries(entries)) pbf.writeMessage(13, writeStringEntry, entry);
  pbf.writeVarintField(14, DATA_LOCATION_EXTERNAL);
}

function writeStringEntry([key, value]: [string, string], pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

function writeValue({ name, type, dims }: OnnxValue, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writeMessage(2, writeTensorType, { type, dims });
}

/** A TypeProto that holds a TypeProto.Tensor. */
function writeTensorType(value: Pick<OnnxValue, "type" | "dims">, pbf: PbfWriter): void {
  pbf.writeMessage(
    1,
    ({ type, dims }, tensor) => {
      tensor.writeVarintField(1, ELEMENT_TYPES[type]);
      tensor.writeMessage(2, writeShape, dims);
    },
    value,
  );
}

function writeShape(dims: OnnxValue["dims"], pbf: PbfWriter): void {
  for (const length of dims) pbf.writeMessage(1, writeDimension, length);
}

function writeDimension(length: number | string, pbf: PbfWriter): void {
  if (typeof length === "number") pbf.writeVarintField(1, length);
  else pbf.writeStringField(2, length);
}
