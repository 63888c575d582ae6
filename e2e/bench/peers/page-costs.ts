/** What a system costs beside scoring: its start, its bytes, its memory, and the page's thread. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "@playwright/test";
import { chromiumArgs, ensureChromium, launchChromium, type GpuMode } from "../../chromium.ts";
import type { ScoringTask } from "../../page/speed-task.ts";
import { tabMemory } from "../process-memory.ts";
import type { BenchSite } from "./bench-site.ts";
import { median } from "./speed-rounds.ts";
import { openInPage, type PageSystem } from "./systems.ts";
import type { WorkloadSource } from "./workloads.ts";

export interface PageCosts {
  /** Milliseconds to a first score, with nothing stored. */
  readonly coldMs: number;
  /** The same in a page that is opened again, with all that the browser kept; the median. */
  readonly warmMs: number;
  /** Bytes sent for the cold start, uncompressed: model, runtime and scripts. */
  readonly downloadBytes: number;
  /** Peak of the tab's process after two bulk tasks; undefined where the system does not tell. */
  readonly memoryBytes: number | undefined;
  /** Longest task on the page's thread while 200 documents are scored; 0 where none took 50 ms. */
  readonly longestTaskMs: number;
}

const WARM_STARTS = 3;

export async function measureCosts(system: PageSystem, site: BenchSite, source: WorkloadSource): Promise<PageCosts> {
  const [first] = source.tasks("latency", 1000, 1);
  if (first === undefined) throw new Error("the sample has no question");
  const onePair = { query: first.query, documents: first.documents.slice(0, 1) };
  return { ...(await measureStarts(system, site, onePair)), ...(await measureWork(system, site, source, onePair)) };
}

/** In a profile of its own on disk, as a visitor has one: private windows keep no compiled code. */
async function measureStarts(
  { name, choice }: PageSystem,
  site: BenchSite,
  onePair: ScoringTask,
): Promise<Pick<PageCosts, "coldMs" | "warmMs" | "downloadBytes">> {
  const profile = await mkdtemp(join(tmpdir(), "sunwi-profile-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: ensureChromium(),
    args: chromiumArgs(gpuOf(choice.device)),
  });
  const start = async (): Promise<number> => {
    const page = await openPage(context, site);
    const ms = await page.evaluate(([key, which, task]) => window.sunwi.openSystem(key, which, task), [
      name,
      choice,
      onePair,
    ] as const);
    // Compiled code is written down some time after it was used.
    await page.waitForTimeout(1500);
    await page.close();
    return ms;
  };
  try {
    const sentBefore = site.sentBytes();
    const coldMs = await start();
    const downloadBytes = site.sentBytes() - sentBefore;
    await start();
    const warm: number[] = [];
    for (let at = 0; at < WARM_STARTS; at += 1) warm.push(await start());
    return { coldMs, warmMs: median(warm), downloadBytes };
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  }
}

async function measureWork(
  system: PageSystem,
  site: BenchSite,
  source: WorkloadSource,
  onePair: ScoringTask,
): Promise<Pick<PageCosts, "memoryBytes" | "longestTaskMs">> {
  const browser = await launchChromium(gpuOf(system.choice.device));
  try {
    const page = await openPage(await browser.newContext(), site);
    page.setDefaultTimeout(0);
    await openInPage(page, system, onePair);
    const bulk = [1001, 1002].flatMap((round) => source.tasks("bulk", round, 1));
    const longestTaskMs = await page.evaluate(([name, tasks]) => window.sunwi.longestTask(name, tasks), [
      system.name,
      bulk,
    ] as const);
    const { rendererPeakBytes } = await tabMemory(browser);
    return { memoryBytes: rendererPeakBytes, longestTaskMs };
  } finally {
    await browser.close();
  }
}

async function openPage(context: BrowserContext, site: BenchSite): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site.url);
  await page.waitForFunction(() => "sunwi" in window);
  return page;
}

function gpuOf(device: string): GpuMode {
  return device === "webgpu" ? "gpu" : "none";
}
