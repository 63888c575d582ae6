/**
 * `npm run prove:full-size`: a checkpoint of ko-reranker's size (560 million parameters, random weights) is compiled
 * and loaded in Chromium. Shows sizes, times and memory, and that browser and Node give the same logit. Takes about
 * a quarter of an hour, 4 GB of disk in the temporary folder, and memory for a browser with the model.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { encodePairs, readGoldenPairs, type TextPair } from "../../compiler/golden-pairs.ts";
import { OnnxSession } from "../../compiler/onnx-session.ts";
import { writeLargeCheckpoint } from "../../compiler/testing/large-checkpoint.ts";
import type { Device } from "../../src/core/protocol.ts";
import { parseManifest, variantBytes, type ModelManifest } from "../../src/model/manifest.ts";
import { PROJECT_ROOT } from "../build-page.ts";
import { openDrivenPage } from "../driven-page.ts";
import { tabMemory, watchPeak } from "./process-memory.ts";

const USAGE = `npm run prove:full-size -- [options]

  --json FILE        write the figures as JSON as well
  --skip-webgpu      leave the software GPU out, which takes minutes for a pair
  --keep             leave checkpoint and packages in the temporary folder`;

/** Not among the golden pairs. */
const PAIR: TextPair = {
  query: "정기권을 환불받을 수 있나요?",
  document: "정기권은 사용하기 전이면 전액, 사용한 뒤에는 남은 날만큼 환불합니다. 창구나 앱에서 신청하세요.",
};
const GOLDEN = join(PROJECT_ROOT, "compiler/golden-pairs.json");
/** Enough for a package whose size is all that is asked. */
const FEWEST_GOLDEN = 16;

interface CompiledFigures {
  readonly packageBytes: Readonly<Record<Device, number>>;
  readonly compilerSeconds: number;
  readonly compilerPeakBytes: number | undefined;
}

interface LoadedFigures {
  readonly variant: string;
  readonly loadSeconds: number;
  readonly warmLoadSeconds: number;
  readonly tabPeakBytes: number | undefined;
  readonly gpuProcessPeakBytes: number | undefined;
  readonly selfTestError: number;
  readonly pairSeconds: number;
  /** |browser − Node| of one short pair's logit. */
  readonly logitError: number;
}

await main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: "string" },
      "skip-webgpu": { type: "boolean" },
      keep: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), "sunwi-full-size-"));
  try {
    const figures = await prove(folder, values["skip-webgpu"] !== true);
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`);
  } finally {
    if (values.keep === true) console.log(`Left in ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}

async function prove(folder: string, withWebgpu: boolean): Promise<object> {
  const checkpoint = join(folder, "checkpoint");
  console.log("Writing a checkpoint of 560 million random parameters (2.24 GB) …");
  await writeLargeCheckpoint(checkpoint);

  const q4 = await compile(checkpoint, join(folder, "q4"), ["--weights", "q4"], GOLDEN);
  const q8 = await compile(checkpoint, join(folder, "q8"), ["--weights", "q8"], await fewGolden(folder));
  await rm(join(folder, "q8"), { recursive: true });

  const wasm = await load(join(folder, "q4"), "wasm");
  const webgpu = withWebgpu ? await load(join(folder, "q4"), "webgpu") : undefined;
  return {
    packageBytes: q4.packageBytes.webgpu,
    compilerPeakBytes: q4.compilerPeakBytes,
    compilerSeconds: q4.compilerSeconds,
    tabPeakBytes: wasm.tabPeakBytes,
    tabPeakReadFrom: "VmHWM of the largest renderer process, WASM",
    loadSeconds: wasm.loadSeconds,
    logitError: Math.max(wasm.logitError, webgpu?.logitError ?? 0),
    compiled: { q4, q8 },
    loaded: { wasm, ...(webgpu && { webgpu }) },
  };
}

/** In a process of its own, whose peak memory is the compiler's. */
async function compile(
  checkpoint: string,
  out: string,
  weights: readonly string[],
  golden: string,
): Promise<CompiledFigures> {
  const args = ["--import", "tsx", "compiler/main.ts", checkpoint, "--out", out, "--vocabulary", "ko-en", ...weights];
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...args, "--golden", golden], { cwd: PROJECT_ROOT, stdio: "inherit" });
  const peak = watchPeak(child.pid ?? 0);
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  const compilerPeakBytes = peak.stop();
  if (code !== 0) throw new Error(`the compiler ended with ${String(code)}`);
  const compilerSeconds = (performance.now() - startedAt) / 1000;
  const manifest = await readManifest(out);
  const bytesOf = (device: Device): number =>
    manifest.variants.filter((it) => it.device === device).map((it) => variantBytes(manifest, it))[0] ?? 0;
  const packageBytes = { webgpu: bytesOf("webgpu"), wasm: bytesOf("wasm") };
  console.log(
    `${weights.join(" ")}: WebGPU ${megabytes(packageBytes.webgpu)}, WASM ${megabytes(packageBytes.wasm)}; ` +
      `compiled in ${compilerSeconds.toFixed(0)} s with ${megabytes(compilerPeakBytes)} at most`,
  );
  return { packageBytes, compilerSeconds, compilerPeakBytes };
}

/** The shortest golden pairs: what a package weighs does not hang on them. */
async function fewGolden(folder: string): Promise<string> {
  const length = ({ query, document }: TextPair): number => query.length + document.length;
  const shortest = [...(await readGoldenPairs(GOLDEN))]
    .sort((a, b) => length(a) - length(b))
    .slice(0, FEWEST_GOLDEN + 4);
  const path = join(folder, "few-golden-pairs.json");
  await writeFile(path, JSON.stringify(shortest));
  return path;
}

async function load(modelFolder: string, device: Device): Promise<LoadedFigures> {
  const expected = await scoreInNode(modelFolder, device);
  const gpu = device === "webgpu" ? "software-gpu" : "none";
  const driven = await openDrivenPage({ modelFolders: [modelFolder], inputs: [], gpu });
  try {
    const request = { modelUrl: driven.modelUrls[0] ?? "", device, pair: PAIR };
    driven.page.setDefaultTimeout(0);
    const cold = await driven.page.evaluate(loadAndScore, request);
    const browser = driven.page.context().browser();
    const memory = browser === null ? undefined : await tabMemory(browser);
    await driven.page.reload();
    await driven.page.waitForFunction(() => "sunwi" in window);
    const warm = await driven.page.evaluate(loadAndScore, request);
    const figures: LoadedFigures = {
      variant: cold.variant,
      loadSeconds: cold.loadMs / 1000,
      warmLoadSeconds: warm.loadMs / 1000,
      tabPeakBytes: memory?.rendererPeakBytes,
      gpuProcessPeakBytes: memory?.gpuPeakBytes,
      selfTestError: cold.selfTestError,
      pairSeconds: cold.pairMs / 1000,
      logitError: Math.abs(cold.logit - expected),
    };
    console.log(
      `${device}: variant ${figures.variant}, loaded in ${figures.loadSeconds.toFixed(1)} s with all golden pairs, ` +
        `again in ${figures.warmLoadSeconds.toFixed(1)} s; tab ${megabytes(figures.tabPeakBytes)} at most` +
        `${device === "webgpu" ? `, GPU process ${megabytes(figures.gpuProcessPeakBytes)}` : ""}; one short pair ` +
        `${figures.pairSeconds.toFixed(2)} s, logit ${cold.logit.toFixed(5)}, off from Node by ${figures.logitError.toExponential(1)}`,
    );
    return figures;
  } finally {
    await driven.close();
  }
}

/** Runs in the page. */
async function loadAndScore({ modelUrl, device, pair }: { modelUrl: string; device: Device; pair: TextPair }) {
  const reranker = new window.sunwi.WorkerReranker({ name: "full-size", modelUrl, device });
  const startedAt = performance.now();
  const model = await reranker.load();
  const loadMs = performance.now() - startedAt;
  const [ranked] = await reranker.rerank(pair.query, [{ text: pair.document }]);
  const pairMs = performance.now() - startedAt - loadMs;
  await reranker.dispose();
  if (model.device !== device) throw new Error(`${device} was refused: ${JSON.stringify(model.downgrades)}`);
  return {
    variant: model.variant,
    loadMs,
    pairMs,
    selfTestError: model.selfTest.maxError,
    logit: ranked?.logit ?? Number.NaN,
  };
}

/** The whole graph at once, where the compiler runs it layer by layer. */
async function scoreInNode(modelFolder: string, device: Device): Promise<number> {
  const manifest = await readManifest(modelFolder);
  const tokenizer = JSON.parse(await readFile(join(modelFolder, manifest.tokenizer), "utf8")) as object;
  const variant = manifest.variants.find((it) => it.device === device);
  if (variant === undefined) throw new Error(`no variant for ${device}`);
  const session = await OnnxSession.open(modelFolder, variant, manifest.input);
  const [logit = Number.NaN] = await session.score(encodePairs(tokenizer, manifest.input, [PAIR]), 1);
  await session.release();
  return logit;
}

async function readManifest(folder: string): Promise<ModelManifest> {
  return parseManifest(JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")));
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? "unknown" : `${(bytes / 1e6).toFixed(0)} MB`;
}
