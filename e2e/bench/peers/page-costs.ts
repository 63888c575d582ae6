/** What a system costs beside scoring: its start, its bytes, its memory, and the page's thread. */
import { launchChromium } from "../../chromium.ts";
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

const WARM_STARTS = 5;

/** In a browser of its own. */
export async function measureCosts(system: PageSystem, site: BenchSite, source: WorkloadSource): Promise<PageCosts> {
  const browser = await launchChromium(system.choice.device === "webgpu" ? "gpu" : "none");
  try {
    const context = await browser.newContext();
    const [first] = source.tasks("latency", 1000, 1);
    if (first === undefined) throw new Error("the sample has no question");
    const onePair = { query: first.query, documents: first.documents.slice(0, 1) };
    const start = async (): Promise<{ readonly ms: number; readonly finish: () => Promise<void> }> => {
      const page = await context.newPage();
      await page.goto(site.url);
      await page.waitForFunction(() => "sunwi" in window);
      const ms = await page.evaluate(([name, choice, task]) => window.sunwi.openSystem(name, choice, task), [
        system.name,
        system.choice,
        onePair,
      ] as const);
      return { ms, finish: () => page.close() };
    };
    const sentBefore = site.sentBytes();
    const cold = await start();
    const downloadBytes = site.sentBytes() - sentBefore;
    await cold.finish();
    const warm: number[] = [];
    for (let at = 0; at < WARM_STARTS; at += 1) {
      const one = await start();
      warm.push(one.ms);
      await one.finish();
    }
    const page = await context.newPage();
    await page.goto(site.url);
    await page.waitForFunction(() => "sunwi" in window);
    await openInPage(page, system, onePair);
    const bulk = [1001, 1002].flatMap((round) => source.tasks("bulk", round, 1));
    const longestTaskMs = await page.evaluate(([name, tasks]) => window.sunwi.longestTask(name, tasks), [
      system.name,
      bulk,
    ] as const);
    const { rendererPeakBytes } = await tabMemory(browser);
    return { coldMs: cold.ms, warmMs: median(warm), downloadBytes, memoryBytes: rendererPeakBytes, longestTaskMs };
  } finally {
    await browser.close();
  }
}
