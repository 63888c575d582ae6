import { open, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { bytesOf } from "./graph-builder.ts";
import type { ElementType, OnnxTensor } from "./onnx-model.ts";

/** Every tensor starts at a multiple of this: a cache line, and enough for any SIMD load. */
const ALIGNMENT_BYTES = 64;

/** One file of ONNX external data, written tensor after tensor. */
export class WeightShard {
  readonly #handle: FileHandle;
  readonly #file: string;
  #bytes = 0;

  private constructor(handle: FileHandle, file: string) {
    this.#handle = handle;
    this.#file = file;
  }

  static async create(path: string): Promise<WeightShard> {
    return new WeightShard(await open(path, "w"), basename(path));
  }

  /** Appends a tensor. @returns the tensor as a graph refers to it */
  async add(name: string, dims: readonly number[], values: Float32Array | Uint8Array): Promise<OnnxTensor> {
    const type: ElementType = values instanceof Float32Array ? "float32" : "uint8";
    const offset = Math.ceil(this.#bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    await this.#append(new Uint8Array(offset - this.#bytes));
    const content = bytesOf(values);
    await this.#append(content);
    return { name, type, dims, content: { file: this.#file, offset, bytes: content.length } };
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #append(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#bytes + done);
      done += bytesWritten;
    }
    this.#bytes += bytes.length;
  }
}
