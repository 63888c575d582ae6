/** Rerankers behind HTTP as rows of the workbench: asked for first, measured like others, and their keys kept to themselves. */
import type { Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { drop } from "./app-page.ts";
import { TESTED_APP } from "./build-for-tests.ts";
import { expect, test as base } from "./fixtures.ts";
import { serveRemoteReranker, type RemoteServiceOptions, type RemoteServiceServer } from "./remote-services.ts";

const KEY = "sk-secret-0123456789";

interface Fixtures {
  readonly workbench: Page;
  readonly serveService: (options?: RemoteServiceOptions) => Promise<RemoteServiceServer>;
}

const test = base.extend<Fixtures>({
  workbench: async ({ page, serve }, use) => {
    const { url } = await serve({ roots: [TESTED_APP] });
    await page.goto(`${url}#workbench`);
    await expect(page.locator("sunwi-workbench").getByText("help-centre-ko.csv", { exact: true })).toBeVisible();
    await use(page);
  },
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the fixtures a fixture needs from this pattern
  serveService: async ({}, use) => {
    const servers: RemoteServiceServer[] = [];
    await use(async (options) => {
      const server = await serveRemoteReranker(options);
      servers.push(server);
      return server;
    });
    await Promise.all(servers.map((server) => server.close()));
  },
});

const JUDGED = [
  "query_id,query,doc_id,document,relevance,score",
  "a,환불은 언제 되나요,d1,배송 조회 방법을 안내합니다.,0,3",
  "a,환불은 언제 되나요,d2,환불은 신청하고 사흘 안에 됩니다.,2,2",
  "b,비밀번호를 잊었어요,d4,비밀번호를 다시 정하는 방법입니다.,1,9",
  "b,비밀번호를 잊었어요,d1,배송 조회 방법을 안내합니다.,0,8",
].join("\n");

async function useJudged(page: Page): Promise<void> {
  await drop(page, "judged.csv", JUDGED);
  await page.getByRole("button", { name: "이 데이터 쓰기" }).click();
  await expect(page.getByRole("status").filter({ hasText: "judged.csv" })).toBeVisible();
}

const services = (page: Page) => page.getByRole("region", { name: "원격 리랭커" });
const result = (page: Page) => page.getByRole("region", { name: "결과" });
const consent = (page: Page) => page.getByRole("alertdialog");

interface Typed {
  readonly kind: string;
  readonly url?: string;
  readonly model?: string;
  readonly key?: string;
}

async function fill(page: Page, { kind, url, model, key }: Typed): Promise<void> {
  const form = services(page);
  const fields = form.locator("details");
  if ((await fields.getAttribute("open")) === null) await fields.locator("summary").click();
  await form.getByLabel("서비스").selectOption({ label: kind });
  if (url !== undefined) await form.getByLabel("주소").fill(url);
  if (model !== undefined) await form.getByLabel("모델 이름").fill(model);
  if (key !== undefined) await form.getByLabel("API 키").fill(key);
}

async function add(page: Page, typed: Typed): Promise<void> {
  await fill(page, typed);
  await services(page).getByRole("button", { name: "목록에 넣기" }).click();
}

const storedText = (page: Page): Promise<string> => page.evaluate(() => JSON.stringify(Object.entries(localStorage)));

test("asks before texts leave, and makes a row beside the page's own model", async ({ workbench, serveService }) => {
  const service = await serveService();
  await useJudged(workbench);
  await add(workbench, { kind: "Hugging Face TEI", url: service.url, key: KEY });
  await expect(services(workbench).getByRole("listitem")).toContainText(service.host);
  await expect(services(workbench).getByRole("listitem")).toContainText("키 있음");
  await expect(services(workbench).getByLabel("API 키")).toHaveValue("");
  await expect(workbench.getByRole("checkbox", { name: service.host })).toBeChecked();

  await workbench.getByRole("button", { name: "비교 시작" }).click();
  await expect(consent(workbench)).toContainText(`질문과 문서가 ${service.host}(으)로 나갑니다`);
  await expect(consent(workbench)).toContainText("질문 2개와, 질문마다 후보 문서를 20개까지(모두 40쌍)");
  await expect(consent(workbench)).toBeFocused();
  expect(service.requests).toHaveLength(0);
  await consent(workbench).getByRole("button", { name: "보내고 비교하기" }).click();

  const table = result(workbench).getByRole("table").first();
  const row = table.getByRole("row").filter({ hasText: `${service.host} (모델 점수만)` });
  await expect(row).toContainText("원격 · Hugging Face TEI");
  await expect(row).toContainText("1.000");
  await expect(row).not.toContainText("자체 점검");
  // The header, no reranking, mini twice, the service.
  await expect(table.getByRole("row")).toHaveCount(5);
  expect(service.requests).toHaveLength(3);
  expect(service.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  await expect(consent(workbench)).toHaveCount(0);

  for (const format of ["JSON", "CSV", "Markdown", "HTML"]) {
    const [download] = await Promise.all([
      workbench.waitForEvent("download"),
      workbench.getByRole("group", { name: "내보내기" }).getByRole("button", { name: format }).click(),
    ]);
    const text = await readFile(await download.path(), "utf8");
    expect(text).toContain(service.host);
    expect(text).not.toContain(KEY);
  }
  expect(await storedText(workbench)).not.toContain(KEY);
});

test("sends nothing without consent, and compares what runs here", async ({ workbench, serveService }) => {
  const service = await serveService();
  await useJudged(workbench);
  await add(workbench, { kind: "Cohere", url: `${service.url}/v2/rerank`, model: "rerank-v3.5", key: KEY });
  await workbench.getByRole("button", { name: "비교 시작" }).click();
  await consent(workbench).getByRole("button", { name: "그만두기" }).click();
  await expect(consent(workbench)).toHaveCount(0);
  await expect(result(workbench)).toHaveCount(0);
  await workbench.getByRole("button", { name: "비교 시작" }).click();
  await consent(workbench).getByRole("button", { name: "원격 없이 비교하기" }).click();
  await expect(result(workbench).getByRole("table").first().getByRole("row")).toHaveCount(4);
  expect(service.requests).toHaveLength(0);
});

test("tells a service that lets no page call from one that answers", async ({ workbench, serveService }) => {
  const [closed, open] = [await serveService({ cors: false }), await serveService()];
  const form = services(workbench);
  await fill(workbench, { kind: "Hugging Face TEI", url: closed.url });
  await form.getByRole("button", { name: "연결 시험" }).click();
  await expect(form.getByRole("alert")).toContainText("CORS");
  await expect(form.getByRole("alert")).toContainText("--cors-allow-origin");
  await form.getByLabel("주소").fill(open.url);
  await form.getByRole("button", { name: "연결 시험" }).click();
  await expect(form.getByRole("status")).toContainText("답이 왔습니다");
  expect(open.requests).toHaveLength(1);

  await form.getByLabel("주소").fill("http://tei.example/rerank");
  await form.getByLabel("API 키").fill(KEY);
  await form.getByRole("button", { name: "목록에 넣기" }).click();
  await expect(form.getByRole("alert")).toContainText("암호화되지 않은 http로 tei.example에 보내지 않습니다");
  await expect(form.getByRole("listitem")).toHaveCount(0);
});

test("a run that the service refuses says so, and goes on once the key is right", async ({
  workbench,
  serveService,
}) => {
  const service = await serveService({
    misbehave: (response, { headers }) => {
      if (headers.authorization === `Bearer ${KEY}`) return false;
      response.writeHead(401).end(JSON.stringify({ message: `no: ${String(headers.authorization)}` }));
      return true;
    },
  });
  await useJudged(workbench);
  await add(workbench, { kind: "Voyage", url: `${service.url}/v1/rerank`, model: "rerank-2.5", key: "wrong" });
  await workbench.getByRole("button", { name: "비교 시작" }).click();
  await consent(workbench).getByRole("button", { name: "보내고 비교하기" }).click();
  const alert = workbench.getByRole("region", { name: "비교", exact: true }).getByRole("alert");
  await expect(alert).toContainText("키를 받아들이지 않았습니다(401)");
  await services(workbench)
    .getByRole("button", { name: /고치기$/ })
    .click();
  await services(workbench).getByLabel("API 키").fill(KEY);
  await services(workbench).getByRole("button", { name: "고친 대로 넣기" }).click();
  await alert.getByRole("button", { name: "이어서 하기" }).click();
  await expect(result(workbench).getByRole("table").first()).toContainText(`rerank-2.5@${service.host}`);
});

test("remembers a key only where that is asked for, and forgets it", async ({ workbench, serveService }) => {
  const service = await serveService();
  await fill(workbench, { kind: "Hugging Face TEI", url: service.url, key: KEY });
  await services(workbench).getByLabel("이 기기에 키를 기억하기").check();
  await services(workbench).getByRole("button", { name: "목록에 넣기" }).click();
  expect(await storedText(workbench)).toContain(KEY);
  await workbench.reload();
  await expect(services(workbench).getByRole("listitem")).toContainText("키를 기억함");
  await services(workbench).getByRole("button", { name: "이 기기에 기억한 키 지우기" }).click();
  await expect(services(workbench).getByRole("listitem")).toContainText("키 없음");
  expect(await storedText(workbench)).not.toContain(KEY);
  await services(workbench).getByRole("button", { name: /빼기$/ }).click();
  await expect(services(workbench).getByRole("listitem")).toHaveCount(0);
});

for (const width of [1280, 390]) {
  test(`fits a width of ${String(width)}`, async ({ workbench, serveService }) => {
    await workbench.setViewportSize({ width, height: 900 });
    const service = await serveService();
    await add(workbench, { kind: "Jina", url: service.url, model: "jina-reranker-v2-base-multilingual", key: KEY });
    await workbench.getByRole("button", { name: "비교 시작" }).click();
    await expect(consent(workbench)).toBeVisible();
    const overflow = await workbench.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
}
