/** The evaluation workbench as an engineer meets it: any data, a verdict, and the reasons for it. */
import type { Download, Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { drop } from "./app-page.ts";
import { TESTED_APP } from "./build-for-tests.ts";
import { expect, test as base } from "./fixtures.ts";

const test = base.extend<{ workbench: Page }>({
  workbench: async ({ page, serve }, use) => {
    const { url } = await serve({ roots: [TESTED_APP] });
    await page.goto(`${url}#workbench`);
    await expect(page.locator("sunwi-workbench").getByText("help-centre-ko.csv", { exact: true })).toBeVisible();
    await use(page);
  },
});

const JUDGED = [
  "query_id,query,doc_id,document,relevance,score",
  "a,환불은 언제 되나요,d1,배송 조회 방법을 안내합니다.,0,3",
  "a,환불은 언제 되나요,d2,환불은 신청하고 사흘 안에 됩니다.,2,2",
  "a,환불은 언제 되나요,d3,회원 등급 안내입니다.,0,1",
  "b,비밀번호를 잊었어요,d4,비밀번호를 다시 정하는 방법입니다.,1,9",
  "b,비밀번호를 잊었어요,d1,배송 조회 방법을 안내합니다.,0,8",
  "c,배터리 보관,d5,겨울에는 배터리를 실내에 두세요.,1,5",
  "c,배터리 보관,d3,회원 등급 안내입니다.,0,4",
].join("\n");

async function useJudged(page: Page): Promise<void> {
  await drop(page, "judged.csv", JUDGED);
  await expect(page.getByRole("heading", { name: "‘judged.csv’ 미리 보기" })).toBeVisible();
  await page.getByRole("button", { name: "이 데이터 쓰기" }).click();
  await expect(page.getByRole("status").filter({ hasText: "judged.csv" })).toBeVisible();
}

const result = (page: Page) => page.getByRole("region", { name: "결과" });

async function compare(page: Page): Promise<void> {
  await page.getByRole("button", { name: "비교 시작" }).click();
  await expect(result(page).getByRole("table").first()).toBeVisible();
}

async function saved(page: Page, button: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("group", { name: "내보내기" }).getByRole("button", { name: button }).click(),
  ]);
  return await readFile(await (download satisfies Download).path(), "utf8");
}

test("shows what it recognised before anything runs, and takes another meaning of a column", async ({ workbench }) => {
  await drop(
    workbench,
    "mine.csv",
    "물어본 것,글\n환불은 언제 되나요,환불은 사흘 안에 됩니다.\n배송 조회,배송 조회 방법\n",
  );
  const preview = workbench.getByRole("group", { name: "‘mine.csv’ 미리 보기" });
  await expect(preview).toContainText("이 열이 무엇인지 골라 주세요: 질문, 문서.");
  await expect(preview.getByRole("button", { name: "이 데이터 쓰기" })).toBeDisabled();
  await preview.getByLabel("‘물어본 것’ 열의 뜻").selectOption({ label: "질문" });
  await preview.getByLabel("‘글’ 열의 뜻").selectOption({ label: "문서" });
  await expect(preview).toContainText("행 2개를 ‘질문과 그 답이 있는 문서’로 읽습니다.");
  await preview.getByRole("button", { name: "이 데이터 쓰기" }).click();
  await expect(workbench.getByRole("status").filter({ hasText: "mine.csv" })).toBeVisible();
});

test("compares on the file's own order, says what it means, and opens a question", async ({ workbench }) => {
  await useJudged(workbench);
  await compare(workbench);
  const table = result(workbench).getByRole("table").first();
  await expect(table.getByRole("row")).toHaveCount(4);
  await expect(table.getByRole("row").nth(1)).toContainText("리랭킹 없음 — 파일의 순서");
  // (1/2 + 1 + 1) / 3
  await expect(table.getByRole("row").nth(1)).toContainText("0.833");
  await expect(result(workbench).locator(".workbench-verdict")).toContainText("아직 알 수 없습니다");

  const question = workbench.getByRole("button", { name: /환불은 언제 되나요/ });
  await question.click();
  await expect(question).toHaveAttribute("aria-expanded", "true");
  await expect(workbench.locator(".orders li.right").first()).toContainText("환불은 신청하고 사흘 안에 됩니다.");
  await expect(workbench.locator(".orders mark").first()).toBeVisible();
});

test("another metric needs no other scoring", async ({ workbench }) => {
  await useJudged(workbench);
  await compare(workbench);
  await workbench.getByLabel("기준 지표").selectOption("nDCG@10");
  await expect(result(workbench).getByRole("table").first()).toContainText("nDCG@10 차이");
});

test("measures by the origin's protocol as well, with its claims beside", async ({ workbench }) => {
  await useJudged(workbench);
  await workbench.getByLabel("원본 프로젝트(ko-reranker)의 절차로도 재기").check();
  await compare(workbench);
  const table = workbench.getByRole("region", { name: "원본 프로젝트의 절차로 잰 값" }).getByRole("table").first();
  await expect(table.getByRole("row")).toHaveCount(4);
  await expect(table.getByRole("row").nth(1)).toContainText(/조각 6개\s*1\.000/);
  await expect(result(workbench).first()).toContainText("ko-reranker, 9개에서 6개: 원본의 주장");
  expect(await saved(workbench, "Markdown")).toContain("조각 9개 모두 (원본 표에 없는 줄)");
});

test("takes the report along in every form", async ({ workbench }) => {
  await useJudged(workbench);
  await compare(workbench);
  expect(await saved(workbench, "Markdown")).toContain("| 리랭킹 없음 — 파일의 순서 | 0.833 |");
  expect(await saved(workbench, "CSV")).toContain("No reranking — the file’s own order");
  const json = JSON.parse(await saved(workbench, "JSON")) as {
    receipt: { dataset: { hash: string }; models: readonly unknown[]; version: string };
  };
  expect(json.receipt.dataset.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(json.receipt.models).toHaveLength(1);
  const html = await saved(workbench, "HTML");
  expect(html).toContain("<svg");
  expect(html).not.toContain("<script");
  expect(await saved(workbench, "TREC run")).toMatch(/^a Q0 d1 1 3 /);
});

test("goes on after a reload without scoring anything twice", async ({ workbench }) => {
  const questions = Array.from(
    { length: 24 },
    (_, at) => `질문 ${String(at)} 환불,${"환불 안내입니다. ".repeat(40)}${String(at)}`,
  );
  await drop(workbench, "long.csv", ["question,document", ...questions].join("\n"));
  await workbench.getByRole("button", { name: "이 데이터 쓰기" }).click();
  await workbench.getByRole("button", { name: "비교 시작" }).click();
  await expect(workbench.locator(".workbench-form ~ .progress-line")).toContainText(/[1-9]\d* \/ 24/);
  await workbench.reload();
  await expect(workbench.getByText("‘long.csv’ 평가가 끝나기 전에")).toBeVisible();
  await workbench.getByRole("button", { name: "이어서 하기" }).click();
  await expect(workbench.locator(".workbench-form ~ .progress-line")).toContainText("전에 채점한 질문");
  await expect(result(workbench).getByRole("table").first()).toBeVisible();
  await expect(workbench.getByText("‘long.csv’ 평가가 끝나기 전에")).toHaveCount(0);
});

test("can be paused, and goes on from there", async ({ workbench }) => {
  await workbench.getByRole("button", { name: "비교 시작" }).click();
  await expect(workbench.locator(".workbench-form ~ .progress-line")).toContainText(/[1-9]\d* \/ 189/);
  await workbench.getByRole("button", { name: "잠시 멈추기" }).click();
  await expect(workbench.getByText("멈췄습니다. 채점한 만큼은 남아 있어서")).toBeVisible();
  await workbench.getByRole("button", { name: "이어서 하기" }).click();
  await expect(workbench.locator(".workbench-form ~ .progress-line")).toContainText("전에 채점한 질문");
});

test("keeps earlier comparisons", async ({ workbench }) => {
  await useJudged(workbench);
  await compare(workbench);
  await workbench.reload();
  const earlier = workbench.getByRole("region", { name: "지난 비교" });
  await earlier
    .getByRole("button", { name: /judged.csv/ })
    .first()
    .click();
  await expect(result(workbench).getByRole("table").first()).toContainText("0.833");
  await earlier.getByRole("button", { name: "‘judged.csv’ 비교 지우기" }).click();
  await expect(earlier).toHaveCount(0);
});

test("refuses what it cannot read in words, and keeps the data in use", async ({ workbench }) => {
  await drop(workbench, "nothing.csv", "");
  await expect(workbench.getByRole("alert")).toContainText("‘nothing.csv’ 파일을 읽지 못했습니다");
  await expect(workbench.getByText("지금 쓰던 데이터는 그대로입니다.")).toBeVisible();
  await expect(workbench.locator("sunwi-workbench").getByText("help-centre-ko.csv", { exact: true })).toBeVisible();
});
