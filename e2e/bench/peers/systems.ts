/** What the benchmark compares: Sunwi and its peers, each behind the same call. */
import type { Page } from "@playwright/test";
import type { ScoringTask, SystemChoice, TimedRun } from "../../page/speed-task.ts";
import { PLACES, type BenchSite } from "./bench-site.ts";
import { openNativePeer } from "./native-peer.ts";

export const PEERS = ["transformers.js", "onnxruntime-node"] as const;
export type Peer = (typeof PEERS)[number];
export type BenchDevice = "wasm" | "webgpu";

/** One row of the table. */
export interface BenchSystem {
  /** Also the key of its ratios. */
  readonly name: string;
  /** Whether it has the same weights, so that its logits can be held against the reference's. */
  readonly isPlain: boolean;
  /** Takes part in so many rounds only, for it is slow and no peer that anyone would choose. @default all */
  readonly rounds?: number;
  time(tasks: readonly ScoringTask[]): Promise<TimedRun>;
  close(): Promise<void>;
}

/** A system in a page, as it is opened there. */
export interface PageSystem {
  readonly name: string;
  readonly isPlain: boolean;
  readonly rounds?: number;
  readonly choice: SystemChoice;
}

export const OURS = "sunwi";

/** transformers.js calls an export's precision its dtype; on a GPU its default is fp32, in WASM q8. */
export function pageSystems(
  site: BenchSite,
  device: BenchDevice,
  threads: number,
  peers: readonly Peer[],
): PageSystem[] {
  const ours = (name: string, folder: string, isPlain: boolean): PageSystem => ({
    name,
    isPlain,
    choice: { type: "sunwi", modelUrl: `${site.url}${folder}`, device, threads },
  });
  const peer = (name: string, dtype: string): PageSystem => ({
    name,
    isPlain: true,
    choice: {
      type: "transformers.js",
      vendorUrl: `${site.url}${PLACES.vendor}`,
      hubUrl: `${site.url}${PLACES.hub}`,
      model: PLACES.peerModel,
      ...{ dtype, device, threads },
    },
  });
  const theirs =
    device === "wasm"
      ? [peer("transformers.js", "q8"), { ...peer("transformers.js fp32", "fp32"), rounds: 2 }]
      : [peer("transformers.js", "fp32")];
  return [
    ours(OURS, PLACES.plain, true),
    ...(peers.includes("transformers.js") ? theirs : []),
    ours("sunwi-mini", PLACES.mini, false),
  ];
}

/** Opens it in the page, which is then ready. */
export async function openInPage(
  page: Page,
  { name, isPlain, rounds, choice }: PageSystem,
  first: ScoringTask,
): Promise<BenchSystem> {
  await page.evaluate(([key, which, task]) => window.sunwi.openSystem(key, which, task), [
    name,
    choice,
    first,
  ] as const);
  return {
    name,
    isPlain,
    ...(rounds !== undefined && { rounds }),
    time: (tasks) => page.evaluate(([key, all]) => window.sunwi.timeSystem(key, all), [name, tasks] as const),
    close: () => page.evaluate((key) => window.sunwi.closeSystem(key), name),
  };
}

export async function openNative(site: BenchSite, device: BenchDevice, threads: number): Promise<BenchSystem> {
  return { name: "onnxruntime-node", isPlain: true, ...(await openNativePeer(site.plainFolder, device, threads)) };
}
