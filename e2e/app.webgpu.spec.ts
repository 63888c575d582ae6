/** The app once through WebGPU, by Chromium's software adapter: few and short texts, for it is slow. */
import { drop, before, panel, rerankedStatus, search } from "./app-page.ts";
import { TESTED_APP } from "./build-for-tests.ts";
import { expect, test } from "./fixtures.ts";

const TINY_CSV = [
  "question,answer,doc_id,doc",
  "배송 조회,,d1,배송 조회 방법",
  "배송 환불,,d2,환불 안내",
  ",,d3,배송 안내",
].join("\n");

test.beforeEach(async ({ page, serve }) => {
  const { url } = await serve({ roots: [TESTED_APP] });
  await page.goto(url);
  await page.getByRole("combobox", { name: "실행 장치" }).selectOption("webgpu");
  await expect(panel(page, "모델")).toContainText("준비됨", { timeout: 90_000 });
  await expect(panel(page, "모델")).toContainText("WebGPU");
});

test("two passages are scored on WebGPU, and the page says that the adapter is software", async ({ page }) => {
  await expect(panel(page, "모델")).toContainText("GPU를 CPU로 흉내");
  await page.getByRole("link", { name: "문단 점수" }).click();
  await page.getByRole("textbox", { name: "질문" }).fill("배송 조회");
  await page.getByRole("textbox", { name: "문단 1" }).fill("가게 소개");
  await page.getByRole("textbox", { name: "문단 2" }).fill("배송 조회 방법");
  await page.getByRole("button", { name: "삭제: 문단 3" }).click();
  await page.getByRole("button", { name: "점수 매기기" }).click();
  const rows = page.getByRole("row");
  await expect(rows).toHaveCount(3);
  await expect(rows.nth(1)).toContainText("배송 조회 방법");
});

test("a dropped CSV is searched and evaluated on WebGPU, and a broken one changes nothing", async ({ page }) => {
  await drop(page, "tiny.csv", TINY_CSV);
  await expect(panel(page, "데이터")).toContainText("tiny.csv");
  await search(page, "배송 조회");
  await expect(rerankedStatus(page)).toBeVisible();

  await page.getByRole("button", { name: "평가 실행" }).click();
  const table = panel(page, "평가").getByRole("table");
  await expect(table.getByRole("row")).toHaveCount(4);
  await expect(table).toContainText("WebGPU");

  await drop(page, "wrong.csv", "이름,나이\n철수,3\n");
  await expect(panel(page, "데이터")).toContainText("지금 쓰던 데이터는 그대로입니다");
  await expect(panel(page, "데이터")).toContainText("tiny.csv");
});

test("an evaluation of the bundled CSV on WebGPU can be stopped", async ({ page }) => {
  await page.getByRole("spinbutton", { name: "질문마다 후보 수" }).fill("1");
  await page.getByRole("button", { name: "평가 실행" }).click();
  await expect(panel(page, "평가")).toContainText(/[1-9]\d* \/ 189/, { timeout: 60_000 });
  await page.getByRole("button", { name: "중지" }).click();
  await expect(panel(page, "평가")).toContainText("평가를 멈췄습니다");
  await search(page, "휴대폰 결제");
  await expect(before(page).getByRole("listitem").first()).toBeVisible();
});
