import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { RerankError } from "../src/core/errors.ts";
import { SafetensorsFile, type TensorInfo, type TensorSource } from "./safetensors.ts";

const indexSchema = v.object({
  /** Name of each tensor → file that holds it, beside the index. */
  weight_map: v.record(v.string(), v.pipe(v.string(), v.regex(/^[\w.-]+\.safetensors$/))),
});

/** Tensors spread over several safetensors files, as `model.safetensors.index.json` says. */
export class ShardedTensors implements TensorSource {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly #files: ReadonlyMap<string, SafetensorsFile>;
  readonly #placeOf: ReadonlyMap<string, string>;

  private constructor(placeOf: ReadonlyMap<string, string>, files: ReadonlyMap<string, SafetensorsFile>) {
    this.#placeOf = placeOf;
    this.#files = files;
    this.tensors = new Map(
      [...placeOf].flatMap(([name, place]) => {
        const info = files.get(place)?.tensors.get(name);
        return info === undefined ? [] : [[name, info]];
      }),
    );
  }

  /**
   * @param indexPath `model.safetensors.index.json`
   * @throws RerankError `model-invalid` where the index is broken, `invalid-input` where a file it names is missing
   */
  static async open(indexPath: string): Promise<ShardedTensors> {
    const placeOf = new Map(Object.entries((await readIndex(indexPath)).weight_map));
    const files = new Map<string, SafetensorsFile>();
    try {
      for (const place of new Set(placeOf.values())) files.set(place, await openShard(dirname(indexPath), place));
      return new ShardedTensors(placeOf, files);
    } catch (error) {
      await Promise.all([...files.values()].map((file) => file.close()));
      throw error;
    }
  }

  async read(name: string): Promise<Float32Array<ArrayBuffer>> {
    return await this.#fileOf(name).read(name);
  }

  async readRows(name: string, start: number, count: number): Promise<Float32Array<ArrayBuffer>> {
    return await this.#fileOf(name).readRows(name, start, count);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.close()));
  }

  #fileOf(name: string): SafetensorsFile {
    const file = this.#files.get(this.#placeOf.get(name) ?? "");
    if (file !== undefined) return file;
    throw new RerankError("model-invalid", `The checkpoint's index names no file for the tensor "${name}".`, {
      details: { problem: name },
    });
  }
}

async function readIndex(path: string): Promise<v.InferOutput<typeof indexSchema>> {
  try {
    return v.parse(indexSchema, JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new RerankError("model-invalid", `${path} is not an index of safetensors files. Download it again.`, {
      cause,
      details: { file: path },
    });
  }
}

async function openShard(folder: string, place: string): Promise<SafetensorsFile> {
  return await SafetensorsFile.open(join(folder, place)).catch((error: unknown) => {
    if (error instanceof RerankError) throw error;
    throw new RerankError("invalid-input", `${folder} lacks ${place}, which its index names. Download it too.`, {
      cause: error,
      details: { folder, file: place },
    });
  });
}
