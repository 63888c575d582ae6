/**
 * `npm run bench -- [--peer transformers.js,onnxruntime-node] [--device wasm|webgpu] [--rounds 5] [--questions 3] [--json]`:
 * Sunwi and what one would use instead, with the same weights and texts, turn by turn on this machine.
 *
 * The weights are a random checkpoint of 6 layers × 384 that reads 512 tokens; `sunwi` is its compiled package,
 * `transformers.js` its q8 export (on WebGPU fp32) in batches of 20 and with as many threads, `onnxruntime-node` our
 * package and code outside the browser. `sunwi-mini` is the embedded model, with weights of its own. `--json` prints
 * nothing but JSON, whose `ratios[workload][peer]` are our pairs per second over the peer's.
 */
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { launchChromium } from "../chromium.ts";
import { benchTable, costTable } from "./peers/bench-tables.ts";
import { openBenchSite } from "./peers/bench-site.ts";
import { measureCosts, type PageCosts } from "./peers/page-costs.ts";
import { productOperations, productPeak } from "./peers/product-limit.ts";
import { median, ratiosOf, takeTurns } from "./peers/speed-rounds.ts";
import { openInPage, openNative, OURS, pageSystems, PEERS, type BenchSystem } from "./peers/systems.ts";
import { WorkloadSource } from "./peers/workloads.ts";

const { values } = parseArgs({
  options: {
    peer: { type: "string", default: PEERS.join(",") },
    device: { type: "string", default: "wasm" },
    rounds: { type: "string", default: "5" },
    questions: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
  },
});
const say = (line: string): void => {
  if (!values.json) console.log(line);
};
const peers = values.peer.split(",").map((name) => oneOf("--peer", name.trim(), PEERS));
const device = oneOf("--device", values.device, ["wasm", "webgpu"] as const);
const rounds = count("--rounds", values.rounds);
const questions = count("--questions", values.questions);
const threads = Math.min(4, availableParallelism());

say("Making the weights and both exports of them …");
const site = await openBenchSite();
try {
  const source = await WorkloadSource.open();
  const systems = pageSystems(site, device, threads, peers);
  const costs = new Map<string, PageCosts>();
  for (const system of systems) {
    say(`${system.name}: start, bytes, memory`);
    costs.set(system.name, await measureCosts(system, site, source));
  }
  const { speed, peak } = await measureSpeed();
  const ratios = ratiosOf(speed);
  const mixed = median(speed.speeds.mixed.get(OURS) ?? []);
  const tasks = Array.from({ length: rounds }, (_, at) => source.tasks("mixed", at + 1, questions)).flat();
  const operations = (await productOperations(site.plainFolder, tasks)) / (rounds * speed.pairs.mixed);
  const limit = { peakGops: peak / 1e9, reached: (operations * mixed) / peak };
  const machine = { cpu: cpus()[0]?.model ?? "", threads, node: process.version, device, rounds, questions };
  if (values.json) {
    const speeds = Object.fromEntries(
      Object.entries(speed.speeds).map(([workload, all]) => [workload, Object.fromEntries(all)]),
    );
    const report = { machine, ratios, speeds, errors: Object.fromEntries(speed.errors) };
    console.log(JSON.stringify({ ...report, costs: Object.fromEntries(costs), limit }, null, 2));
  } else {
    say(`\n${machine.cpu}, ${String(threads)} threads, ${device}\n`);
    say(benchTable(speed, ratios, limit));
    say(`\n${costTable(costs)}`);
  }
} finally {
  await site.close();
}
// A message port of the scoring code, at home in a worker, would keep the process.
process.exit();

async function measureSpeed() {
  const browser = await launchChromium(device === "webgpu" ? "gpu" : "none");
  const opened: BenchSystem[] = [];
  try {
    const source = await WorkloadSource.open();
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    await page.goto(site.url);
    await page.waitForFunction(() => "sunwi" in window);
    const [first] = source.tasks("latency", 1000, 1);
    if (first === undefined) throw new Error("the sample has no question");
    for (const system of pageSystems(site, device, threads, peers)) opened.push(await openInPage(page, system, first));
    if (peers.includes("onnxruntime-node")) opened.push(await openNative(site, device, threads));
    const peaks = [await productPeak(page, threads)];
    const reference = opened.find(({ name }) => name === "transformers.js fp32")?.name ?? "transformers.js";
    const speed = await takeTurns(opened, source, { rounds, questions, reference, say });
    peaks.push(await productPeak(page, threads));
    return { speed, peak: Math.max(...peaks) };
  } finally {
    for (const system of opened) await system.close();
    await browser.close();
  }
}

function oneOf<T extends string>(option: string, value: string, choices: readonly T[]): T {
  const chosen = choices.find((choice) => choice === value);
  if (chosen !== undefined) return chosen;
  console.error(`${option} takes one of: ${choices.join(", ")}.`);
  process.exit(2);
}

function count(option: string, value: string): number {
  const read = Number(value);
  if (Number.isInteger(read) && read > 0) return read;
  console.error(`${option} takes a whole number above 0.`);
  process.exit(2);
}
