/** Whatever goes wrong, a site's search stays exactly as it was. */
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { TESTED_PACKAGE } from "./build-for-tests.ts";
import { expect, test } from "./fixtures.ts";
import { eventsOf, hostSite, orderOf, PAGES, type HostOptions } from "./host-site.ts";
import type { Interceptor, StaticServer, StaticServerOptions } from "./static-server.ts";

const ALL = PAGES.map(({ id }) => id);
const QUERY = "며칠 걸려요 환불";
const PATIENT = 'budget="60000" blend="none"';
/** What `top` items that the page's own search shows look like, to be the same afterwards. */
const markupOf = (page: Page): Promise<string> =>
  page.evaluate(() => document.querySelector("#results")?.innerHTML ?? "");

type Serve = (options: StaticServerOptions) => Promise<StaticServer>;

async function open(
  page: Page,
  serve: Serve,
  { intercept, isolated = true, ...options }: HostOptions & Pick<StaticServerOptions, "intercept" | "isolated"> = {},
): Promise<string> {
  const site = hostSite({ attributes: PATIENT, ...options });
  const { url } = await serve({
    roots: [TESTED_PACKAGE],
    isolated,
    intercept: (request, response) => intercept?.(request, response) === true || site(request, response),
  });
  await page.goto(url);
  return url;
}

/** Searches, and gives what the page shows at once. */
async function search(page: Page): Promise<string> {
  await page.getByRole("searchbox").fill(QUERY);
  return await markupOf(page);
}

async function expectUntouched(page: Page, before: string, events: Record<string, unknown>[]): Promise<void> {
  await expect.poll(() => eventsOf(page)).toMatchObject(events);
  expect(await markupOf(page)).toBe(before);
  expect(await orderOf(page)).toEqual(ALL);
}

const answer =
  (matches: (path: string) => boolean, status: number): Interceptor =>
  ({ url = "" }, response) => {
    if (!matches(url)) return false;
    response.writeHead(status).end();
    return true;
  };

test("a model that is not there", async ({ page, serve }) => {
  await open(page, serve, { intercept: answer((path) => path.startsWith("/models/"), 404) });
  await expectUntouched(page, await search(page), [{ name: "sunwi-error", code: "model-download" }]);
});

test("a worker whose script is not there", async ({ page, serve }) => {
  await open(page, serve, { intercept: answer((path) => path === "/scoring-worker.js", 404) });
  await expectUntouched(page, await search(page), [{ name: "sunwi-error", code: "worker-crashed" }]);
});

test("a worker that is killed in the middle; the next search starts another", async ({ page, serve }) => {
  await open(page, serve, {
    // A loading that takes long enough to be hit.
    intercept: ({ url }, response) => {
      if (url !== "/models/mini/wasm.bin" || killed) return false;
      setTimeout(() => response.destroy(), 60_000).unref();
      return true;
    },
  });
  let killed = false;
  const before = await search(page);
  const scoring = () => page.workers().find((worker) => worker.url().endsWith("/scoring-worker.js"));
  await expect.poll(() => scoring() !== undefined).toBe(true);
  await page.waitForTimeout(1000);
  killed = true;
  await scoring()?.evaluate(() => {
    close();
  });
  await expectUntouched(page, before, [{ name: "sunwi-error", code: "worker-crashed" }]);
  await page.getByRole("searchbox").fill(`${QUERY} 언제`);
  await expect.poll(async () => (await orderOf(page))[0]).toBe("p3");
});

test("no WebGPU where it is demanded", async ({ page, serve }) => {
  await open(page, serve, { attributes: `${PATIENT} device="webgpu"` });
  await expectUntouched(page, await search(page), [{ name: "sunwi-error", code: "webgpu-unavailable" }]);
});

test("no WebAssembly", async ({ page, serve }) => {
  const code = `delete globalThis.WebAssembly;${readFileSync(`${TESTED_PACKAGE}/scoring-worker.js`, "utf8")}`;
  await open(page, serve, {
    intercept: ({ url }, response) => {
      if (url !== "/scoring-worker.js") return false;
      response.writeHead(200, { "Content-Type": "text/javascript" }).end(code);
      return true;
    },
  });
  const before = await search(page);
  await expect.poll(async () => (await eventsOf(page)).map(({ name }) => name)).toEqual(["sunwi-error"]);
  expect(await markupOf(page)).toBe(before);
});

test("storage that is blocked costs nothing but memory", async ({ page, serve }) => {
  await page.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
      Object.defineProperty(window, name, {
        get: () => {
          throw new DOMException("blocked", "SecurityError");
        },
      });
    }
  });
  await open(page, serve);
  await search(page);
  await expect.poll(async () => (await orderOf(page))[0]).toBe("p3");
});

test("offline", async ({ page, serve, context }) => {
  await open(page, serve);
  await context.setOffline(true);
  const before = await search(page);
  await expect.poll(async () => (await eventsOf(page)).map(({ name }) => name)).toEqual(["sunwi-error"]);
  expect(await markupOf(page)).toBe(before);
});

test("a visitor who saves data is asked first", async ({ page, serve }) => {
  await page.addInitScript(() => {
    Object.defineProperty(navigator, "connection", { value: { saveData: true } });
  });
  await open(page, serve);
  const before = await search(page);
  await expect(page.getByText("9.2MB를 한 번 내려받습니다")).toBeVisible();
  expect(await markupOf(page)).toBe(before);
});

test("200 ms on a slow line", async ({ page, serve }) => {
  await open(page, serve, {
    attributes: 'budget="200" blend="none"',
    intercept: ({ url }, response) => {
      if (url !== "/models/mini/wasm.bin") return false;
      setTimeout(() => response.end(readFileSync(`${TESTED_PACKAGE}${url}`)), 700);
      return true;
    },
  });
  await expectUntouched(page, await search(page), [{ name: "sunwi-reranked", applied: false }]);
});

const TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types sunwi lit-html";

for (const [name, directives, works] of [
  ["that allows nothing but the site's own scripts", "default-src 'self'", false],
  ["that allows WebAssembly", "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'", true],
  ["that demands trusted types", `default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; ${TRUSTED_TYPES}`, true],
] as const) {
  test(`a Content-Security-Policy ${name}`, async ({ page, serve }) => {
    await open(page, serve, {
      csp: directives,
      // A worker goes by the policy of its own script. ONNX Runtime starts its threads by plain addresses.
      intercept: (_, response) => {
        response.setHeader("Content-Security-Policy", directives.replace(TRUSTED_TYPES, ""));
        return false;
      },
    });
    const before = await search(page);
    if (works) await expect.poll(async () => (await orderOf(page))[0]).toBe("p3");
    else await expectUntouched(page, before, [{ name: "sunwi-error" }]);
  });
}

for (const isolated of [false, true]) {
  test(`from another origin, as from a CDN, ${isolated ? "with" : "without"} threads`, async ({ page, serve }) => {
    const cdn = await serve({ roots: [TESTED_PACKAGE] });
    const { origin } = new URL(cdn.url);
    // ONNX Runtime starts threads that come from elsewhere by blobs.
    const scripts = `'self' ${origin} 'wasm-unsafe-eval'${isolated ? " blob:" : ""}`;
    const csp = `default-src 'self'; script-src ${scripts}; worker-src blob: ${origin}; connect-src ${origin}`;
    await open(page, serve, { script: `${cdn.url}element.js`, csp, isolated });
    await search(page);
    await expect.poll(async () => (await orderOf(page))[0]).toBe("p3");
  });
}

test("markup in results, query, attributes and the model's manifest is never run", async ({ page, serve }) => {
  const evil = `"><img src=x onerror="window.pwned=1"><script>window.pwned=1</script>`;
  const manifest = readFileSync(`${TESTED_PACKAGE}/models/mini/manifest.json`, "utf8").replace(
    '"Sunwi mini"',
    JSON.stringify(evil),
  );
  await open(page, serve, {
    attributes: `${PATIENT} consent="1" show-rank debug`,
    intercept: ({ url }, response) => {
      if (url !== "/models/mini/manifest.json") return false;
      response.writeHead(200, { "Content-Type": "application/json" }).end(manifest);
      return true;
    },
  });
  await page.evaluate((text) => {
    const heading = document.createElement("h3");
    heading.textContent = text;
    document.addEventListener("sunwi-reranked", () => undefined);
    new MutationObserver(() => {
      const first = document.querySelector("#results > li");
      if (first !== null && !first.contains(heading)) first.append(heading);
    }).observe(document.body, { childList: true, subtree: true });
  }, evil);
  await page.getByRole("searchbox").fill(`환불 ${evil}`);
  await page.getByRole("button", { name: "내려받기" }).click();
  await expect.poll(async () => (await eventsOf(page)).some(({ name }) => name === "sunwi-reranked")).toBe(true);
  await page.evaluate((text) => document.querySelector("sunwi-rerank")?.setAttribute("model", text), evil);
  await page.waitForTimeout(300);
  expect(await page.evaluate(() => "pwned" in window)).toBe(false);
  await expect(page.locator("#results img, sunwi-rerank img")).toHaveCount(0);
});

test("a thousand searches leave neither nodes nor memory behind", async ({ page, serve }) => {
  await open(page, serve);
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const measure = async (): Promise<{ readonly nodes: number; readonly heap: number }> => {
    // A list that was just replaced may still be on its way out.
    await page.getByRole("searchbox").fill("");
    await page.waitForTimeout(500);
    for (let round = 0; round < 3; round += 1) await session.send("HeapProfiler.collectGarbage");
    const { metrics } = await session.send("Performance.getMetrics");
    const valueOf = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
    return { nodes: valueOf("Nodes"), heap: valueOf("JSHeapUsedSize") };
  };
  /** Searches for five things in turn, each time waiting for what becomes of it. */
  const type = (times: number): Promise<void> =>
    page.evaluate(async (count) => {
      const words = ["환불", "배송", "쿠폰", "비밀번호", "영수증"];
      const box = document.querySelector("input");
      if (box === null) return;
      for (let at = 0; at < count; at += 1) {
        const told = new Promise((resolve) => {
          document.addEventListener("sunwi-reranked", resolve, { once: true });
        });
        box.value = `${words[at % words.length] ?? ""} 방법`;
        box.dispatchEvent(new Event("input", { bubbles: true }));
        await told;
      }
      (globalThis as unknown as { events: unknown[] }).events.length = 0;
    }, times);
  // What the browser compiles on the way is no leak.
  await type(300);
  const before = await measure();
  await type(1000);
  const after = await measure();
  expect(after.nodes).toBeLessThanOrEqual(before.nodes * 1.1);
  expect(after.heap).toBeLessThanOrEqual(before.heap * 1.1);
});
