/** The embed view: options, a live sample site, and the HTML to take along. */
import { TESTED_APP } from "./build-for-tests.ts";
import { drop, panel } from "./app-page.ts";
import { expect, test } from "./fixtures.ts";

test("options change the code and the sample site, which is reranked live", async ({ page, serve }) => {
  const { url } = await serve({ roots: [TESTED_APP] });
  await page.goto(`${url}#embed`);
  const code = page.locator("pre", { hasText: "<sunwi-rerank" });
  await expect(code).toHaveText(/for="#results" query-from="#search"><\/sunwi-rerank>/);
  await page.getByLabel("결과 목록").fill(".hits");
  await page.getByLabel("다시 매길 결과 수").fill("5");
  await page.getByLabel("기다릴 시간(ms)").fill("60000");
  await page.getByLabel("원래 순위를 알 수 있게 표시하기").check();
  await expect(code).toHaveText(/for="\.hits" query-from="#search" top="5" budget="60000" show-rank>/);

  const site = panel(page, "예시 사이트에서 보기");
  await site.getByLabel("사이트 검색").fill("환불 언제 되나요");
  await expect(site.getByRole("status")).toHaveText("결과 5개의 순서를 다시 정했습니다.");
  await expect(site.locator("[data-sunwi-rank]")).toHaveCount(5);
  await site.getByLabel("사이트 검색").fill("비밀번호를 잊었어요");
  await expect(site.locator("ol > li").first()).toContainText("비밀번호");
  await expect(site.getByRole("status")).toHaveText("결과 5개의 순서를 다시 정했습니다.");

  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "복사", exact: true }).click();
  await expect(page.getByText("복사했습니다.")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('<sunwi-rerank for=".hits"');
});

test("what the workbench measured becomes the element's options", async ({ page, serve }) => {
  const { url } = await serve({ roots: [TESTED_APP] });
  await page.goto(`${url}#workbench`);
  await expect(page.locator("sunwi-workbench").getByText("help-centre-ko.csv", { exact: true })).toBeVisible();
  await drop(page, "shop.csv", "question,answer,doc_id,doc\n환불,,d1,환불 안내\n배송,,d2,배송과 환불 안내\n");
  await page.getByRole("button", { name: "이 데이터 쓰기" }).click();
  await page.getByLabel("질문마다 후보 수").selectOption("10");
  await page.getByRole("button", { name: "비교 시작" }).click();
  await page.getByRole("link", { name: "이 설정으로 사이트에 달기" }).click();
  await expect(page.locator("pre", { hasText: "<sunwi-rerank" })).toHaveText(/device="wasm" top="10" budget="\d+"/);
});
