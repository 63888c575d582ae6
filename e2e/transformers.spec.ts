/** Models of the hub through transformers.js: real exports of random checkpoints, with PyTorch's logits beside them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { LoadedModel, LoadEvent } from "../src/core/protocol.ts";
import { hubModelUrl, type HubDtype } from "../src/model/hub-model-url.ts";
import { card, drop, panel, rerankedStatus, search } from "./app-page.ts";
import { TESTED_APP } from "./build-for-tests.ts";
import { expect, test as base } from "./fixtures.ts";
import { COMMIT, expectedPairs, HubHost, type ExpectedPair } from "./hub-host.ts";
import { servePage, type Serve } from "./store-page.ts";

interface Hub {
  readonly host: HubHost;
  /** Ends in a slash. */
  readonly url: string;
  /** Everything that the page's server was asked for. */
  readonly pageRequests: readonly string[];
}

const MODELS = ["bert", "xlm-roberta", "modernbert"] as const;

const test = base.extend<{ hub: Hub }>({
  hub: async ({ page, serve }, use) => {
    const host = new HubHost(...MODELS);
    const hub = await serve({ roots: [], intercept: host.intercept });
    const { url, requests } = await servePage(serve);
    await page.goto(url);
    await page.waitForFunction(() => "sunwi" in window);
    await use({ host, url: hub.url, pageRequests: requests });
  },
});

const address = ({ url }: Hub, repository: string, dtype: HubDtype = "fp32"): string =>
  hubModelUrl({ host: url, repository: `owner/${repository}`, revision: COMMIT, dtype });

type Loaded =
  | { readonly code: string; readonly details: Record<string, unknown>; readonly message: string }
  | {
      readonly code: "";
      readonly model: LoadedModel;
      readonly events: readonly LoadEvent[];
      readonly alone: readonly number[];
      readonly together: readonly number[];
      readonly truncated: readonly number[];
    };

/** Loads a model and scores pairs: each alone, and all documents of a query's in one call. */
async function score(page: Page, modelUrl: string, pairs: readonly ExpectedPair[], maxDownloadBytes?: number) {
  return page.evaluate(
    async ({ url, wanted, limit }): Promise<Loaded> => {
      const events: LoadEvent[] = [];
      const reranker = new window.sunwi.WorkerReranker({
        name: "hub",
        modelUrl: url,
        device: "wasm",
        onState: (state) => {
          if (state.type === "loading" && state.event) events.push(state.event);
        },
      });
      try {
        const model = await reranker.load(limit === undefined ? {} : { maxDownloadBytes: limit });
        const alone: number[] = [];
        const truncated: number[] = [];
        for (const { query, document } of wanted) {
          const scores = await reranker.scorePairs(query, [document]);
          alone.push(...scores.logits);
          truncated.push(...scores.truncated);
        }
        // With documents of other lengths beside it, so that there is padding.
        const others = wanted.map(({ document }) => document);
        const together: number[] = [];
        for (const [index, { query }] of wanted.entries()) {
          together.push((await reranker.scorePairs(query, others)).logits[index] ?? Number.NaN);
        }
        return { code: "", model, events, alone, together, truncated };
      } catch (error) {
        const { code, details, message } = error as { code: string; details: Record<string, unknown>; message: string };
        return { code, details, message };
      } finally {
        await reranker.dispose();
      }
    },
    { url: modelUrl, wanted: pairs, limit: maxDownloadBytes },
  );
}

function mustLoad(loaded: Loaded): Extract<Loaded, { code: "" }> {
  expect(loaded).toMatchObject({ code: "" });
  return loaded as Extract<Loaded, { code: "" }>;
}

/** One label's logit; of two the second's less the first's. */
const logitOf = ({ logits: [first = NaN, second] }: ExpectedPair): number =>
  second === undefined ? first : second - first;

const largestError = (found: readonly number[], pairs: readonly ExpectedPair[]): number =>
  Math.max(...pairs.map((pair, index) => Math.abs((found[index] ?? Number.NaN) - logitOf(pair))));

for (const name of MODELS) {
  test(`${name}: logits are PyTorch's, alone and padded in a batch, and cuts are told`, async ({ page, hub }) => {
    const pairs = expectedPairs(name);
    const { model, events, alone, together, truncated } = mustLoad(await score(page, address(hub, name), pairs));
    expect(largestError(alone, pairs)).toBeLessThan(1e-3);
    expect(largestError(together, pairs)).toBeLessThan(1e-3);
    expect(truncated).toEqual(pairs.map((pair) => Number(pair.truncated)));
    expect(truncated).toContain(1);
    expect(model).toMatchObject({ variant: "fp32", runtime: "wasm", licence: "mit", maxTokens: 64, storage: "cache" });
    // Without references nothing is known to be right.
    expect(model.selfTest.pairs).toBe(0);
    expect(model.transferredBytes).toBeGreaterThan(0.9 * model.downloadBytes);
    expect(events.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1])).toEqual(
      expect.arrayContaining(["manifest", "device", "download", "session", "self-test"]),
    );

    // A second time nothing comes over the network, and the hub may be away.
    hub.host.status = 503;
    hub.host.asked.length = 0;
    const again = mustLoad(await score(page, address(hub, name), pairs));
    expect(again.model.transferredBytes).toBe(0);
    expect(again.alone).toEqual(alone);
    expect(hub.host.asked).toEqual([]);
  });
}

test("the 8-bit model scores a pair the same whatever is beside it", async ({ page, hub }) => {
  for (const name of MODELS) {
    const pairs = expectedPairs(name);
    const { alone, together } = mustLoad(await score(page, address(hub, name, "q8"), pairs));
    expect(together).toEqual(alone);
    expect(largestError(alone, pairs)).toBeLessThan(0.5);
  }
});

test("a model with other labels or another head is refused before its weights are fetched", async ({ page, hub }) => {
  const { host } = hub;
  const files = new Map(host.repositories.get("owner/bert"));
  const config = JSON.parse(String(files.get("config.json"))) as Record<string, unknown>;
  const changed = (changes: object): Map<string, Buffer> =>
    new Map(files).set("config.json", Buffer.from(JSON.stringify({ ...config, ...changes })));
  host.repositories.set("owner/three", changed({ id2label: { 0: "a", 1: "b", 2: "c" } }));
  host.repositories.set("owner/masked", changed({ architectures: ["BertForMaskedLM"] }));
  expect(await score(page, address(hub, "three"), [])).toMatchObject({
    code: "model-invalid",
    details: { reason: "labels", found: 3 },
  });
  expect(await score(page, address(hub, "masked"), [])).toMatchObject({
    code: "model-invalid",
    details: { reason: "architecture", problem: "BertForMaskedLM" },
  });
  expect(host.asked.filter((path) => path.endsWith(".onnx"))).toEqual([]);
  // What the graph gives counts, whatever the file says.
  host.repositories.set("owner/one", changed({ id2label: { 0: "a" } }));
  expect(await score(page, address(hub, "one"), [])).toMatchObject({ code: "model-invalid" });
});

test("a hub that refuses, lacks a precision, or ends a file early is told of, and nothing broken is kept", async ({
  page,
  hub,
}) => {
  const { host } = hub;
  for (const status of [401, 404]) {
    host.status = status;
    expect(await score(page, address(hub, "bert"), [])).toMatchObject({ code: "model-download", details: { status } });
  }
  host.status = undefined;
  expect(await score(page, address(hub, "bert", "q4"), [])).toMatchObject({
    code: "model-invalid",
    details: { problem: "onnx/model_q4.onnx" },
  });
  host.cut.add("onnx/model.onnx");
  expect(await score(page, address(hub, "bert"), [])).toMatchObject({ code: "model-download" });
  host.cut.clear();
  const files = host.repositories.get("owner/bert") ?? new Map<string, Buffer>();
  const right = files.get("onnx/model.onnx") ?? Buffer.alloc(0);
  const wrong = Buffer.from(right);
  wrong[wrong.length - 100] = 1 + (wrong[wrong.length - 100] ?? 0);
  const pairs = expectedPairs("bert");
  await page.route("**/onnx/model.onnx", (route) => route.fulfill({ body: wrong, headers: CROSS_ORIGIN }));
  expect(await score(page, address(hub, "bert"), [])).toMatchObject({ code: "model-integrity" });
  await page.unroute("**/onnx/model.onnx");
  expect(largestError(mustLoad(await score(page, address(hub, "bert"), pairs)).alone, pairs)).toBeLessThan(1e-3);
});

const CROSS_ORIGIN = { "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin" };

test("a download needs consent, and references are held against the model", async ({ page, hub }) => {
  const { host } = hub;
  expect(await score(page, address(hub, "xlm-roberta"), [], 1000)).toMatchObject({ code: "consent-needed" });
  expect(host.asked.filter((path) => path.endsWith(".onnx"))).toEqual([]);
  const pairs = expectedPairs("xlm-roberta").map((pair) => ({ ...pair, logit: logitOf(pair) }));
  const files = new Map(host.repositories.get("owner/xlm-roberta"));
  const references = (tolerance: number) => Buffer.from(JSON.stringify({ pairs, tolerance }));
  host.repositories.set("owner/sure", new Map(files).set("sunwi-references.json", references(0.001)));
  const { model } = mustLoad(await score(page, address(hub, "sure"), []));
  expect(model.selfTest).toMatchObject({ pairs: pairs.length, tolerance: 0.001 });
  host.repositories.set("owner/wrong", new Map(files).set("sunwi-references.json", references(1e-12)));
  expect(await score(page, address(hub, "wrong"), [])).toMatchObject({ code: "self-test-failed" });
});

test("a call is cancelled between two batches, and the next one works", async ({ page, hub }) => {
  const result = await page.evaluate(
    async (modelUrl) => {
      const reranker = new window.sunwi.WorkerReranker({ name: "hub", modelUrl, device: "wasm" });
      await reranker.load();
      const stop = new AbortController();
      let scored = 0;
      const documents = Array.from({ length: 3000 }, (_, i) => ({ text: `배송 환불 안내 ${String(i)}` }));
      const ended = await reranker
        .rerank("환불", documents, {
          signal: stop.signal,
          onProgress: (count) => {
            scored = count;
            stop.abort();
          },
        })
        .then(
          () => "ranked",
          (error: unknown) => (error as { code: string }).code,
        );
      const next = await reranker.rerank("환불", documents.slice(0, 3));
      await reranker.dispose();
      return { ended, scored, next: next.length };
    },
    address(hub, "bert"),
  );
  expect(result).toMatchObject({ ended: "aborted", next: 3 });
  expect(result.scored).toBeLessThan(3000);
});

test("a page that does not use it fetches nothing of transformers.js, one that does no second runtime", async ({
  page,
  hub,
}) => {
  const elsewhere: string[] = [];
  page.context().on("request", (request) => {
    if (!request.url().startsWith("http://127.0.0.1")) elsewhere.push(request.url());
  });
  await page.evaluate(async () => {
    const reranker = new window.sunwi.WorkerReranker({ name: "mini", modelUrl: "models/mini/", device: "wasm" });
    await reranker.load();
    await reranker.dispose();
  });
  const ours = (pattern: RegExp): readonly string[] => hub.pageRequests.filter((path) => pattern.test(path));
  expect(ours(/transformers|load-hub/)).toEqual([]);
  expect(ours(/\.wasm$/)).toHaveLength(1);
  mustLoad(await score(page, address(hub, "bert"), []));
  expect(ours(/transformers/)).toHaveLength(1);
  expect(new Set(ours(/\.wasm$/)).size).toBe(1);
  expect(elsewhere.filter((url) => !/^(blob|data):/.test(url))).toEqual([]);
});

test.describe("in the models view", () => {
  /** Opens the app's models view with a hub of its own. */
  async function openApp(page: Page, hub: Hub, serve: Serve): Promise<readonly string[]> {
    const html = readFileSync(join(TESTED_APP, "index.html"), "utf8").replace(
      "<head>",
      `<head><meta name="model-hub" content="${hub.url}" />`,
    );
    const { url, requests } = await serve({
      roots: [TESTED_APP],
      intercept: (request, response) => {
        if (request.url !== "/") return false;
        response.writeHead(200, { "Content-Type": "text/html" }).end(html);
        return true;
      },
    });
    await page.goto(`${url}#models`);
    await expect(card(page, "Sunwi mini")).toContainText("쓰는 중");
    return requests;
  }

  async function ask(page: Page, address: string): Promise<void> {
    await page.getByRole("textbox", { name: "패키지 주소나 허브 저장소" }).fill(address);
    await page.getByRole("button", { name: "확인", exact: true }).click();
  }

  test("a repository is offered by precision, downloaded on consent, searched with, remembered and deleted", async ({
    page,
    hub,
    serve,
  }) => {
    const requests = await openApp(page, hub, serve);
    await ask(page, "owner/xlm-roberta");
    const offer = page.getByRole("group", { name: "owner/xlm-roberta (q8)" });
    await expect(offer).toContainText("mit");
    await expect(offer).toContainText("transformers.js");
    const precision = offer.getByRole("combobox", { name: "정밀도와 크기" });
    await expect(precision.getByRole("option")).toHaveText([/q8 · \d+/, /fp32 · \d+/]);
    expect(hub.host.asked).toEqual(["manifest.json", "config.json"]);
    expect(requests.filter((path) => path.includes("transformers"))).toEqual([]);

    await precision.selectOption({ index: 1 });
    const name = "owner/xlm-roberta (fp32)";
    await page.getByRole("group", { name }).getByRole("button", { name: "내려받기 시작" }).click();
    await expect(page.getByRole("status").filter({ hasText: "내려받았습니다" })).toBeVisible();
    await expect(card(page, name)).toContainText("이 기기에 있음");
    await page.getByRole("button", { name: `쓰기: ${name}` }).click();
    await expect(panel(page, "모델")).toContainText(`준비됨: ${name}`);
    await expect(panel(page, "모델")).toContainText("옳은지는 확인하지 못했습니다");
    await page.getByRole("link", { name: "문서 검색" }).click();
    await search(page, "환불 언제");
    await expect(rerankedStatus(page)).toBeVisible();

    // The next visit needs no hub.
    hub.host.status = 503;
    await page.reload();
    await expect(panel(page, "모델")).toContainText(`준비됨: ${name}`);
    await page.getByRole("link", { name: "모델", exact: true }).click();
    await page.getByRole("button", { name: `삭제: ${name}` }).click();
    await page.getByRole("button", { name: "지우기" }).click();
    await expect(card(page, name)).toContainText("이 기기에 없음");
    await expect(panel(page, "모델")).toContainText("준비됨: Sunwi mini");
    const left = await page.evaluate(async () => (await (await caches.open("sunwi-hub-models")).keys()).length);
    expect(left).toBe(0);
  });

  test("a downloaded one is compared in the workbench, alone and in a cascade", async ({ page, hub, serve }) => {
    await openApp(page, hub, serve);
    await ask(page, "owner/xlm-roberta");
    const name = "owner/xlm-roberta (q8)";
    await page.getByRole("group", { name }).getByRole("button", { name: "내려받기 시작" }).click();
    await expect(page.getByRole("status").filter({ hasText: "내려받았습니다" })).toBeVisible();
    const documents = Array.from({ length: 30 }, (_, at) => `,,x${String(at)},환불 안내 ${String(at)}번 문서\n`);
    const rows = "환불,,d1,환불은 사흘\n배송,,d2,배송 안내\n";
    await page.getByRole("link", { name: "작업대" }).click();
    const workbench = page.locator("sunwi-workbench");
    await expect(workbench.getByText("help-centre-ko.csv", { exact: true })).toBeVisible();
    await drop(page, "shop.csv", `question,answer,doc_id,doc\n${rows}${documents.join("")}`);
    await page.getByRole("button", { name: "이 데이터 쓰기" }).click();
    await workbench.getByRole("checkbox", { name }).check();
    await workbench.getByLabel("질문마다 후보 수").selectOption("50");
    await workbench.getByRole("button", { name: "비교 시작" }).click();
    const table = workbench.getByRole("table").first();
    await expect(table).toContainText("xlm-roberta");
    // The smaller of the two reads first.
    await expect(table.getByRole("row").filter({ hasText: /xlm-roberta.* 상위 20개 → / })).toHaveCount(1);
  });

  test("what cannot be used is explained", async ({ page, hub, serve }) => {
    const { repositories } = hub.host;
    const bert = repositories.get("owner/bert") ?? new Map<string, Buffer>();
    const config = JSON.parse(String(bert.get("config.json"))) as Record<string, unknown>;
    const withConfig = (changes: object): Map<string, Buffer> =>
      new Map(bert).set("config.json", Buffer.from(JSON.stringify({ ...config, ...changes })));
    repositories.set("owner/masked", withConfig({ architectures: ["BertForMaskedLM"] }));
    repositories.set("owner/three", withConfig({ id2label: { 0: "a", 1: "b", 2: "c" } }));
    repositories.set("owner/weights", new Map([...bert].filter(([path]) => !path.endsWith(".onnx"))));
    repositories.get("owner/weights")?.set("model.safetensors", Buffer.alloc(8));
    await openApp(page, hub, serve);
    const alert = page.getByRole("alert");
    await ask(page, "owner/masked");
    await expect(alert).toContainText("리랭커가 아닙니다");
    await expect(alert).toContainText("BertForMaskedLM");
    await ask(page, "owner/three");
    await expect(alert).toContainText("레이블 수");
    await ask(page, "owner/weights");
    await expect(alert).toContainText("optimum");
    await expect(alert).toContainText("npm run compile-model -- owner/weights --out DIR");
    await ask(page, "owner/nothing");
    await expect(alert).toContainText("모델 패키지");
    hub.host.status = 401;
    await ask(page, "owner/bert");
    await expect(alert).toContainText("동의해야");
  });
});
