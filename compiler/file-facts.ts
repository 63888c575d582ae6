import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ModelManifest } from "../src/model/manifest.ts";

/** Size and SHA-256 of files, by their name relative to `folder`. */
export async function describeFiles(folder: string, names: Iterable<string>): Promise<ModelManifest["files"]> {
  const files: ModelManifest["files"] = {};
  for (const name of names) {
    const path = join(folder, name);
    files[name] = { bytes: (await stat(path)).size, sha256: await sha256Of(path) };
  }
  return files;
}

/** Hexadecimal; the file is streamed, for a checkpoint has gigabytes. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
