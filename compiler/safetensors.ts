/** Reads safetensors files: https://github.com/huggingface/safetensors (8-byte length, JSON header, raw tensors). */
import { open, type FileHandle } from "node:fs/promises";
import * as v from "valibot";
import { RerankError } from "../src/core/errors.ts";
import { halfToFloat } from "./half.ts";

/** The format's own limit; anything above is not a header. */
const MAX_HEADER_BYTES = 100_000_000;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const entrySchema = v.object({ dtype: v.string(), shape: v.array(count), data_offsets: v.tuple([count, count]) });
const headerSchema = v.record(v.string(), v.union([entrySchema, v.record(v.string(), v.string())]));

/** Bytes of one value, for the types that are read. */
const BYTES_PER_VALUE: ReadonlyMap<string, number> = new Map([
  ["F32", 4],
  ["F16", 2],
  ["BF16", 2],
]);

export interface TensorInfo {
  /** As the file calls it: "F32", "BF16", "I64". */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Position in the file. */
  readonly start: number;
  readonly bytes: number;
}

/** Where a checkpoint's tensors are read from: one file, or several. */
export interface TensorSource {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /**
   * Reads one tensor, row after row, as fp32.
   * @throws RerankError `model-invalid` for an unknown name, or a type other than F32, F16 and BF16
   */
  read(name: string): Promise<Float32Array<ArrayBuffer>>;
  /** Reads `count` rows of a matrix from row `start` on: all of a table of embeddings would be a gigabyte. */
  readRows(name: string, start: number, count: number): Promise<Float32Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** An open safetensors file; tensors are read one at a time, when asked for. */
export class SafetensorsFile implements TensorSource {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly #path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle, tensors: ReadonlyMap<string, TensorInfo>) {
    this.#path = path;
    this.#handle = handle;
    this.tensors = tensors;
  }

  /** @throws RerankError `model-invalid` where the header is broken or the file shorter than it says */
  static async open(path: string): Promise<SafetensorsFile> {
    const handle = await open(path);
    try {
      return new SafetensorsFile(path, handle, await readHeader(path, handle));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async read(name: string): Promise<Float32Array<ArrayBuffer>> {
    const { info } = this.#describe(name);
    return toFloat32(await readExactly(this.#handle, this.#path, info.start, info.bytes), info.dtype);
  }

  async readRows(name: string, start: number, count: number): Promise<Float32Array<ArrayBuffer>> {
    const { info, size } = this.#describe(name);
    const rowBytes = size * info.shape.slice(1).reduce((product, length) => product * length, 1);
    const bytes = await readExactly(this.#handle, this.#path, info.start + start * rowBytes, count * rowBytes);
    return toFloat32(bytes, info.dtype);
  }

  #describe(name: string): { readonly info: TensorInfo; readonly size: number } {
    const info = this.tensors.get(name);
    if (info === undefined) throw broken(this.#path, `it holds no tensor "${name}"`);
    const size = BYTES_PER_VALUE.get(info.dtype);
    if (size === undefined) throw broken(this.#path, `"${name}" is ${info.dtype}; only F32, F16 and BF16 are read`);
    if (info.bytes !== size * info.shape.reduce((product, length) => product * length, 1)) {
      throw broken(this.#path, `"${name}" has ${String(info.bytes)} bytes, which its shape and type do not make`);
    }
    return { info, size };
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function readHeader(path: string, handle: FileHandle): Promise<ReadonlyMap<string, TensorInfo>> {
  const { size } = await handle.stat();
  if (size < 8) throw broken(path, "it is shorter than a header's length");
  const lengthBytes = await readExactly(handle, path, 0, 8);
  const length = Number(new DataView(lengthBytes.buffer).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES || 8 + length > size) throw broken(path, "its header is longer than the file");
  const header = parseHeader(path, await readExactly(handle, path, 8, length));
  const tensors = new Map<string, TensorInfo>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const parsed = v.safeParse(entrySchema, entry);
    if (!parsed.success) throw broken(path, `the header's entry "${name}" is not a tensor`);
    const { dtype, shape, data_offsets } = parsed.output;
    const [begin, end] = data_offsets;
    if (begin > end || 8 + length + end > size) throw broken(path, `"${name}" ends beyond the file; it may be cut off`);
    tensors.set(name, { dtype, shape, start: 8 + length + begin, bytes: end - begin });
  }
  return tensors;
}

function parseHeader(path: string, bytes: Uint8Array): v.InferOutput<typeof headerSchema> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw broken(path, "its header is not JSON", cause);
  }
  const result = v.safeParse(headerSchema, json);
  if (!result.success) throw broken(path, "its header does not describe tensors");
  return result.output;
}

/** One read call stops at 2 GiB, so large tensors come in pieces. */
async function readExactly(
  handle: FileHandle,
  path: string,
  start: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, 2 ** 30), start + done);
    if (bytesRead === 0) throw broken(path, "it ends too early");
    done += bytesRead;
  }
  return bytes;
}

function toFloat32(bytes: Uint8Array<ArrayBuffer>, dtype: string): Float32Array<ArrayBuffer> {
  if (dtype === "F32") return new Float32Array(bytes.buffer);
  const halves = new Uint16Array(bytes.buffer);
  if (dtype === "F16") return Float32Array.from(halves, halfToFloat);
  const words = new Uint32Array(halves.length);
  // bfloat16 is the upper half of an fp32 number.
  halves.forEach((half, at) => {
    words[at] = half << 16;
  });
  return new Float32Array(words.buffer);
}

function broken(path: string, problem: string, cause?: unknown): RerankError {
  return new RerankError("model-invalid", `${path} cannot be read as safetensors: ${problem}. Download it again.`, {
    cause,
    details: { file: path, problem },
  });
}
