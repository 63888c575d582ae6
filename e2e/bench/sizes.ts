/** `npm run sizes`: what a visitor downloads, part by part; fails where JavaScript exceeds its budget. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { parseManifest, variantBytes } from "../../src/model/manifest.ts";
import { TESTED_PACKAGE } from "../build-for-tests.ts";
import { PROJECT_ROOT, PUBLIC_FOLDER } from "../build-page.ts";
import { buildPackage } from "../package/package-build.ts";

type Output = Rolldown.OutputChunk | Rolldown.OutputAsset;

interface Part {
  readonly name: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Most bytes after gzip. */
  readonly budget?: number;
}

const outputs = await buildOutputs(join(PROJECT_ROOT, "index.html"));
const packaged = await buildPackage(TESTED_PACKAGE);
const parts: Part[] = [
  part(
    "app: JavaScript before the first search",
    [...neededFrom(outputs), ...outputs.filter(({ fileName }) => /dataset-worker.*\.js$/.test(fileName))],
    120_000,
  ),
  part("app: all of its JavaScript", outputs.filter(isChunk)),
  part(
    "app: style sheets",
    outputs.filter(({ fileName }) => fileName.endsWith(".css")),
  ),
  part(
    "worker",
    outputs.filter(({ fileName }) => /scoring-worker.*\.js$/.test(fileName)),
  ),
  ...["jspi", "asyncify", "wasm"].map((runtime) => part(`ONNX Runtime, ${runtime}`, outputs.filter(isOf(runtime)))),
];
console.log("| part | bytes | gzip |\n|---|---:|---:|");
for (const { name, bytes, gzipBytes } of parts) console.log(`| ${name} | ${kB(bytes)} | ${kB(gzipBytes)} |`);
for (const [name, gzipBytes] of packaged)
  console.log(`| package: ${name}.js with all that it imports at once | | ${kB(gzipBytes)} |`);
printModel(join(PUBLIC_FOLDER, "models/mini"));
for (const { name, gzipBytes, budget } of parts) {
  if (budget === undefined || gzipBytes <= budget) continue;
  console.error(`${name}: ${kB(gzipBytes)} after gzip, more than its budget of ${kB(budget)}.`);
  process.exitCode = 1;
}

async function buildOutputs(input: string): Promise<readonly Output[]> {
  const result = await build({
    configFile: join(PROJECT_ROOT, "vite.config.ts"),
    root: PROJECT_ROOT,
    publicDir: false,
    logLevel: "error",
    build: { write: false, rolldownOptions: { input, preserveEntrySignatures: "strict" } },
  });
  return (Array.isArray(result) ? result : [result]).flatMap((one) => ("output" in one ? one.output : []));
}

function isChunk(output: Output): output is Rolldown.OutputChunk {
  return output.type === "chunk";
}

/** The entry and all that it imports. */
function neededFrom(all: readonly Output[]): readonly Output[] {
  const chunks = new Map(all.filter(isChunk).map((chunk) => [chunk.fileName, chunk]));
  const needed = new Set([...chunks.values()].filter(({ isEntry }) => isEntry));
  for (const { imports } of needed) {
    for (const name of imports) {
      const imported = chunks.get(name);
      if (imported !== undefined) needed.add(imported);
    }
  }
  return [...needed];
}

/** Files of one build of ONNX Runtime: its module, its loader and its WASM. */
function isOf(runtime: string): (output: Output) => boolean {
  const name = { jspi: "jspi", asyncify: "(asyncify|webgpu)", wasm: "wasm" }[runtime] ?? runtime;
  const pattern = runtime === "wasm" ? /ort(\.wasm|-wasm-simd-threaded-)[^/]*$/ : new RegExp(`ort[.-].*${name}[^/]*$`);
  return ({ fileName }) => pattern.test(fileName) && !fileName.endsWith(".map");
}

function part(name: string, files: readonly Output[], budget?: number): Part {
  const contents = files.map((file) => Buffer.from(file.type === "chunk" ? file.code : file.source));
  return {
    name,
    bytes: contents.reduce((sum, { length }) => sum + length, 0),
    gzipBytes: contents.reduce((sum, content) => sum + gzipSync(content, { level: 9 }).length, 0),
    ...(budget !== undefined && { budget }),
  };
}

function printModel(folder: string): void {
  const manifest = parseManifest(JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")));
  for (const variant of manifest.variants) {
    console.log(
      `| ${manifest.id}, variant ${variant.id} (${variant.precision}) | ${kB(variantBytes(manifest, variant))} | |`,
    );
  }
}

function kB(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
