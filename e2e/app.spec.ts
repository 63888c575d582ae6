/** The app as a visitor meets it: built, served over HTTP, in a real Chromium, with the embedded model. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FileChooser, Locator, Page } from "@playwright/test";
import { after, before, drop, panel, rerankedStatus, search } from "./app-page.ts";
import { TESTED_APP } from "./build-for-tests.ts";
import { PROJECT_ROOT } from "./build-page.ts";
import { expect, test as base } from "./fixtures.ts";

const test = base.extend<{ app: Page }>({
  app: async ({ page, serve }, use) => {
    const { url } = await serve({ roots: [TESTED_APP] });
    await page.goto(url);
    await use(page);
  },
});

const QUERY = "환불언제들어와여";
const SMALL_CSV = [
  "question,answer,doc_id,doc",
  '배터리는 어떻게 보관하나요?,실내에 둡니다,d1,"배터리 보관\n겨울에는 배터리를 실내에 보관하세요."',
  "환불은 언제 되나요?,사흘,d2,환불 안내. 환불은 사흘 안에 됩니다.",
  "비밀번호를 잊었어요,재설정,d3,비밀번호 재설정 방법 안내입니다.",
  ",,d4,배송 조회 방법 안내입니다.",
  "문서가 없는 질문,,d5,",
  "",
].join("\r\n");

test("a search shows the first stage's order at once and the reranked one beside it", async ({ app }) => {
  await search(app, "환불 안 되는 상품");
  await expect(before(app).getByRole("listitem").first()).toBeVisible();
  await expect(rerankedStatus(app)).toBeVisible();
  const count = await before(app).getByRole("listitem").count();
  expect(count).toBeGreaterThan(1);
  await expect(after(app).getByRole("listitem")).toHaveCount(count);
  // Title and text of each document, without ranks and scores.
  const titles = async (list: Locator): Promise<(string | null)[]> =>
    Promise.all(
      (await list.getByRole("listitem").all()).map((item) => item.getByRole("paragraph").first().textContent()),
    );
  expect((await titles(after(app))).sort()).toEqual((await titles(before(app))).sort());
  await expect(after(app)).toContainText("로짓");
});

test("the first stage answers while the model is still on its way, and the rest follows", async ({ page, serve }) => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const weights = readFileSync(join(PROJECT_ROOT, "public/models/mini/wasm.bin"));
  const { url } = await serve({
    roots: [TESTED_APP],
    intercept: (request, response) => {
      if (!(request.url ?? "").endsWith("/wasm.bin")) return false;
      void held.then(() => response.end(weights));
      return true;
    },
  });
  await page.goto(url);
  await search(page, "환불 언제");
  await expect(before(page).getByRole("listitem").first()).toBeVisible();
  await expect(panel(page, "모델")).toContainText("내려받는 중");
  await expect(after(page)).toContainText("아직 1차 검색 순서입니다");
  release();
  await expect(rerankedStatus(page)).toBeVisible();
});

test("typing on goes with the newest query only", async ({ app }) => {
  const box = app.getByRole("searchbox", { name: "검색어" });
  for (const query of ["환불", "환불 배송", "배송 조회 안 됨"]) {
    await box.fill(query);
    await app.waitForTimeout(400);
  }
  await expect(rerankedStatus(app)).toBeVisible();
  await expect(box).toHaveValue("배송 조회 안 됨");
  await expect(app.getByRole("alert")).toHaveCount(0);
});

test("an example question is one click away", async ({ app }) => {
  const example = app.getByRole("group", { name: "예시 질문" }).getByRole("button").first();
  const text = await example.innerText();
  await example.click();
  await expect(app.getByRole("searchbox", { name: "검색어" })).toHaveValue(text);
  await expect(before(app).getByRole("listitem").first()).toBeVisible();
});

test("blending can be switched off, which changes the order's scores", async ({ app }) => {
  await search(app, QUERY);
  const blend = app.getByRole("checkbox", { name: "1차 검색 점수 함께 쓰기(혼합)" });
  await expect(blend).toBeEnabled();
  await expect(blend).toBeChecked();
  await expect(after(app)).toContainText("혼합");
  await blend.uncheck();
  await expect(after(app).getByRole("listitem").first()).not.toContainText("혼합");
  const logits = await after(app).getByRole("listitem").allInnerTexts();
  const values = logits.map((text) => Number(/로짓\s*(-?[\d.]+)/.exec(text.replace("−", "-"))?.[1]));
  expect(values).toEqual([...values].sort((a, b) => b - a));
});

test("one question is scored against a few passages", async ({ app }) => {
  await app.getByRole("link", { name: "문단 점수" }).click();
  await app.getByRole("button", { name: "점수 매기기" }).click();
  const rows = app.getByRole("row");
  await expect(rows).toHaveCount(4);
  await expect(rows.nth(1)).toContainText(/-?\d+\.\d+/);
  await app.getByRole("button", { name: "문단 추가" }).click();
  await app.getByRole("textbox", { name: "문단 4" }).fill("배터리를 실내에서 보관하는 방법");
  await app.getByRole("button", { name: "점수 매기기" }).click();
  await expect(rows).toHaveCount(5);
});

test("a dropped CSV becomes the data for the search, its bad row listed, and goes on to the workbench", async ({
  app,
}) => {
  await drop(app, "shop.csv", SMALL_CSV);
  const data = panel(app, "데이터");
  await expect(data).toContainText("shop.csv");
  await expect(data).toContainText("1 / 5");
  await data.getByText("살펴볼 행 1개").click();
  await expect(data).toContainText("7행");
  await search(app, "배터리 보관");
  await expect(before(app).getByRole("listitem").first()).toContainText("배터리 보관");
  await data.getByRole("button", { name: "이 데이터로 평가하기" }).click();
  await expect(app.getByRole("group", { name: "‘shop.csv’ 미리 보기" })).toBeVisible();
  await app.getByRole("link", { name: "문서 검색" }).click();
  await data.getByRole("button", { name: "예시 데이터로 돌아가기" }).click();
  await expect(data).toContainText("help-centre-ko.csv");
});

test("a table whose columns say nothing is shown in the workbench, where they can be named", async ({ app }) => {
  await drop(app, "names.csv", "가,나\n환불 언제,환불은 사흘 안에 됩니다\n");
  const data = panel(app, "데이터");
  await expect(data).toContainText("지금 쓰던 데이터는 그대로입니다");
  await data.getByRole("button", { name: "작업대에서 열 지정하기" }).click();
  await expect(app.getByRole("group", { name: "‘names.csv’ 미리 보기" })).toBeVisible();
});

test("a file that brings its candidates is searched by its own questions", async ({ app }) => {
  const rows = ["a,환불 언제,d1,배송 안내,0", "a,환불 언제,d2,환불은 사흘 안에 됩니다,1"];
  await drop(app, "judged.csv", ["query_id,query,doc_id,document,relevance", ...rows].join("\n"));
  await expect(panel(app, "데이터")).toContainText("judged.csv");
  await search(app, "환불 언제");
  await expect(before(app).getByRole("listitem")).toHaveCount(2);
  await expect(before(app).getByRole("listitem").first()).toContainText("배송 안내");
  await search(app, "배송");
  await expect(app.getByText("파일에 있는 질문만 찾을 수 있습니다")).toBeVisible();
});

test("a CSV in CP949 is read as what it is", async ({ app }) => {
  // "question,answer,doc_id,doc" and one row with "질문", "답", "문서" in CP949, from Python.
  const row = Buffer.from([0xc1, 0xfa, 0xb9, 0xae, 0x2c, 0xb4, 0xe4, 0x2c, 0x64, 0x31, 0x2c, 0xb9, 0xae, 0xbc, 0xad]);
  await drop(app, "cp949.csv", Buffer.concat([Buffer.from("question,answer,doc_id,doc\r\n"), row]));
  await expect(panel(app, "데이터")).toContainText(/CP949|EUC-KR/);
  await search(app, "문서");
  await expect(before(app).getByRole("listitem").first()).toContainText("문서");
});

test("a broken CSV is refused with what was expected and found, and the data stays", async ({ app }) => {
  await expect(panel(app, "데이터")).toContainText("help-centre-ko.csv");
  await drop(app, "wrong.csv", "이름,나이\n철수,3\n");
  const data = panel(app, "데이터");
  await expect(data).toContainText("첫 줄에서 필요한 열 이름을 찾지 못했습니다");
  await expect(data).toContainText("이름,나이");
  await expect(data).toContainText("지금 쓰던 데이터는 그대로입니다");
  await search(app, QUERY);
  await expect(before(app).getByRole("listitem").first()).toBeVisible();
});

test("a file is chosen by keyboard alone", async ({ app }) => {
  await expect(panel(app, "데이터")).toContainText("help-centre-ko.csv");
  const button = app.getByRole("button", { name: "파일 고르기" });
  await button.focus();
  let chooser: FileChooser | undefined;
  app.on("filechooser", (opened) => (chooser = opened));
  // A busy headless Chromium now and then opens no dialog; whoever sits there presses again. Losing the focus is a fault.
  await expect(async () => {
    await expect(button).toBeFocused({ timeout: 100 });
    await app.keyboard.press("Enter");
    await expect.poll(() => chooser, { timeout: 10_000 }).toBeDefined();
  }).toPass({ timeout: 60_000 });
  await chooser?.setFiles({ name: "chosen.csv", mimeType: "text/csv", buffer: Buffer.from(SMALL_CSV) });
  await expect(panel(app, "데이터")).toContainText("chosen.csv");
});

test("the page speaks English on request, and remembers it", async ({ app }) => {
  await app.getByRole("button", { name: "English" }).click();
  await expect(app.locator("html")).toHaveAttribute("lang", "en");
  await expect(app.getByRole("button", { name: "Search", exact: true })).toBeVisible();
  await app.reload();
  await expect(app.getByRole("button", { name: "Search", exact: true })).toBeVisible();
});

test("under a sub-path, without special headers, it works on one thread and says so", async ({ page, serve }) => {
  const { url, requests } = await serve({ roots: [TESTED_APP], basePath: "/docs/sunwi/", isolated: false });
  await page.goto(url);
  await search(page, QUERY);
  await expect(rerankedStatus(page)).toBeVisible();
  await expect(panel(page, "모델")).toContainText("스레드 하나");
  expect(requests.filter((path) => !path.startsWith("/docs/sunwi/") && path !== "/favicon.ico")).toEqual([]);
});

test("nothing is asked of any other host", async ({ page, serve }) => {
  const { url } = await serve({ roots: [TESTED_APP] });
  const hosts = new Set<string>();
  page.context().on("request", (request) => hosts.add(new URL(request.url()).host));
  await page.goto(url);
  await search(page, QUERY);
  await expect(rerankedStatus(page)).toBeVisible();
  expect([...hosts].filter((host) => host !== "")).toEqual([new URL(url).host]);
});
