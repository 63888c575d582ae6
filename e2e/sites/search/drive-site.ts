/** Puts questions to a site in a real browser, without Sunwi, with it, and with a model that cannot be had. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "@playwright/test";
import { serveStatic, type StaticServer } from "../../static-server.ts";
import type { Question } from "./help-pages.ts";
import { listed, MARKUP_PLACE, quiet, type SearchSite, type Way } from "./search-site.ts";

/** Where a site and what it is served with lie. */
export interface SiteFolders {
  readonly site: string;
  /** Holds the package as "sunwi/". */
  readonly vendor: string;
}

export type Order = readonly string[];

export interface Reordered {
  readonly query: string;
  readonly page: string;
  /** The list as the site shows it without Sunwi. */
  readonly before: Order;
  readonly after: Order;
  /** From the list's appearance or the adapter's call to the new order; where there was one. */
  readonly ms: number | undefined;
  /** What should not be so. */
  readonly problems: readonly string[];
}

/** What element and adapters told. */
interface Told {
  readonly name: string;
  readonly query?: string;
  readonly ms?: number;
  readonly applied?: boolean;
  readonly before?: Order;
  readonly after?: Order;
  readonly code?: string;
  readonly reason?: string;
}

const TOLD_WITHIN_MS = 60_000;
const SETTLED_MS = 150;

/** The site's own order of each question. */
export async function askPlain(
  browser: Browser,
  site: SearchSite,
  folders: SiteFolders,
  questions: readonly Question[],
) {
  return await withPage(browser, site, folders, {}, async (page, url) => {
    const orders: Order[] = [];
    for (const { query } of questions) {
      await site.ask(page, url, query);
      orders.push(await listed(page, site));
    }
    return orders;
  });
}

/** All questions, one after the other in one page, as a visitor would. */
export async function askReranked(
  browser: Browser,
  site: SearchSite,
  folders: SiteFolders,
  {
    way,
    questions,
    own,
  }: { readonly way: Way; readonly questions: readonly Question[]; readonly own: readonly Order[] },
): Promise<readonly Reordered[]> {
  return await withPage(browser, site, folders, { way }, async (page, url) => {
    const answers: Reordered[] = [];
    for (const [at, { query, page: right }] of questions.entries()) {
      const before = own[at] ?? [];
      const asked = await site.ask(page, url, query);
      const told = before.length < 2 ? undefined : await toldOf(page, asked);
      await quiet(page, SETTLED_MS);
      const last = before.length < 2 ? told : await toldOf(page, asked);
      const after = await listed(page, site);
      const problems = problemsOf({ way, before, after, told: last });
      answers.push({ query, page: right, before, after, ms: told?.ms, problems });
    }
    return answers;
  });
}

function problemsOf({
  way,
  before,
  after,
  told,
}: {
  readonly way: Way;
  readonly before: Order;
  readonly after: Order;
  readonly told: Told | undefined;
}): readonly string[] {
  const found = [
    isSame([...before].sort(), [...after].sort()) || "the list does not hold the same results",
    told?.code === undefined || `failed with ${told.code}`,
    before.length < 2 || told?.applied === true || "no new order was shown",
    way.type === "adapter" || told === undefined || isSame(before, told.before) || "the site's own order was not seen",
    way.type === "adapter" || told === undefined || isSame(after, told.after) || "the list is not in the told order",
  ];
  return found.filter((problem) => typeof problem === "string");
}

function isSame(one: Order, other: Order | undefined): boolean {
  return one.join() === other?.join();
}

/** With a model that answers 404. @returns what should not be so */
export async function askWithoutModel(
  browser: Browser,
  site: SearchSite,
  folders: SiteFolders,
  {
    way,
    questions,
    own,
  }: { readonly way: Way; readonly questions: readonly Question[]; readonly own: readonly Order[] },
): Promise<readonly string[]> {
  return await withPage(browser, site, folders, { way, hasModel: false }, async (page, url) => {
    const problems: string[] = [];
    const some = [...questions.entries()].filter(([at]) => (own[at]?.length ?? 0) >= 2).slice(0, 3);
    for (const [nth, [at, { query }]] of some.entries()) {
      await site.ask(page, url, query);
      const isTold = await toldErrors(page, site.isReloaded ? 1 : nth + 1);
      await quiet(page, SETTLED_MS);
      const after = await listed(page, site);
      if (!isTold) problems.push(`${query}: no error was told`);
      if (!isSame(after, own[at])) problems.push(`${query}: the list was changed`);
    }
    return problems;
  });
}

async function withPage<T>(
  browser: Browser,
  site: SearchSite,
  folders: SiteFolders,
  { way, hasModel = true }: { readonly way?: Way; readonly hasModel?: boolean },
  act: (page: Page, url: string) => Promise<T>,
): Promise<T> {
  const server = await serve(site, folders, way, hasModel);
  const context = await browser.newContext({ locale: "ko-KR" });
  const elsewhere: string[] = [];
  context.on("request", (request) => {
    const url = request.url();
    if (/^(https?|wss?):/.test(url) && !url.startsWith(server.url)) elsewhere.push(url);
  });
  try {
    // What tsx puts around functions that have a name.
    await context.addInitScript({ content: "globalThis.__name = (named) => named;" });
    await context.addInitScript(listen);
    const page = await context.newPage();
    const path = way?.type === "adapter" ? way.path : "";
    await site.open(page, `${server.url}${path}`);
    const answer = await act(page, server.url);
    if (elsewhere.length > 0) throw new Error(`Asked of other hosts: ${elsewhere.join(", ")}`);
    return answer;
  } finally {
    await context.close();
    await server.close();
  }
}

async function serve(
  site: SearchSite,
  folders: SiteFolders,
  way: Way | undefined,
  hasModel: boolean,
): Promise<StaticServer> {
  const markup = way?.type === "markup" ? markupOf(way.attributes) : "";
  const overlay = `${folders.site}-with-element`;
  if (markup !== "") await writeOverlay(folders.site, overlay, markup);
  const answer = site.answer?.(markup);
  return await serveStatic({
    roots: [...(markup === "" ? [] : [overlay]), folders.site, folders.vendor],
    // As most hosts are: one thread.
    isolated: false,
    intercept: (request, response) => {
      if (!hasModel && request.url?.startsWith("/sunwi/models/") === true) {
        response.writeHead(404).end();
        return true;
      }
      return answer?.(request, response) === true;
    },
  });
}

/** All that an owner adds. */
function markupOf(attributes: string): string {
  return `<script type="module" src="/sunwi/element.js"></script>
<sunwi-rerank ${attributes} budget="60000"></sunwi-rerank>`;
}

/** The site's first page once more, with the element in it; a site whose server writes its pages has none. */
async function writeOverlay(site: string, overlay: string, markup: string): Promise<void> {
  await mkdir(overlay, { recursive: true });
  const html = await readFile(join(site, "index.html"), "utf8").catch(() => undefined);
  if (html === undefined) return;
  const place = html.includes(MARKUP_PLACE) ? MARKUP_PLACE : "</body>";
  await writeFile(join(overlay, "index.html"), html.replace(place, place === MARKUP_PLACE ? markup : markup + place));
}

/** Runs in the page before anything of the site's. */
function listen(): void {
  const told: Told[] = [];
  (globalThis as unknown as { told: Told[] }).told = told;
  const idOf = (item: Element): string => /[a-z]+-\d{3}/.exec(item.innerHTML)?.[0] ?? "";
  for (const name of ["sunwi-reranked", "sunwi-error", "sunwi-off"] as const) {
    document.addEventListener(name, (event) => {
      const { detail } = event as CustomEvent<{
        readonly query: string;
        readonly ms: number;
        readonly applied: boolean;
        readonly before?: readonly Element[];
        readonly after?: readonly Element[];
        readonly error?: { readonly code: string };
        readonly reason?: string;
      }>;
      const { query, ms, applied, before, after, error, reason } = detail;
      told.push({
        name,
        query,
        ms,
        applied,
        ...(before && { before: before.map(idOf) }),
        ...(after && { after: after.map(idOf) }),
        ...(error && { code: error.code }),
        ...(reason !== undefined && { reason }),
      });
    });
  }
}

/** What was told last of a query; undefined where nothing is told in time. */
async function toldOf(page: Page, query: string): Promise<Told | undefined> {
  const handle = await page
    .waitForFunction(
      (asked) =>
        (globalThis as unknown as { told: Told[] }).told.findLast(
          (one) => one.query === asked || one.code !== undefined,
        ),
      query.trim(),
      { timeout: TOLD_WITHIN_MS, polling: 50 },
    )
    .catch(() => undefined);
  if (handle === undefined) return undefined;
  return (await handle.evaluate((one) => {
    // An adapter's hits are the site's own business.
    const { name, ms, applied, code, before, after } = one as Told;
    return { name, ms, applied, code, ...(typeof before?.[0] === "string" && { before, after }) };
  })) as Told;
}

async function toldErrors(page: Page, count: number): Promise<boolean> {
  return await page
    .waitForFunction(
      (least) =>
        (globalThis as unknown as { told: Told[] }).told.filter(({ code }) => code !== undefined).length >= least,
      count,
      { timeout: TOLD_WITHIN_MS, polling: 50 },
    )
    .then(() => true)
    .catch(() => false);
}
