/** Markdown tables of what the benchmark measured. */
import type { PageCosts } from "./page-costs.ts";
import { median, type Ratios, type SpeedRounds } from "./speed-rounds.ts";
import { WORKLOAD_TEXTS, WORKLOADS, type Workload } from "./workloads.ts";

export interface ProductLimit {
  /** Of plain integer products, 10^9 operations per second. */
  readonly peakGops: number;
  /** Share of it that the products of "mixed" reach, from 0 to 1. */
  readonly reached: number;
}

/** Pairs per second: median (lowest to highest), and ours over each. */
export function benchTable(speed: SpeedRounds, ratios: Ratios, limit: ProductLimit): string {
  const names = [...speed.speeds.mixed.keys()];
  const head = ["pairs per second", ...WORKLOADS.map((workload) => WORKLOAD_TEXTS[workload]), "logits off by"];
  const rows = names.map((name) => [
    name,
    ...WORKLOADS.map((workload) => cellOf(speed, ratios, workload, name)),
    errorCell(speed, name),
  ]);
  const last = `${(100 * limit.reached).toFixed(0)} % of ${limit.peakGops.toFixed(0)} GOP/s`;
  return table([head, ...rows, ["limit: plain products, share that sunwi's reach", last, "", "", ""]]);
}

function cellOf({ speeds }: SpeedRounds, ratios: Ratios, workload: Workload, name: string): string {
  const all = speeds[workload].get(name) ?? [];
  const spread = `${median(all).toFixed(1)} (${Math.min(...all).toFixed(1)} to ${Math.max(...all).toFixed(1)})`;
  const ratio = ratios[workload][name];
  return ratio === undefined ? spread : `${spread}; ours × ${ratio.toFixed(2)}`;
}

function errorCell({ errors }: SpeedRounds, name: string): string {
  const { mean = Number.NaN, largest = Number.NaN } = errors.get(name) ?? {};
  return Number.isNaN(mean) ? "–" : `${mean.toFixed(4)}, at most ${largest.toFixed(3)}`;
}

export function costTable(costs: ReadonlyMap<string, PageCosts>): string {
  const head = ["", "cold start", "warm start", "downloaded", "tab's memory", "longest task of the page's thread"];
  const rows = [...costs].map(([name, cost]) => [
    name,
    `${(cost.coldMs / 1000).toFixed(2)} s`,
    `${(cost.warmMs / 1000).toFixed(2)} s`,
    megabytes(cost.downloadBytes),
    cost.memoryBytes === undefined ? "–" : megabytes(cost.memoryBytes),
    cost.longestTaskMs === 0 ? "under 50 ms" : `${cost.longestTaskMs.toFixed(0)} ms`,
  ]);
  return table([head, ...rows]);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
