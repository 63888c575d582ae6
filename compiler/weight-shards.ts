import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { bytesOf } from "./graph-builder.ts";
import type { ElementType, OnnxTensor } from "./onnx-model.ts";

/** Every tensor starts at a multiple of this: a cache line, and enough for any SIMD load. */
const ALIGNMENT_BYTES = 64;
/**
 * No file grows beyond this unless one tensor does: files download side by side, hosts refuse long ones (GitHub's
 * limit is 100 MB), and a browser can hash one at a time without holding the model.
 */
const MAX_SHARD_BYTES = 64 * 2 ** 20;

/** fp32, bytes, or half numbers as their bits. */
export type TensorValues = Float32Array | Uint8Array | Uint16Array;

/** Where a graph's tensors are put. */
export interface TensorStore {
  /** @returns the tensor as a graph refers to it */
  add(name: string, dims: readonly number[], values: TensorValues): Promise<OnnxTensor>;
}

/** Keeps tensors inside the graph: for graphs that run once, layer by layer. */
export const inlineTensors: TensorStore = {
  add: (name, dims, values) => Promise.resolve({ name, type: elementType(values), dims, content: bytesOf(values) }),
};

/** Files of ONNX external data, written tensor after tensor: `name.bin`, `name-2.bin`, … */
export class WeightShards implements TensorStore {
  readonly #folder: string;
  readonly #name: string;
  readonly #files: string[] = [];
  #handle: FileHandle | undefined;
  #bytes = 0;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  /** The files written so far, relative to the folder. */
  get files(): readonly string[] {
    return this.#files;
  }

  async add(name: string, dims: readonly number[], values: TensorValues): Promise<OnnxTensor> {
    const content = bytesOf(values);
    return await this.addInParts(name, dims, elementType(values), content.length, [content]);
  }

  /** A tensor that never lies in memory as a whole. @param bytes of all parts together */
  async addInParts(
    name: string,
    dims: readonly number[],
    type: ElementType,
    bytes: number,
    parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<OnnxTensor> {
    if (this.#handle === undefined || (this.#bytes > 0 && this.#bytes + bytes > MAX_SHARD_BYTES)) await this.#begin();
    const offset = Math.ceil(this.#bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    await this.#append(new Uint8Array(offset - this.#bytes));
    for await (const part of parts) await this.#append(part);
    if (this.#bytes !== offset + bytes) throw new RangeError(`${name} has other bytes than announced`);
    return { name, type, dims, content: { file: this.#files.at(-1) ?? "", offset, bytes } };
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #begin(): Promise<void> {
    await this.close();
    const number = this.#files.length + 1;
    const file = number === 1 ? `${this.#name}.bin` : `${this.#name}-${String(number)}.bin`;
    this.#handle = await open(join(this.#folder, file), "w");
    this.#files.push(file);
    this.#bytes = 0;
  }

  async #append(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const written = await this.#handle?.write(bytes, done, bytes.length - done, this.#bytes + done);
      done += written?.bytesWritten ?? 0;
    }
    this.#bytes += bytes.length;
  }
}

function elementType(values: TensorValues): ElementType {
  if (values instanceof Float32Array) return "float32";
  return values instanceof Uint16Array ? "float16" : "uint8";
}
