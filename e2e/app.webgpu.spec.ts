/** The app once through WebGPU, by Chromium's software adapter: two short passages, for it is slow. */
import { TESTED_APP } from "./build-for-tests.ts";
import { expect, test } from "./fixtures.ts";

test("two passages are scored on WebGPU, and the page says that the adapter is software", async ({ page, serve }) => {
  const { url } = await serve({ roots: [TESTED_APP] });
  await page.goto(url);
  await page.getByRole("combobox", { name: "실행 장치" }).selectOption("webgpu");
  const model = page.getByRole("region", { name: "모델", exact: true });
  await expect(model).toContainText("준비됨", { timeout: 90_000 });
  await expect(model).toContainText("WebGPU");
  await expect(model).toContainText("GPU를 CPU로 흉내");
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
