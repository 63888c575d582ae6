import {
  encodeOnnxModel,
  type ElementType,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from "./onnx-model.ts";

/** ONNX's own operators; 17 is the first with LayerNormalization. */
const ONNX_OPSET = 17;
/** Domain of ONNX Runtime's fused operators: onnxruntime/docs/ContribOperators.md */
const MICROSOFT = "com.microsoft";

/** TensorProto.DataType.FLOAT */
const ELEMENT_TYPE_FLOAT32 = 1;

type Attributes = Readonly<Record<string, OnnxAttribute>>;

/** Collects nodes in the order in which they run; every value is named by the string that made it. */
export class GraphBuilder {
  readonly #name: string;
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers = new Map<string, OnnxTensor>();
  readonly #inputs: OnnxValue[] = [];
  readonly #outputs: OnnxValue[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  /** @returns the input's name */
  input(name: string, type: ElementType, dims: OnnxValue["dims"]): string {
    this.#inputs.push({ name, type, dims });
    return name;
  }

  /** Makes `value` an output of the graph, called `name`. */
  output(name: string, value: string, dims: OnnxValue["dims"]): void {
    this.#nodes.push({ opType: "Identity", domain: "", inputs: [value], outputs: [name], attributes: {} });
    this.#outputs.push({ name, type: "float32", dims });
  }

  /** A stored tensor of half numbers as fp32; ONNX Runtime widens constants once, when it loads the graph. */
  widened(tensor: OnnxTensor): string {
    const name = this.tensor(tensor);
    if (tensor.type === "float32") return name;
    return this.op("Cast", [name], { to: { int: ELEMENT_TYPE_FLOAT32 } });
  }

  /** Brings in a stored tensor (once, however often it is used). @returns its name */
  tensor(tensor: OnnxTensor): string {
    this.#initializers.set(tensor.name, tensor);
    return tensor.name;
  }

  /** A small fp32 constant inside the graph; [] is a scalar. */
  float(values: readonly number[], dims: readonly number[] = []): string {
    const name = `float_${values.join("_")}_${dims.join("x")}`;
    return this.tensor({ name, type: "float32", dims, content: bytesOf(Float32Array.from(values)) });
  }

  int(values: readonly number[], dims: readonly number[] = []): string {
    const name = `int_${values.join("_")}_${dims.join("x")}`;
    return this.tensor({ name, type: "int32", dims, content: bytesOf(Int32Array.from(values)) });
  }

  byte(value: number): string {
    return this.tensor({ name: `byte_${String(value)}`, type: "uint8", dims: [], content: Uint8Array.of(value) });
  }

  /** Adds a node of ONNX's own. An absent optional input is "". @returns its output */
  op(opType: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.#add("", opType, inputs, attributes);
  }

  /** Adds a node of ONNX Runtime's. */
  fused(opType: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.#add(MICROSOFT, opType, inputs, attributes);
  }

  /** The external data the graph needs, once per tensor. */
  get externalTensors(): readonly OnnxTensor[] {
    return [...this.#initializers.values()].filter(({ content }) => !(content instanceof Uint8Array));
  }

  /**
   * @param contents bytes of external tensors that are to lie inside the graph instead, by name
   * @returns the bytes of the `.onnx` file
   */
  encode(contents: ReadonlyMap<string, Uint8Array> = new Map()): Uint8Array {
    const { nodes, inputs, outputs } = { nodes: this.#nodes, inputs: this.#inputs, outputs: this.#outputs };
    const initializers = [...this.#initializers.values()].map((tensor) => {
      const content = contents.get(tensor.name);
      return content === undefined ? tensor : { ...tensor, content };
    });
    return encodeOnnxModel(
      { name: this.#name, nodes, initializers, inputs, outputs },
      { "": ONNX_OPSET, [MICROSOFT]: 1 },
    );
  }

  #add(domain: string, opType: string, inputs: readonly string[], attributes: Attributes): string {
    const output = `${opType}_${String(this.#nodes.length)}`;
    this.#nodes.push({ opType, domain, inputs, outputs: [output], attributes });
    return output;
  }
}

/** The values' bytes as they lie in memory, which is little-endian wherever Node runs. */
export function bytesOf(values: Float32Array | Int32Array | Uint8Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
