import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { drop, rerankedStatus } from "./app-page.ts";
import { TESTED_APP } from "./build-for-tests.ts";
import { expect, test } from "./fixtures.ts";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds serious or critical, as "rule: element". */
async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
}

for (const [name, viewport, colorScheme] of [
  ["desktop, light", { width: 1280, height: 900 }, "light"],
  ["phone, dark", { width: 390, height: 844 }, "dark"],
] as const) {
  test(`axe finds nothing serious: ${name}`, async ({ browser, serve }) => {
    const { url } = await serve({ roots: [TESTED_APP] });
    const page = await browser.newPage({ viewport, colorScheme, locale: "ko-KR", reducedMotion: "reduce" });
    await page.goto(url);
    await expect(page.getByRole("group", { name: "예시 질문" })).toBeVisible();
    expect(await seriousFindings(page)).toEqual([]);

    await page.getByRole("group", { name: "예시 질문" }).getByRole("button").first().click();
    await expect(rerankedStatus(page)).toBeAttached();
    expect(await seriousFindings(page)).toEqual([]);
    // Nothing may stick out sideways.
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);

    await page.getByRole("link", { name: "문단 점수" }).click();
    await page.getByRole("button", { name: "점수 매기기" }).click();
    await expect(page.getByRole("row")).toHaveCount(4);
    expect(await seriousFindings(page)).toEqual([]);

    const panelLink = page.getByRole("link", { name: "데이터", exact: true });
    if (await panelLink.isVisible()) await panelLink.click();
    await page.locator("input[type=file]").setInputFiles({
      name: "wrong.csv",
      mimeType: "text/csv",
      buffer: Buffer.from("이름,나이\n철수,3\n"),
    });
    await expect(page.getByText("지금 쓰던 데이터는 그대로입니다")).toBeVisible();
    expect(await seriousFindings(page)).toEqual([]);

    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await page.close();
  });
}

test("in English, whose words are longer, nothing sticks out sideways on a phone", async ({ browser, serve }) => {
  const { url } = await serve({ roots: [TESTED_APP] });
  const page = await browser.newPage({ viewport: { width: 390, height: 844 }, locale: "ko-KR" });
  const overhang = (): Promise<number> =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await page.goto(url);
  await page.getByRole("button", { name: "English" }).click();
  expect(await overhang()).toBeLessThanOrEqual(0);
  await page.getByRole("link", { name: "Score" }).click();
  expect(await overhang()).toBeLessThanOrEqual(0);
  await page.getByRole("link", { name: "Data", exact: true }).click();
  await expect(page.getByRole("button", { name: "Evaluate on this data" })).toBeVisible();
  expect(await overhang()).toBeLessThanOrEqual(0);
  await page.getByRole("link", { name: "Workbench" }).click();
  await expect(page.locator("sunwi-workbench").getByText("help-centre-ko.csv", { exact: true })).toBeVisible();
  // The visual viewport grows with what sticks out, so its width counts too.
  expect(await page.evaluate(() => document.body.scrollWidth)).toBeLessThanOrEqual(390);
  expect(await overhang()).toBeLessThanOrEqual(0);
  await page.close();
});

for (const [name, viewport] of [
  ["desktop", { width: 1280, height: 900 }],
  ["phone", { width: 390, height: 844 }],
] as const) {
  test(`axe finds nothing serious in the workbench: ${name}`, async ({ browser, serve }) => {
    const { url } = await serve({ roots: [TESTED_APP] });
    const page = await browser.newPage({ viewport, locale: "ko-KR", reducedMotion: "reduce" });
    const violations: string[] = [];
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) violations.push(message.text());
    });
    await page.goto(`${url}#workbench`);
    await expect(page.locator("sunwi-workbench").getByText("help-centre-ko.csv", { exact: true })).toBeVisible();
    const rows = ["a,환불 언제,d1,배송 안내,0", "a,환불 언제,d2,환불은 사흘 안에 됩니다,1"];
    await drop(page, "judged.csv", ["query_id,query,doc_id,document,relevance", ...rows].join("\n"));
    await expect(page.getByRole("group", { name: "‘judged.csv’ 미리 보기" })).toBeVisible();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole("button", { name: "이 데이터 쓰기" }).click();
    await page.getByRole("button", { name: "비교 시작" }).click();
    await expect(page.getByRole("region", { name: "결과" }).getByRole("table").first()).toBeVisible();
    await page.getByRole("button", { name: /환불 언제/ }).click();
    await expect(page.locator(".orders")).toBeVisible();
    expect(await seriousFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    expect(violations).toEqual([]);
    await page.close();
  });
}
