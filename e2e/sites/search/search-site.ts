/** What a site is to `run.ts`, and what the sites have in common. */
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { Interceptor } from "../../static-server.ts";
import { HELP_PAGES, type HelpPage } from "./help-pages.ts";

export const SITES_FOLDER = import.meta.dirname;
export const SITES_MODULES = join(SITES_FOLDER, "node_modules");

/** Where a page wants the element. */
export const MARKUP_PLACE = "<!-- sunwi -->";

/** A site with a search of its own. */
export interface SearchSite {
  readonly name: string;
  /** Writes its files. */
  build(folder: string): Promise<void>;
  /** What a server of its own answers, with `markup` where its pages are to have it. */
  readonly answer?: (markup: string) => Interceptor;
  /** Brings the page to where a visitor types. */
  open(page: Page, url: string): Promise<void>;
  /** Asks, and waits until the site shows what it found. Answers the query as the site took it. */
  ask(page: Page, url: string, query: string): Promise<string>;
  /** Whether each question opens a document of its own. */
  readonly isReloaded?: boolean;
  /** Selector of a result; each links to its page. */
  readonly result: string;
  /** Ways to a better order that are tried on it. */
  readonly ways: readonly Way[];
}

export type Way =
  /** `<sunwi-rerank>` with these attributes, in the place of `MARKUP_PLACE`, or at the page's end. */
  | {
      readonly type: "markup";
      readonly name: string;
      readonly attributes: string;
      /** What the visitor has chosen before, in the page's local storage. */
      readonly storage?: Readonly<Record<string, string>>;
    }
  /** Another page of the site, whose script uses an adapter. */
  | { readonly type: "adapter"; readonly name: string; readonly path: string };

/** Ids of the pages that the list links to, as it stands. */
export function listed(page: Page, { result }: Pick<SearchSite, "result">): Promise<readonly string[]> {
  return page.evaluate(
    (selector) =>
      Array.from(document.querySelectorAll(selector), (item) => /[a-z]+-\d{3}/.exec(item.innerHTML)?.[0] ?? ""),
    result,
  );
}

/** Waits until the page has not changed for a while. */
export async function quiet(page: Page, ms: number): Promise<void> {
  await page.evaluate(
    (quietMs) =>
      new Promise<void>((resolve) => {
        let timer = setTimeout(done, quietMs);
        const observer = new MutationObserver(() => {
          clearTimeout(timer);
          timer = setTimeout(done, quietMs);
        });
        observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
        function done(): void {
          observer.disconnect();
          resolve();
        }
      }),
    ms,
  );
}

/** Waits for the name that our own pages give to what they show. */
export async function shown(page: Page, query: string): Promise<void> {
  await page.waitForFunction((asked) => document.documentElement.dataset["shown"] === asked, query);
}

/** The help pages as files, and whatever is copied from this folder or from the sites' packages. */
export async function writeSite(
  folder: string,
  {
    documents = documentHtml,
    copies = {},
  }: {
    readonly documents?: (page: HelpPage) => string;
    /** By the name in the site. */
    readonly copies?: Readonly<Record<string, string>>;
  } = {},
): Promise<void> {
  await mkdir(join(folder, "docs"), { recursive: true });
  for (const page of HELP_PAGES) await writeFile(join(folder, "docs", `${page.id}.html`), documents(page));
  for (const [name, from] of Object.entries(copies)) await cp(from, join(folder, name), { recursive: true });
}

export function documentHtml({ title, body }: HelpPage): string {
  const lines = body.split("\n").filter((line) => line !== "");
  const text = lines.map((line) => `<p>${escapeHtml(line)}</p>`).join("\n");
  return htmlPage(title, `<main data-pagefind-body><h1>${escapeHtml(title)}</h1>\n${text}</main>`);
}

export function htmlPage(title: string, body: string): string {
  return `<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body>${body}</body></html>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${String(sign.charCodeAt(0))};`);
}

/** Words without punctuation, in lower case. */
export function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
