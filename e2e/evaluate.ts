/** `npm run evaluate`: the app's evaluation from a terminal, by the same code in a real browser. */
import { readFile, writeFile } from "node:fs/promises";
import { basename, relative } from "node:path";
import { parseArgs } from "node:util";
import type { DeviceChoice } from "../src/core/protocol.ts";
import type { GpuMode } from "./chromium.ts";
import { findModelFolder, openDrivenPage, SAMPLE_CSV, type DrivenPage } from "./driven-page.ts";
import type { EvaluationOutcome } from "./page/evaluation-task.ts";

const USAGE = `npm run evaluate -- [file.csv] [options]

  file.csv                 columns question,answer,doc_id,doc  (default: the bundled sample)
  --model DIR_OR_ID        folder of a model package, or an id  (default: sunwi-mini)
  --device auto|wasm|webgpu                                     (default: wasm)
  --candidates N           documents reranked per question      (default: 20)
  --limit N                evaluate only the first N questions
  --json FILE              write the report as JSON as well
  --locale ko|en           language of the table                (default: from LANG)
`;

interface Options {
  readonly file: string;
  readonly model: string;
  readonly device: DeviceChoice;
  readonly candidates: number;
  readonly limit: number | undefined;
  readonly json: string | undefined;
  readonly locale: "ko" | "en";
}

await main();

async function main(): Promise<void> {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options === "help") console.log(USAGE);
    else await evaluateAndPrint(options);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

async function evaluateAndPrint(options: Options): Promise<void> {
  const driven = await openFor(options);
  try {
    const { markdown, json, model, problems } = await evaluateIn(driven, options);
    for (const { line, message } of problems) console.error(`${options.file}:${String(line)}: ${message}`);
    for (const { from, reason } of model.downgrades) console.error(`Variant ${from} was not used: ${reason}`);
    if (model.softwareAdapter) console.error("WebGPU ran on a software adapter: right scores, meaningless times.");
    console.log(markdown);
    if (options.json !== undefined) await writeFile(options.json, json);
  } finally {
    await driven.close();
  }
}

/** A machine's own GPU where there is one; its emulation where WebGPU is demanded and there is none. */
async function openFor({ file, model, device }: Options): Promise<DrivenPage> {
  const input = await readFile(file).catch((cause: unknown) => {
    throw new Error(`${file} cannot be read. Give the path of a CSV file.`, { cause });
  });
  const modelFolder = await findModelFolder(model);
  const open = (gpu: GpuMode): Promise<DrivenPage> => openDrivenPage({ modelFolder, input, gpu });
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

async function evaluateIn({ page, modelUrl, inputUrl }: DrivenPage, options: Options): Promise<EvaluationOutcome> {
  await page.exposeFunction("showProgress", showProgress);
  const name = basename(options.file);
  const { device, candidates, limit, locale } = options;
  const outcome = await page.evaluate((task) => window.sunwi.runEvaluation(task), {
    modelUrl,
    inputUrl,
    name,
    device,
    candidates,
    locale,
    ...(limit !== undefined && { limit }),
  });
  if (process.stderr.isTTY) process.stderr.write("\n");
  if ("error" in outcome) throw new Error(`${relative(".", options.file)}: ${outcome.error}`);
  return outcome;
}

function showProgress(done: number, total: number, remainingMs: number): void {
  if (process.stderr.isTTY) {
    process.stderr.write(
      `\r${String(done)}/${String(total)} questions, ${String(Math.ceil(remainingMs / 1000))} s left   `,
    );
  }
}

function readOptions(args: string[]): Options | "help" {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      model: { type: "string", default: "sunwi-mini" },
      device: { type: "string", default: "wasm" },
      candidates: { type: "string", default: "20" },
      limit: { type: "string" },
      json: { type: "string" },
      locale: { type: "string", default: process.env["LANG"]?.startsWith("ko") === true ? "ko" : "en" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  if (positionals.length > 1) throw new Error(`One file at a time.\n\n${USAGE}`);
  return {
    file: positionals[0] ?? SAMPLE_CSV,
    model: values.model,
    device: oneOf("--device", values.device, ["auto", "wasm", "webgpu"]),
    candidates: positiveInteger("--candidates", values.candidates),
    limit: values.limit === undefined ? undefined : positiveInteger("--limit", values.limit),
    json: values.json,
    locale: oneOf("--locale", values.locale, ["ko", "en"]),
  };
}

function oneOf<T extends string>(option: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((known) => known === value);
  if (choice === undefined) throw new Error(`${option} takes one of: ${choices.join(", ")}.`);
  return choice;
}

function positiveInteger(option: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${option} takes a whole number above 0.`);
  return number;
}
