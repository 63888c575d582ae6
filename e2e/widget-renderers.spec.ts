/** `<sunwi-rerank>` over lists that a renderer keeps: it moves and reuses results by what it remembers, not by what is shown. */
import { dirname } from "node:path";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import { TESTED_PACKAGE } from "./build-for-tests.ts";
import { expect, test } from "./fixtures.ts";
import { eventsOf, hostSite, orderOf, PAGES } from "./host-site.ts";

const QUERY = "며칠 걸려요 환불";
const LIT_HTML = dirname(createRequire(import.meta.url).resolve("lit-html"));

type Serve = Parameters<Parameters<typeof test>[2]>[0]["serve"];

/** @param render a script of the page that sets `globalThis.show`, which takes ids in the page's order */
async function open(page: Page, serve: Serve, render: string): Promise<void> {
  const { url } = await serve({
    roots: [TESTED_PACKAGE, LIT_HTML],
    intercept: hostSite({ attributes: 'budget="60000" blend="none"' }),
  });
  await page.goto(url);
  await page.addScriptTag({
    type: "module",
    content: `
      const texts = new Map(${JSON.stringify(PAGES.map(({ id, title, text }) => [id, `${title} ${text}`]))});
      const list = document.querySelector("#results");
      const fill = (item, id) => {
        item.id = id;
        if (!item.firstChild) item.append(document.createElement("p"));
        item.firstChild.textContent = texts.get(id);
        return item;
      };
      ${render}
      globalThis.search = () => {};
      globalThis.isReady = true;`,
  });
  await page.waitForFunction(() => (globalThis as unknown as { isReady?: boolean }).isReady);
}

async function show(page: Page, query: string, ids: readonly string[]): Promise<void> {
  await page.getByRole("searchbox").fill(query);
  await page.evaluate((shown) => {
    (globalThis as unknown as { show: (ids: readonly string[]) => void }).show(shown);
  }, ids);
}

const rerankings = async (page: Page) => (await eventsOf(page)).filter(({ name }) => name === "sunwi-reranked");

/** As Vue, React and Svelte do: from the end, each new or moved item before the one that it remembers behind it. */
const KEYED = `
  let kept = new Map();
  let order = [];
  globalThis.show = (ids) => {
    for (const id of order) if (!ids.includes(id)) kept.get(id).remove(), kept.delete(id);
    const rest = order.filter((id) => ids.includes(id));
    let next = null;
    for (const id of [...ids].reverse()) {
      const isInPlace = kept.has(id) && rest.at(-1) === id;
      if (isInPlace) rest.pop();
      else if (rest.includes(id)) rest.splice(rest.indexOf(id), 1);
      if (!kept.has(id)) kept.set(id, fill(document.createElement("li"), id));
      if (!isInPlace) list.insertBefore(kept.get(id), next);
      next = kept.get(id);
    }
    order = ids;
  };`;

/** Results have no identity: the n-th element shows the n-th result. */
const BY_PLACE = `
  const items = [];
  globalThis.show = (ids) => {
    while (items.length > ids.length) items.pop().remove();
    for (const [at, id] of ids.entries()) {
      items[at] ??= list.appendChild(document.createElement("li"));
      fill(items[at], id);
    }
  };`;

const LIT = `
  import { html, render } from "./lit-html.js";
  import { repeat } from "./directives/repeat.js";
  globalThis.show = (ids) => render(repeat(ids, (id) => id, (id) => html\`
    <li id=\${id}><p>\${texts.get(id)}</p></li>\`), list);`;

for (const [name, render] of Object.entries({ "by keys": KEYED, "by place": BY_PLACE, "by Lit": LIT })) {
  test(`results kept ${name}: each search's own order is seen, and its own results`, async ({ page, serve }) => {
    await open(page, serve, render);
    // Each keeps some of the results before it, in another order.
    const searches = [
      ["p1", "p2", "p3", "p4", "p5", "p6"],
      ["p6", "p1", "p9", "p3", "p2", "p8"],
      ["p8", "p3", "p6", "p2"],
      ["p2", "p8", "p3", "p6", "p10", "p1", "p7"],
    ];
    for (const [nth, ids] of searches.entries()) {
      await show(page, `${QUERY} ${String(nth)}`, ids);
      // Before the browser paints.
      expect(await orderOf(page)).toEqual(ids);
      await expect.poll(async () => (await rerankings(page)).length).toBe(nth + 1);
      const event = (await rerankings(page))[nth];
      expect(event?.applied).toBe(true);
      expect(await orderOf(page)).not.toEqual(ids);
      expect([...(await orderOf(page))].sort()).toEqual([...ids].sort());
      expect((await orderOf(page))[0]).toBe("p3");
    }
    await page.evaluate(() => {
      document.querySelector("sunwi-rerank")?.remove();
    });
    expect(await orderOf(page)).toEqual(searches.at(-1));
  });

  test(`results kept ${name}: more of them are added while the new order stands`, async ({ page, serve }) => {
    await open(page, serve, render);
    await show(page, QUERY, ["p1", "p2", "p3", "p4"]);
    await expect.poll(async () => (await rerankings(page)).length).toBe(1);
    const first = await orderOf(page);
    await page.evaluate(() => {
      (globalThis as unknown as { show: (ids: string[]) => void }).show(["p1", "p2", "p3", "p4", "p5", "p6", "p7"]);
    });
    if (name !== "by place") expect(await orderOf(page)).toEqual([...first, "p5", "p6", "p7"]);
    await expect.poll(async () => (await rerankings(page)).length).toBe(2);
    expect([...(await orderOf(page))].sort()).toEqual(["p1", "p2", "p3", "p4", "p5", "p6", "p7"]);
    expect((await orderOf(page))[0]).toBe("p3");
    await page.getByRole("button", { name: "원래 순서 보기" }).click();
    expect(await orderOf(page)).toEqual(["p1", "p2", "p3", "p4", "p5", "p6", "p7"]);
  });
}

test("another query that finds the same results is reranked for, though the page leaves its list", async ({
  page,
  serve,
}) => {
  await open(page, serve, KEYED);
  const ids = ["p1", "p2", "p3", "p10"];
  await show(page, QUERY, ids);
  await expect.poll(async () => (await orderOf(page))[0]).toBe("p3");
  await show(page, "상담 전화 시간", ids);
  await expect.poll(async () => (await orderOf(page))[0]).toBe("p10");
});
