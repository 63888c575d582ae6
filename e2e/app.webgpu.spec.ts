/** The app once through WebGPU, by Chromium's software adapter: few and short texts, for it is slow. */
import { drop, panel, rerankedStatus, search } from "./app-page.ts";
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

  await drop(page, "wrong.csv", "이름,나이\n철수,3\n");
  await expect(panel(page, "데이터")).toContainText("지금 쓰던 데이터는 그대로입니다");
  await expect(panel(page, "데이터")).toContainText("tiny.csv");

  await drop(page, "tiny.csv", TINY_CSV);
  await panel(page, "데이터").getByRole("button", { name: "이 데이터로 평가하기" }).click();
  await page.getByRole("button", { name: "이 데이터 쓰기" }).click();
  await page.getByRole("button", { name: "비교 시작" }).click();
  const table = page.getByRole("region", { name: "결과" }).getByRole("table").first();
  await expect(table.getByRole("row")).toHaveCount(4, { timeout: 60_000 });
  await expect(table).toContainText("WebGPU");
});
