/** The models view as a visitor meets it: with a real store, a real second package and a real host for it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { card, drop, dropPaths, panel, rerankedStatus, search } from "./app-page.ts";
import { parseManifest, type ModelManifest } from "../src/model/manifest.ts";
import { PROJECT_ROOT } from "./build-page.ts";
import { TESTED_APP } from "./build-for-tests.ts";
import { expect, test as base } from "./fixtures.ts";
import { TWIN_NAME, twinFiles, TwinHost } from "./twin-package.ts";

const PARAMETERS = readManifest().architecture.parameters;

interface Opened {
  readonly page: Page;
  readonly host: TwinHost;
  readonly url: string;
}

const test = base.extend<{ opened: Opened }>({
  opened: async ({ page, serve }, use) => {
    const host = new TwinHost();
    const { url } = await serve({ roots: [TESTED_APP], intercept: host.intercept });
    await page.goto(`${url}#models`);
    await expect(card(page, "Sunwi mini")).toContainText("쓰는 중");
    await use({ page, host, url });
  },
});

function readManifest(): ModelManifest {
  return parseManifest(JSON.parse(readFileSync(join(PROJECT_ROOT, "public/models/mini/manifest.json"), "utf8")));
}

const twin = (page: Page): Locator => card(page, TWIN_NAME);
const news = (page: Page, text: string): Locator => page.getByRole("status").filter({ hasText: text });

async function ask(page: Page, address: string): Promise<void> {
  await page.getByRole("textbox", { name: "패키지 주소나 허브 저장소" }).fill(address);
  await page.getByRole("button", { name: "확인", exact: true }).click();
}

async function addTwin(page: Page): Promise<void> {
  await ask(page, "/twin");
  await page.getByRole("button", { name: "내려받기 시작" }).click();
}

async function downloadTwin(page: Page): Promise<void> {
  await addTwin(page);
  await expect(news(page, "내려받았습니다")).toBeVisible();
}

async function useTwin(page: Page): Promise<void> {
  await downloadTwin(page);
  await page.getByRole("button", { name: `쓰기: ${TWIN_NAME}` }).click();
  await expect(panel(page, "모델")).toContainText(`준비됨: ${TWIN_NAME}`);
}

test("a package is looked at, downloaded, paused, resumed, used, remembered and deleted", async ({ opened }) => {
  const { page, host } = opened;
  host.isHeld = true;
  await ask(page, "/twin");
  const offer = page.getByRole("group", { name: TWIN_NAME });
  await expect(offer).toContainText("MIT");
  await expect(offer).toContainText(PARAMETERS.toLocaleString("ko"));
  await expect(offer).toContainText("남은 자리는");
  expect(host.ranges).toEqual([]);

  await page.getByRole("button", { name: "내려받기 시작" }).click();
  await expect(twin(page).getByRole("progressbar")).toBeVisible();
  await expect(twin(page)).toContainText(/\d+ ?%/);
  // Meanwhile the model in use goes on.
  await page.getByRole("link", { name: "문서 검색" }).click();
  await search(page, "환불 언제");
  await expect(rerankedStatus(page)).toBeVisible();
  await page.getByRole("link", { name: "모델", exact: true }).click();

  // A view that has just come may be laid out anew under the pointer; whoever sits there presses again.
  const resume = page.getByRole("button", { name: `이어받기: ${TWIN_NAME}` });
  await expect(async () => {
    const pause = page.getByRole("button", { name: `일시정지: ${TWIN_NAME}` });
    if (!(await resume.isVisible())) await pause.click({ timeout: 2000 });
    await expect(resume).toBeVisible({ timeout: 5000 });
  }).toPass({ timeout: 60_000 });
  await expect(twin(page)).toContainText("일부만 있음");
  await expect(resume).toBeFocused();
  host.isHeld = false;
  await page.keyboard.press("Enter");
  await expect(twin(page)).toContainText("이 기기에 있음");
  expect(host.ranges.at(-1)).toMatch(/^bytes=[1-9]/);

  await page.getByRole("button", { name: `쓰기: ${TWIN_NAME}` }).click();
  await expect(panel(page, "모델")).toContainText(`준비됨: ${TWIN_NAME}`);
  await expect(panel(page, "모델")).toContainText("모두 이 기기에서");
  await expect(twin(page)).toContainText("자체 점검");
  await page.reload();
  await expect(panel(page, "모델")).toContainText(`준비됨: ${TWIN_NAME}`);
  await expect(page.getByRole("combobox", { name: "모델", exact: true })).toContainText("Sunwi mini");

  await page.getByRole("button", { name: `삭제: ${TWIN_NAME}` }).click();
  await expect(twin(page)).toContainText("기본 모델로 바꿉니다");
  await page.getByRole("button", { name: "지우기" }).click();
  await expect(news(page, "지웠습니다")).toBeVisible();
  await expect(panel(page, "모델")).toContainText("준비됨: Sunwi mini");
  await expect(twin(page)).toContainText("이 기기에 없음");
  await page.getByRole("button", { name: `목록에서 빼기: ${TWIN_NAME}` }).click();
  await expect(twin(page)).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "모델 목록" })).toBeFocused();
});

test("a download that fails says why, and goes on when asked again", async ({ opened }) => {
  const { page, host } = opened;
  host.status = 403;
  await addTwin(page);
  await expect(twin(page).getByRole("alert")).toContainText("403");
  host.status = 200;
  await twin(page)
    .getByRole("button", { name: /내려받기|이어받기/ })
    .click();
  const begin = twin(page).getByRole("button", { name: "내려받기 시작" });
  if (await begin.isVisible()) await begin.click();
  await expect(twin(page)).toContainText("이 기기에 있음");
  await expect(twin(page).getByRole("alert")).toHaveCount(0);
});

test("a repository of the hub is offered where it holds a package, and explained where it holds a checkpoint", async ({
  page,
  serve,
}) => {
  const host = new TwinHost("/owner/name/resolve/v1/browser/");
  const hub = await serve({
    roots: [],
    intercept: (request, response) => {
      if (host.intercept(request, response)) return true;
      const holds = /^\/owner\/weights\/resolve\/main\/(config\.json|model\.safetensors)$/.test(request.url ?? "");
      response.writeHead(holds ? 200 : 404).end();
      return true;
    },
  });
  const html = readFileSync(join(TESTED_APP, "index.html"), "utf8").replace(
    "<head>",
    `<head><meta name="model-hub" content="${hub.url}" />`,
  );
  const { url } = await serve({
    roots: [TESTED_APP],
    intercept: (request, response) => {
      if (request.url !== "/") return false;
      response.writeHead(200, { "Content-Type": "text/html" }).end(html);
      return true;
    },
  });
  await page.goto(`${url}#models`);
  await ask(page, "owner/name@v1/browser");
  await expect(page.getByRole("group", { name: TWIN_NAME })).toBeVisible();
  await page.getByRole("button", { name: "목록에만 넣기" }).click();
  await expect(twin(page)).toContainText("이 기기에 없음");
  await ask(page, "owner/weights");
  await expect(page.getByRole("alert")).toContainText("npm run compile-model -- owner/weights --out DIR");
  await ask(page, "owner/nothing");
  await expect(page.getByRole("alert")).toContainText("모델 패키지가 없습니다");
  await ask(page, "name");
  await expect(page.getByRole("alert")).toContainText("웹 주소도 저장소 이름도 아닙니다");
});

test("a package folder that is dropped or chosen is taken in, and a wrong one explained", async ({ opened }) => {
  const { page } = opened;
  const folder = mkdtempSync(join(tmpdir(), "package-"));
  const wrong = mkdtempSync(join(tmpdir(), "holiday-"));
  try {
    for (const [name, content] of twinFiles()) writeFileSync(join(folder, name), content);
    writeFileSync(join(wrong, "photo.txt"), "");
    await page.getByRole("link", { name: "문서 검색" }).click();
    await dropPaths(page, [wrong]);
    await expect(page.getByRole("alert")).toContainText("manifest.json");
    await expect(page.getByRole("alert")).toContainText("photo.txt");
    await dropPaths(page, [folder]);
    await expect(news(page, "담았습니다")).toBeVisible();
    await page.getByRole("button", { name: `쓰기: ${TWIN_NAME}` }).click();
    await expect(panel(page, "모델")).toContainText(`준비됨: ${TWIN_NAME}`);

    await page.getByRole("button", { name: `삭제: ${TWIN_NAME}` }).click();
    await page.getByRole("button", { name: "지우기" }).click();
    await expect(twin(page)).toHaveCount(0);
    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      page.getByText("패키지 폴더 고르기").click(),
    ]);
    await chooser.setFiles(folder);
    await expect(twin(page)).toContainText("폴더에서 가져옴");
  } finally {
    for (const path of [folder, wrong]) rmSync(path, { recursive: true });
  }
  expect(basename(folder)).toContain("package-");
});

test("a dropped CSV is still data", async ({ opened }) => {
  const { page } = opened;
  const folder = mkdtempSync(join(tmpdir(), "data-"));
  const csv = join(folder, "shop.csv");
  writeFileSync(csv, "question,answer,doc_id,doc\n환불,,d1,환불 안내\n");
  await dropPaths(page, [csv]);
  await expect(panel(page, "데이터")).toContainText("shop.csv");
  rmSync(folder, { recursive: true });
});

test("what an evaluation came to is remembered with its model", async ({ opened }) => {
  const { page } = opened;
  const csv = "question,answer,doc_id,doc\n환불,,d1,환불 안내\n배송,,d2,배송과 환불 안내\n";
  await page.getByRole("link", { name: "작업대" }).click();
  await expect(page.locator("sunwi-workbench").getByText("help-centre-ko.csv", { exact: true })).toBeVisible();
  await drop(page, "shop.csv", csv);
  await page.getByRole("button", { name: "이 데이터 쓰기" }).click();
  await page.getByRole("button", { name: "비교 시작" }).click();
  await expect(page.getByRole("region", { name: "결과" }).getByRole("table").first()).toBeVisible({ timeout: 60_000 });
  await page.getByRole("navigation").getByRole("link", { name: "모델" }).click();
  await page.reload();
  await expect(card(page, "Sunwi mini")).toContainText("shop.csv");
  await expect(card(page, "Sunwi mini")).toContainText("질문 2개, 후보 20개");
});

test("a model whose tab died is not loaded by itself again, and is on the user's word", async ({ opened }) => {
  const { page, url } = opened;
  const context = page.context();
  await useTwin(page);
  // A second tab with the same model in use raises no alarm, nor does one that was closed or reloaded.
  const second = await context.newPage();
  await second.goto(url);
  await expect(panel(second, "모델")).toContainText(`준비됨: ${TWIN_NAME}`);
  await second.reload();
  await expect(panel(second, "모델")).toContainText(`준비됨: ${TWIN_NAME}`);
  await second.close();

  await page.bringToFront();
  const session = await context.newCDPSession(page);
  const crashed = page.waitForEvent("crash");
  void session.send("Page.crash").catch(() => undefined);
  await crashed;

  const next = await context.newPage();
  await next.goto(url);
  const model = panel(next, "모델");
  await expect(model).toContainText("갑자기 꺼졌습니다");
  await expect(model).toContainText("준비됨: Sunwi mini");
  await next.reload();
  await expect(model).toContainText("갑자기 꺼졌습니다");
  await model.getByRole("button", { name: "그래도 불러오기" }).click();
  await expect(model).toContainText(`준비됨: ${TWIN_NAME}`);
  await next.reload();
  await expect(model).toContainText(`준비됨: ${TWIN_NAME}`);
});

test("a model that is no longer whole on this device is not fetched without a word", async ({ opened }) => {
  const { page } = opened;
  await useTwin(page);
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    for await (const name of root.keys()) await root.removeEntry(name, { recursive: true });
  });
  await page.reload();
  await expect(panel(page, "모델")).toContainText("이 기기에 다 있지 않아");
  await expect(panel(page, "모델")).toContainText("준비됨: Sunwi mini");
});
