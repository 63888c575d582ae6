/** `<sunwi-rerank>` on a site of its own, with the real package, worker and model. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import { recogniseColumns } from "../src/eval/columns.ts";
import { readCsvTable } from "../src/eval/csv-table.ts";
import { readTableDataset } from "../src/eval/table-dataset.ts";
import { TESTED_PACKAGE } from "./build-for-tests.ts";
import { expect, test } from "./fixtures.ts";
import { eventsOf, hostSite, orderOf, PAGES, type HostOptions } from "./host-site.ts";
import type { Interceptor } from "./static-server.ts";

/** The page lists all results in its own order for it, of which the third is right. */
const QUERY = "며칠 걸려요 환불";
const SLOW = 'budget="60000" blend="none"';
const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const ALL = PAGES.map(({ id }) => id);

type Serve = Parameters<Parameters<typeof test>[2]>[0]["serve"];

async function open(
  page: Page,
  serve: Serve,
  options: HostOptions = {},
  { path = "", intercept }: { readonly path?: string; readonly intercept?: Interceptor } = {},
): Promise<string> {
  const site = hostSite({ ...options, attributes: options.attributes ?? SLOW });
  const { url } = await serve({
    roots: [TESTED_PACKAGE],
    intercept: (request, response) => site(request, response) || intercept?.(request, response) === true,
  });
  await page.goto(`${url}${path}`);
  return url;
}

async function searched(page: Page, query = QUERY): Promise<void> {
  await page.getByRole("searchbox").fill(query);
}

const reranked = (page: Page, count = 1) =>
  expect
    .poll(async () => (await eventsOf(page)).filter(({ name }) => name === "sunwi-reranked").length)
    .toBeGreaterThanOrEqual(count);

test("shows the page's own order first, then a better one, and the way back", async ({ page, serve }) => {
  await open(page, serve);
  await searched(page);
  expect(await orderOf(page)).toEqual(ALL);
  await reranked(page);
  const [event] = await eventsOf(page);
  expect(event).toMatchObject({ applied: true, before: ALL });
  expect(event?.after?.[0]).toBe("p3");
  expect(await orderOf(page)).toEqual(event?.after);
  await expect(page.getByRole("status")).toHaveText("결과 10개의 순서를 다시 정했습니다.");

  await page.getByRole("button", { name: "원래 순서 보기" }).click();
  expect(await orderOf(page)).toEqual(ALL);
  await page.getByRole("button", { name: "다시 정한 순서 보기" }).click();
  expect(await orderOf(page)).toEqual(event?.after);
});

test("nothing is loaded before the search box is used, and the worker starts with it", async ({ page, serve }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await open(page, serve);
  await page.waitForTimeout(500);
  // The element's own script and what it imports at once; no library, worker, runtime or model.
  expect(asked).toContain("/element.js");
  expect(asked.filter((path) => /^\/(index|scoring-worker)|models|runtime|package-/.test(path))).toEqual([]);
  await page.getByRole("searchbox").focus();
  await expect.poll(() => asked).toContain("/models/mini/manifest.json");
});

test("a page that was searched on the server is reranked as it opens", async ({ page, serve }) => {
  await open(page, serve, { attributes: `${SLOW} query-from="?q"` }, { path: `?q=${encodeURIComponent(QUERY)}` });
  await reranked(page);
  expect((await orderOf(page))[0]).toBe("p3");
});

test("results in an open shadow root are found and reordered", async ({ page, serve }) => {
  await open(page, serve, { inShadow: true });
  await searched(page);
  await reranked(page);
  expect((await orderOf(page))[0]).toBe("p3");
});

test("what the page renders anew is reranked anew, without a loop, and typing on cancels", async ({ page, serve }) => {
  await open(page, serve);
  await searched(page);
  await reranked(page);
  await searched(page, "상담");
  await searched(page, "상담 전화 시간");
  await expect.poll(async () => (await orderOf(page))[0]).toBe("p10");
  await page.waitForTimeout(500);
  const events = await eventsOf(page);
  expect(events.length).toBeLessThanOrEqual(3);
  expect(events.every(({ name }) => name === "sunwi-reranked")).toBe(true);
});

test("results that are added below keep the rest in place, and only the first ones move", async ({ page, serve }) => {
  await open(page, serve, { attributes: `${SLOW} top="4"` });
  await searched(page);
  await reranked(page);
  const order = await orderOf(page);
  expect([...order].slice(4)).toEqual(ALL.slice(4));
  await page.evaluate(() => {
    const item = document.createElement("li");
    item.id = "late";
    item.textContent = "나중에 온 결과";
    document.querySelector("#results")?.append(item);
  });
  await page.waitForTimeout(300);
  expect(await orderOf(page)).toEqual([...order, "late"]);
  expect(await eventsOf(page)).toHaveLength(1);
});

test("a new order that comes too late is told and not shown, unless it was asked for", async ({ page, serve }) => {
  await open(page, serve, { attributes: 'budget="1" blend="none"' });
  await searched(page);
  await reranked(page);
  expect(await eventsOf(page)).toMatchObject([{ applied: false }]);
  expect(await orderOf(page)).toEqual(ALL);
  await page.evaluate(() => {
    localStorage.clear();
    document.querySelector("sunwi-rerank")?.setAttribute("late", "apply");
  });
  await searched(page, "며칠 뒤 환불");
  await expect.poll(async () => (await orderOf(page))[0]).toBe("p3");
});

test("a device that is too slow for the budget is remembered, and loads nothing any more", async ({ page, serve }) => {
  await open(page, serve, { attributes: 'budget="1"' });
  await searched(page);
  await reranked(page);
  const asked: string[] = [];
  await page.reload();
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await searched(page);
  await expect.poll(() => eventsOf(page)).toMatchObject([{ name: "sunwi-off", reason: "slow" }]);
  expect(asked.filter((path) => path.includes("models"))).toEqual([]);
  expect(await orderOf(page)).toEqual(ALL);
});

test("focus, a selection and the scroll position outlive the move", async ({ page, serve }) => {
  await open(page, serve);
  await searched(page);
  await page.getByRole("link", { name: "회원 등급" }).focus();
  await page.evaluate(() => {
    const text = document.querySelector("#p4 p")?.firstChild;
    if (text) document.getSelection()?.setBaseAndExtent(text, 0, text, 4);
  });
  const top = () => page.evaluate(() => document.querySelector("#p4")?.getBoundingClientRect().top ?? 0);
  await page.evaluate(() => (document.body.style.minHeight = "4000px"));
  const before = await top();
  await reranked(page);
  await expect(page.getByRole("link", { name: "회원 등급" })).toBeFocused();
  expect(await page.evaluate(() => document.getSelection()?.toString())).toBe("여섯 달");
  expect(Math.abs((await top()) - before)).toBeLessThan(120);
});

for (const [reducedMotion, slides] of [
  ["no-preference", true],
  ["reduce", false],
] as const) {
  test(`results ${slides ? "slide" : "do not slide"} to their places with ${reducedMotion}`, async ({
    page,
    serve,
  }) => {
    await page.emulateMedia({ reducedMotion });
    await open(page, serve);
    await page.evaluate(() => {
      document.addEventListener("sunwi-reranked", () => {
        const items = Array.from(document.querySelectorAll("#results > *"));
        const count = items.filter((item) => item.getAnimations().length > 0).length;
        document.documentElement.dataset["sliding"] = String(count);
      });
    });
    await searched(page);
    await reranked(page);
    const sliding = Number(await page.evaluate(() => document.documentElement.dataset["sliding"]));
    expect(sliding > 0).toBe(slides);
  });
}

test("taking the element away puts everything back", async ({ page, serve }) => {
  await open(page, serve, { attributes: `${SLOW} show-rank` });
  await searched(page);
  await reranked(page);
  await expect(page.locator("#p3")).toHaveAttribute("data-sunwi-rank", "3");
  await page.evaluate(() => document.querySelector("sunwi-rerank")?.remove());
  expect(await orderOf(page)).toEqual(ALL);
  await expect(page.locator("[data-sunwi-rank]")).toHaveCount(0);
});

test("asks before a download over the limit, and remembers the answer", async ({ page, serve }) => {
  const url = await open(page, serve, { attributes: `${SLOW} consent="1MB"` });
  await searched(page);
  const question = page.getByText("9.2MB를 한 번 내려받습니다");
  await expect(question).toBeVisible();
  expect(await orderOf(page)).toEqual(ALL);
  await page.getByRole("button", { name: "괜찮습니다" }).click();
  await expect.poll(() => eventsOf(page)).toMatchObject([{ name: "sunwi-off", reason: "declined" }]);
  await page.evaluate(() => {
    localStorage.clear();
  });
  await page.goto(url);
  await searched(page);
  await page.getByRole("button", { name: "내려받기" }).click();
  await expect.poll(async () => (await orderOf(page))[0]).toBe("p3");
  await expect(question).toHaveCount(0);
});

test("wrong attributes are told to the owner, and the list stays", async ({ page, serve }) => {
  const told: string[] = [];
  page.on("console", (message) => told.push(message.text()));
  await open(page, serve, { attributes: 'top="many"' });
  await searched(page);
  await expect.poll(() => told.join("\n")).toContain('"top" takes a whole number from 2 to 200');
  expect(await orderOf(page)).toEqual(ALL);
});

test("an owner marks right results while searching, and takes them to the evaluation", async ({ page, serve }) => {
  await open(page, serve, { attributes: `${SLOW} judge` });
  await searched(page);
  await reranked(page);
  // The page's own order, whatever the list shows now.
  const boxes = page.getByRole("checkbox");
  await expect(boxes).toHaveCount(10);
  await page.getByRole("checkbox", { name: "환불은 언제 되나요" }).check();
  await searched(page, "상담 전화 시간");
  await reranked(page, 2);
  await page.getByRole("checkbox", { name: "고객 센터" }).check();
  await expect(page.getByText("정답을 표시한 검색어 2개")).toBeVisible();
  await page.reload();
  await searched(page);
  await expect(page.getByRole("checkbox", { name: "환불은 언제 되나요" })).toBeChecked();

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "평가용 CSV 내려받기" }).click(),
  ]);
  const table = readCsvTable(readFileSync(await download.path(), "utf8"), "judged.csv");
  const { dataset, problems } = readTableDataset(table, recogniseColumns(table.columns));
  expect(problems).toEqual([]);
  expect(dataset.questions.map(({ text }) => text)).toEqual([QUERY, "상담 전화 시간"]);
  expect([...(dataset.qrels.get("q1") ?? [])].filter(([, grade]) => grade > 0)).toEqual([["/#p3", 1]]);
  expect(dataset.candidates?.get("q1")?.map(({ documentId }) => documentId)).toEqual(ALL.map((id) => `/#${id}`));
});

for (const lang of ["ko", "en"] as const) {
  test(`axe finds nothing serious in the element, and its button works by keyboard: ${lang}`, async ({
    page,
    serve,
  }) => {
    await open(page, serve, { attributes: `${SLOW} judge lang="${lang}"` });
    await searched(page);
    await reranked(page);
    await page.evaluate(readFileSync(axePath, "utf8"));
    const { violations } = await page.evaluate<{
      violations: { id: string; impact: string; nodes: { target: unknown }[] }[];
    }>("axe.run('sunwi-rerank')");
    expect(violations.filter(({ impact }) => impact === "serious" || impact === "critical")).toEqual([]);
    await page.getByRole("button", { name: lang === "ko" ? "원래 순서 보기" : "Show the original order" }).focus();
    await page.keyboard.press("Enter");
    expect(await orderOf(page)).toEqual(ALL);
  });
}
