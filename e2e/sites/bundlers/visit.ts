/** A page of a scratch project, opened in a real Chromium: what it ranked, and what was fetched for that. */
import { chromium, type Browser, type Page } from "@playwright/test";
import { chromiumArgs, ensureChromium } from "../../chromium.ts";

export interface Visit {
  readonly ranked: Ranked | { readonly error: string };
  /** All that was asked for, by page and workers, each once. */
  readonly urls: readonly string[];
  /** Scripts of the workers, in the order in which they started. */
  readonly workers: readonly string[];
  /** What the console said of errors. */
  readonly complaints: readonly string[];
}

interface Ranked {
  readonly results: readonly { readonly index: number; readonly logit: number }[];
  readonly isIsolated: boolean;
}

/** Resolves no name but the loopback's, so that nothing can leave this machine. */
export function launchOffline(): Promise<Browser> {
  const rules = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost";
  return chromium.launch({
    executablePath: ensureChromium(),
    args: [...chromiumArgs("none"), `--host-resolver-rules=${rules}`],
  });
}

/** Opens a page with empty caches. It leaves its call's promise in `globalThis.reranked`. */
export async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext();
  const urls = new Set<string>();
  const workers: string[] = [];
  const complaints: string[] = [];
  context.on("request", (request) => urls.add(request.url()));
  context.on("console", (message) => {
    if (message.type() === "error" && !message.location().url.endsWith("/favicon.ico")) complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  try {
    const page = await context.newPage();
    page.on("worker", (worker) => workers.push(worker.url()));
    await page.goto(url);
    const ranked = await rankedBy(page);
    return { ranked, urls: [...urls].filter((one) => !one.endsWith("/favicon.ico")), workers, complaints };
  } finally {
    await context.close();
  }
}

async function rankedBy(page: Page): Promise<Visit["ranked"]> {
  try {
    await page.waitForFunction(() => "reranked" in globalThis, undefined, { timeout: 20_000 });
    return await page.evaluate(async () => {
      const { reranked } = globalThis as unknown as { reranked: Promise<Pick<Ranked, "results">> };
      const tooLate = new Promise<never>((_, reject) => {
        setTimeout(() => {
          reject(new Error("no answer within 90 s"));
        }, 90_000);
      });
      const { results } = await Promise.race([reranked, tooLate]);
      return {
        results: results.map(({ index, logit }) => ({ index, logit })),
        isIsolated: crossOriginIsolated,
      };
    });
  } catch (error) {
    return { error: String(error).split("\n")[0] ?? "" };
  }
}
