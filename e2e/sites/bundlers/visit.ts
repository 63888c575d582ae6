/** A page of a scratch project, opened in a real Chromium: what it ranked, and what it fetched for that. */
import { chromium, type Browser } from "@playwright/test";
import { chromiumArgs, ensureChromium } from "../../chromium.ts";

export interface Visit {
  /** What the page's call answered, or why it did not. */
  readonly outcome: Outcome;
  /** All that was asked for, by page and workers, each once. */
  readonly urls: readonly string[];
  /** What the console said of errors. */
  readonly complaints: readonly string[];
}

type Outcome =
  | { readonly results: readonly { readonly index: number; readonly logit: number }[]; readonly isolated: boolean }
  | { readonly error: string };

/** Resolves no name but the loopback's, so that nothing can leave this machine unseen. */
export function launchOffline(): Promise<Browser> {
  const rules = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost";
  return chromium.launch({
    executablePath: ensureChromium(),
    args: [...chromiumArgs("none"), `--host-resolver-rules=${rules}`],
  });
}

/** Opens a page with empty caches, which leaves its call's promise in `globalThis.reranked`. */
export async function visit(browser: Browser, url: string, limitMs = 60_000): Promise<Visit> {
  const context = await browser.newContext();
  const urls = new Set<string>();
  const complaints: string[] = [];
  context.on("request", (request) => urls.add(request.url()));
  context.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  try {
    const page = await context.newPage();
    await page.goto(url);
    await page.waitForFunction(() => "reranked" in globalThis, undefined, { timeout: limitMs });
    const outcome = await page.evaluate(async (): Promise<Outcome> => {
      const { reranked } = globalThis as unknown as {
        reranked: Promise<{ results: { index: number; logit: number }[] }>;
      };
      try {
        const { results } = await reranked;
        return { results, isolated: crossOriginIsolated };
      } catch (error) {
        return { error: String(error) };
      }
    });
    return { outcome, urls: [...urls], complaints };
  } finally {
    await context.close();
  }
}
