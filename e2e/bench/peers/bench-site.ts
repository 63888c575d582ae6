/** One origin with everything the benchmark loads: the driven page, model packages, and a stand-in for the hub. */
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { compileModel } from "../../../compiler/compile.ts";
import { readGoldenPairs } from "../../../compiler/golden-pairs.ts";
import { buildPage, PROJECT_ROOT, PUBLIC_FOLDER } from "../../build-page.ts";
import { serveStatic } from "../../static-server.ts";
import { writePeerExport } from "./peer-export.ts";
import { writePlainCheckpoint } from "./plain-checkpoint.ts";

export interface BenchSite {
  /** Ends in a slash. */
  readonly url: string;
  /** The plain checkpoint, compiled. */
  readonly plainFolder: string;
  /** Bytes of bodies sent so far. */
  sentBytes(): number;
  close(): Promise<void>;
}

/** Paths on the site. */
export const PLACES = {
  plain: "models/plain/",
  mini: "models/mini/",
  vendor: "vendor/",
  hub: "hub/",
  peerModel: "sunwi-bench/plain",
} as const;

/** Makes the weights, both exports of them, and serves. */
export async function openBenchSite(): Promise<BenchSite> {
  const folder = await mkdtemp(join(tmpdir(), "sunwi-bench-"));
  const plainFolder = join(folder, PLACES.plain);
  const checkpoint = join(folder, "checkpoint");
  await writePlainCheckpoint(checkpoint);
  await writePeerExport(checkpoint, join(folder, PLACES.hub, PLACES.peerModel, "resolve/main"));
  await compileModel({
    checkpointFolder: checkpoint,
    outputFolder: plainFolder,
    golden: await readGoldenPairs(join(PROJECT_ROOT, "compiler/golden-pairs.json")),
    about: { id: "plain", name: "6 × 384", licence: "CC0-1.0", source: { repository: "none", revision: "none" } },
  });
  await copyVendor(join(folder, PLACES.vendor));
  // A copy, for tests that run meanwhile may build it anew.
  const pageFolder = join(folder, "page");
  await cp(await buildPage(), pageFolder, { recursive: true });
  let sent = 0;
  const server = await serveStatic({
    roots: [pageFolder, folder, PUBLIC_FOLDER],
    cached: true,
    intercept: (_, response) => {
      const { socket } = response;
      const before = socket?.bytesWritten ?? 0;
      response.on("finish", () => {
        sent += (socket?.bytesWritten ?? 0) - before;
      });
      return false;
    },
  });
  return {
    url: server.url,
    plainFolder,
    sentBytes: () => sent,
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** transformers.js's bundle for browsers, and the build of ONNX Runtime that its version pins. */
async function copyVendor(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const require = createRequire(import.meta.url);
  const transformers = dirname(require.resolve("@huggingface/transformers"));
  await cp(join(transformers, "transformers.min.js"), join(folder, "transformers.min.js"));
  const runtime = dirname(createRequire(join(transformers, "x.js")).resolve("onnxruntime-web"));
  for (const build of ["ort-wasm-simd-threaded", "ort-wasm-simd-threaded.asyncify"]) {
    for (const ending of ["mjs", "wasm"]) {
      await cp(join(runtime, `${build}.${ending}`), join(folder, `${build}.${ending}`));
    }
  }
}
