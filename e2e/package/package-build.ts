/** The npm package: needs no other package and no particular bundler. */
import { execFileSync } from "node:child_process";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rolldown, type InputOptions, type OutputOptions } from "rolldown";
import { PROJECT_ROOT, PUBLIC_FOLDER } from "../build-page.ts";

const SOURCE = join(PROJECT_ROOT, "src/package");
const RUNTIME_FOLDER = join(PROJECT_ROOT, "node_modules/onnxruntime-web/dist");
const RUNTIME_FILES = [
  "ort.jspi.min.mjs",
  "ort.webgpu.min.mjs",
  "ort.wasm.min.mjs",
  ...["jspi", "asyncify"].flatMap((build) => ["mjs", "wasm"].map((kind) => `ort-wasm-simd-threaded.${build}.${kind}`)),
  "ort-wasm-simd-threaded.mjs",
  "ort-wasm-simd-threaded.wasm",
];

/** @param folder replaced by what the package holds, types excepted */
export async function buildPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await bundle(
    { input: await entries(), plugins: [instead("./spawn-worker.ts", join(SOURCE, "package-files.ts"))] },
    {
      dir: folder, // At the top, for what they name lies beside them.
      chunkFileNames: "[name]-[hash].js",
    },
  );
  const worker = join(folder, "scoring-worker.js");
  await bundle(
    {
      input: join(PROJECT_ROOT, "worker/scoring-worker.ts"),
      plugins: [instead("./runtime.ts", join(PROJECT_ROOT, "worker/packaged-runtime.ts"))],
    },
    { file: worker, codeSplitting: false },
  );
  await checkImports(worker);
  await cp(join(PUBLIC_FOLDER, "models/mini"), join(folder, "models/mini"), { recursive: true });
  await mkdir(join(folder, "runtime"));
  for (const name of RUNTIME_FILES) await cp(join(RUNTIME_FOLDER, name), join(folder, "runtime", name));
}

/** Declarations under `types/`, their imports named as the files are. */
export async function writeTypes(folder: string): Promise<void> {
  const types = join(folder, "types");
  const project = join(PROJECT_ROOT, "e2e/package/tsconfig.types.json");
  execFileSync("npx", ["tsc", "-p", project, "--outDir", types], { stdio: "inherit" });
  for (const entry of await readdir(types, { recursive: true })) {
    if (!entry.endsWith(".d.ts")) continue;
    const path = join(types, entry);
    const text = await readFile(path, "utf8");
    await writeFile(
      path,
      text.replace(/(from "\.[^"]*)\.ts"/g, '$1.js"').replace(/(import\("\.[^"]*)\.ts"\)/g, '$1.js")'),
    );
  }
}

async function entries(): Promise<Record<string, string>> {
  const files = (await readdir(SOURCE)).filter((name) => name.endsWith(".ts") && name !== "package-files.ts");
  return Object.fromEntries(files.map((name) => [name.replace(/\.ts$/, ""), join(SOURCE, name)]));
}

async function bundle(input: InputOptions, output: OutputOptions): Promise<void> {
  const built = await rolldown({ ...input, tsconfig: false, platform: "browser" });
  await built.write({ format: "esm", minify: true, ...output });
  await built.close();
}

/** Puts the package's own module where the app's stands: the package names its files in another way. */
function instead(source: string, module: string): { name: string; resolveId: (id: string) => string | undefined } {
  return { name: "packaged", resolveId: (id) => (id === source ? module : undefined) };
}

/** Minifying could drop the comments that keep bundlers from an import of a URL. */
async function checkImports(path: string): Promise<void> {
  const code = await readFile(path, "utf8");
  if (/import\([^)]*webpackIgnore: true[^)]*turbopackIgnore: true[^)]*@vite-ignore/.test(code)) return;
  throw new Error(`${path}: the import of the runtime has lost its comments.`);
}
