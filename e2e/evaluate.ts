/** `npm run evaluate`: the workbench from a terminal, by the same code in a real browser. */
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import type { GpuMode } from "./chromium.ts";
import { PROJECT_ROOT } from "./build-page.ts";
import { findModelFolder, openDrivenPage, SAMPLE_CSV, type DrivenPage } from "./driven-page.ts";
import { readEvaluateOptions, USAGE, type EvaluateOptions } from "./evaluate-options.ts";
import type { ComparisonOutcome } from "./page/comparison-task.ts";

interface GivenFile {
  /** As the page is told it. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

await main();

async function main(): Promise<void> {
  try {
    const options = readEvaluateOptions(process.argv.slice(2));
    if (options === "help") console.log(USAGE);
    else await evaluateAndPrint(options);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

async function evaluateAndPrint(options: EvaluateOptions): Promise<void> {
  const paths = options.paths.length === 0 ? [SAMPLE_CSV] : options.paths;
  const files = (await Promise.all(paths.map(readGiven))).flat();
  const modelFolders = await Promise.all(options.models.map(findModelFolder));
  const driven = await openFor(options, files, modelFolders);
  try {
    const outcome = await compareIn(driven, options, files, paths[0] ?? "");
    tellProblems(outcome, paths[0] ?? "");
    console.log(outcome.markdown);
    await save(outcome, options);
  } finally {
    await driven.close();
  }
}

/** A file, or all files of a folder with the folder's name before theirs. */
async function readGiven(path: string): Promise<readonly GivenFile[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new Error(`${path} cannot be read. Give the path of a file or a folder.`, { cause });
  });
  if (!found.isDirectory()) return [{ path: basename(path), bytes: await readFile(path) }];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return await Promise.all(
    files.map(async (file) => ({
      path: join(basename(path), relative(path, file)).replaceAll("\\", "/"),
      bytes: await readFile(file),
    })),
  );
}

/** A machine's own GPU where there is one; its emulation where WebGPU is demanded and there is none. */
async function openFor(
  { device }: EvaluateOptions,
  files: readonly GivenFile[],
  modelFolders: readonly string[],
): Promise<DrivenPage> {
  const inputs = files.map(({ bytes }) => bytes);
  const open = (gpu: GpuMode): Promise<DrivenPage> => openDrivenPage({ modelFolders, inputs, gpu });
  if (device === "wasm") return open("none");
  const driven = await open("gpu");
  const hasGpu = await driven.page.evaluate(async () => {
    const gpu = navigator.gpu as GPU | undefined;
    return ((await gpu?.requestAdapter()) ?? null) !== null;
  });
  if (hasGpu || device === "auto") return driven;
  await driven.close();
  return open("software-gpu");
}

async function compareIn(
  { page, modelUrls, inputUrls }: DrivenPage,
  options: EvaluateOptions,
  given: readonly GivenFile[],
  named: string,
): Promise<ComparisonOutcome> {
  await page.exposeFunction("showProgress", showProgress);
  const { device, candidates, metric, windows, origin, columns, limit, draws, seed, locale } = options;
  const outcome = await page.evaluate((task) => window.sunwi.runComparison(task), {
    files: given.map(({ path }, at) => ({ path, url: inputUrls[at] ?? "" })),
    modelUrls,
    version: await ownVersion(),
    ...{ device, candidates, metric, windows, origin, columns, locale },
    ...(limit !== undefined && { limit }),
    ...(draws !== undefined && { draws }),
    ...(seed !== undefined && { seed }),
  });
  if (process.stderr.isTTY) process.stderr.write("\n");
  if ("error" in outcome) throw new Error(`${relative(".", named)}: ${outcome.error}`);
  return outcome;
}

function tellProblems({ facts, models }: ComparisonOutcome, named: string): void {
  for (const { line, message } of facts.problems) console.error(`${named}:${String(line)}: ${message}`);
  const untold = facts.problemCount - facts.problems.length;
  if (untold > 0) console.error(`… and ${String(untold)} more.`);
  if (facts.withoutAnswer > 0)
    console.error(`${String(facts.withoutAnswer)} questions without an answer were left out.`);
  for (const { downgrades, softwareAdapter } of models) {
    for (const { from, reason } of downgrades) console.error(`Variant ${from} was not used: ${reason}`);
    if (softwareAdapter) console.error("WebGPU ran on a software adapter: right scores, meaningless times.");
  }
}

async function save(outcome: ComparisonOutcome, { json, csv, report, trec }: EvaluateOptions): Promise<void> {
  if (json !== undefined) await writeFile(json, `${outcome.json}\n`);
  if (csv !== undefined) await writeFile(csv, outcome.csv);
  if (report !== undefined) await writeFile(report, outcome.html);
  if (trec === undefined) return;
  await mkdir(trec, { recursive: true });
  for (const [at, run] of Object.values(outcome.runs).entries()) await writeFile(join(trec, `${String(at)}.run`), run);
}

function showProgress(model: string, done: number, total: number, remainingMs: number): void {
  if (!process.stderr.isTTY) return;
  const left = `${String(Math.ceil(remainingMs / 1000))} s left`;
  process.stderr.write(`\r${model}: ${String(done)}/${String(total)} questions, ${left}   `);
}

async function ownVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(PROJECT_ROOT, "package.json"), "utf8")) as { version: string };
  return version;
}
