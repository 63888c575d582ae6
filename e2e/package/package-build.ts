/** The npm package: needs no other package and no particular bundler. */
import { execFileSync } from "node:child_process";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown, type InputOptions, type OutputOptions, type RolldownOutput } from "rolldown";
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

/** Most bytes, after gzip, of an entry with all that it imports at once. */
const BUDGETS: Readonly<Record<string, number>> = { element: 15_000, index: 15_000, remote: 7_000, fetch: 15_000 };

/**
 * @param folder replaced by what the package holds, types excepted
 * @returns bytes of each entry with all that it imports at once, after gzip
 * @throws Error where one exceeds its budget
 */
export async function buildPackage(folder: string): Promise<ReadonlyMap<string, number>> {
  await rm(folder, { recursive: true, force: true });
  const { output } = await bundle(
    { input: await entries(), plugins: [instead("./spawn-worker.ts", join(SOURCE, "package-files.ts"))] },
    // Shared chunks lie at the top too, for what they name lies beside them.
    { dir: folder, chunkFileNames: "[name]-[hash].js" },
  );
  const sizes = sizesOf(output);
  const worker = join(folder, "scoring-worker.js");
  await bundle(
    {
      input: join(PROJECT_ROOT, "worker/scoring-worker.ts"),
      plugins: ["./runtime.ts", "./load-hub-model.ts"].map((name) =>
        instead(name, join(PROJECT_ROOT, "worker/packaged-runtime.ts")),
      ),
    },
    { file: worker, codeSplitting: false },
  );
  await checkImports(worker);
  await cp(join(PUBLIC_FOLDER, "models/mini"), join(folder, "models/mini"), { recursive: true });
  await mkdir(join(folder, "runtime"));
  for (const name of RUNTIME_FILES) await copyRuntime(name, join(folder, "runtime"));
  return sizes;
}

/** Scripts lose the address of their source map, which is not here: Vite's development server reports it as an error. */
async function copyRuntime(name: string, folder: string): Promise<void> {
  const from = join(RUNTIME_FOLDER, name);
  if (name.endsWith(".wasm")) await cp(from, join(folder, name));
  else await writeFile(join(folder, name), (await readFile(from, "utf8")).replace(/^\/\/# sourceMappingURL=.*$/m, ""));
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
      withoutLit(text)
        .replace(/(from "\.[^"]*)\.ts"/g, '$1.js"')
        .replace(/(import\("\.[^"]*)\.ts"\)/g, '$1.js")'),
    );
  }
}

/** Lit is bundled: whoever installs the package has no declarations of it, and the element was no `HTMLElement` there. */
function withoutLit(declaration: string): string {
  return declaration
    .replace(/^import .* from "lit";\n/m, "")
    .replace("extends LitElement", "extends HTMLElement")
    .replace(/^ *(static (properties|styles):|protected render\().*\n/gm, "");
}

async function entries(): Promise<Record<string, string>> {
  const files = (await readdir(SOURCE)).filter((name) => name.endsWith(".ts") && name !== "package-files.ts");
  return Object.fromEntries(files.map((name) => [name.replace(/\.ts$/, ""), join(SOURCE, name)]));
}

async function bundle(input: InputOptions, output: OutputOptions): Promise<RolldownOutput> {
  const built = await rolldown({ ...input, tsconfig: false, platform: "browser" });
  const written = await built.write({ format: "esm", minify: true, ...output });
  await built.close();
  return written;
}

function sizesOf(output: RolldownOutput["output"]): ReadonlyMap<string, number> {
  const chunks = new Map(output.flatMap((each) => (each.type === "chunk" ? [[each.fileName, each] as const] : [])));
  const sizes = new Map<string, number>();
  for (const entry of [...chunks.values()].filter(({ isEntry }) => isEntry)) {
    const needed = new Set([entry.fileName]);
    for (const name of needed) for (const imported of chunks.get(name)?.imports ?? []) needed.add(imported);
    const bytes = [...needed].reduce((sum, name) => sum + gzipSync(chunks.get(name)?.code ?? "").length, 0);
    sizes.set(entry.name, bytes);
    const budget = BUDGETS[entry.name] ?? Number.POSITIVE_INFINITY;
    if (bytes > budget) throw new Error(`${entry.name}.js: ${String(bytes)} bytes, more than its ${String(budget)}.`);
  }
  return sizes;
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
