/** Puts questions to a site in a real browser, without Sunwi, with it, and with a model that cannot be had. */
import type { Browser, Page } from "@playwright/test";
import type { Question } from "./help-pages.ts";
import { listed, quiet, type SearchSite, type Way } from "./search-site.ts";
import { withPage, type Order, type SiteFolders, type Told } from "./served-site.ts";

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

const TOLD_WITHIN_MS = 60_000;
const SETTLED_MS = 100;

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
    let [lastAsked, from] = ["", 0];
    for (const [at, { query, page: right }] of questions.entries()) {
      const before = own[at] ?? [];
      const toldSoFar = site.isReloaded ? 0 : await countTold(page);
      const asked = await site.ask(page, url, query);
      // What is asked twice in a row is searched for once.
      if (asked !== lastAsked) from = toldSoFar;
      lastAsked = asked;
      const isTold = before.length >= 2 && (await toldOf(page, asked, from)) !== undefined;
      await quiet(page, SETTLED_MS);
      const told = isTold ? await toldOf(page, asked, from) : undefined;
      const after = await listed(page, site);
      const problems = problemsOf({ before, after, told });
      answers.push({ query, page: right, before, after, ms: told?.ms, problems });
    }
    return answers;
  });
}

function problemsOf({
  before,
  after,
  told,
}: {
  readonly before: Order;
  readonly after: Order;
  readonly told: Told | undefined;
}): readonly string[] {
  const found = [
    isSame([...before].sort(), [...after].sort()) || "the list does not hold the same results",
    told?.code === undefined || `failed with ${told.code}`,
    before.length < 2 || told?.applied === true || "no new order was shown",
    isToldOrder(before, told?.before) || "the site's own order was not seen",
    isToldOrder(after, told?.after) || "the list is not in the order that was told",
  ];
  return found.filter((problem) => typeof problem === "string");
}

/** True also where nothing was told, which is a problem of its own, and of an adapter's hits, which are not elements. */
function isToldOrder(order: Order, told: Order | undefined): boolean {
  return told === undefined || isSame(order, told);
}

function isSame(one: Order, other: Order): boolean {
  return one.join() === other.join();
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
      if (!isSame(after, own[at] ?? [])) problems.push(`${query}: the list was changed`);
    }
    return problems;
  });
}

function countTold(page: Page): Promise<number> {
  return page.evaluate(() => (globalThis as unknown as { told: Told[] }).told.length);
}

/** What was told last of a query, so much having been told before; undefined where nothing is told in time. */
async function toldOf(page: Page, query: string, from: number): Promise<Told | undefined> {
  const handle = await page
    .waitForFunction(
      ([asked, after]) => {
        const told = (globalThis as unknown as { told: Told[] }).told.slice(after);
        return told.findLast((one) => one.query === asked || one.code !== undefined);
      },
      [query.trim(), from] as const,
      { timeout: TOLD_WITHIN_MS, polling: 50 },
    )
    .catch(() => undefined);
  return await handle?.evaluate((one) => {
    const { name, ms, applied, code, before, after } = one ?? { name: "" };
    // What an adapter tells of are whole hits.
    return { name, ms, applied, code, ...(typeof before?.[0] === "string" && { before, after }) } as Told;
  });
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
