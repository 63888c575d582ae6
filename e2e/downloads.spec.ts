/** Downloads from hosts that misbehave as hosts do: each ends with the right file or a plain error. */
import type { Page } from "@playwright/test";
import type { ModelManifest } from "../src/model/manifest.ts";
import { expect, test } from "./fixtures.ts";
import { madePackage, noise, PackageHost, sha256Of, type Fault } from "./package-host.ts";
import { download, openPage, servePage, SOON, storedFiles, type Outcome, type Serve } from "./store-page.ts";
import type { StoredPackage } from "../src/core/store-protocol.ts";

const WEIGHTS = "wasm.bin";
const weights = noise(200_000, 7);
const other = noise(200_000, 8);
const totalBytes = 200_000 + 500 + 700;

/** A page and a package of one large file on the page's own origin. */
async function setUp(page: Page, serve: Serve, fault: (nth: number) => Fault | undefined) {
  const host = new PackageHost(madePackage({ [WEIGHTS]: weights }));
  host.fault = (name, nth) => (name === WEIGHTS ? fault(nth) : undefined);
  const { url } = await servePage(serve, host.intercept);
  await openPage(page, url);
  return { host, modelUrl: `${url}package/` };
}

/** On the first request only. */
const once = (fault: Fault) => (nth: number) => (nth === 1 ? fault : undefined);

async function expectComplete(page: Page, outcome: Outcome<StoredPackage>): Promise<void> {
  expect(outcome).toMatchObject({ type: "done", value: { storedBytes: totalBytes } });
  expect((await storedFiles(page))[sha256Of(weights)]).toEqual({ bytes: weights.length, isComplete: true });
}

test.describe("a connection cut", () => {
  for (const cutAfter of [0, 1, 65_536, 100_000, 199_999]) {
    test(`after byte ${String(cutAfter)} goes on from there`, async ({ page, serve }) => {
      const { host, modelUrl } = await setUp(page, serve, once({ cutAfter }));
      const outcome = await download(page, { modelUrl, patience: SOON });
      await expectComplete(page, outcome);
      const [, second, ...further] = host.requestsFor(WEIGHTS);
      expect(further).toEqual([]);
      expect(second).toMatchObject(
        cutAfter === 0 ? { range: "", status: 200 } : { range: `bytes=${String(cutAfter)}-`, status: 206 },
      );
      expect(host.sentBytes(WEIGHTS)).toBe(weights.length);
    });
  }

  test("with no length given is not taken for the end", async ({ page, serve }) => {
    const { host, modelUrl } = await setUp(page, serve, once({ cutAfter: 100_000, hidesLength: true }));
    await expectComplete(page, await download(page, { modelUrl, patience: SOON }));
    expect(host.sentBytes(WEIGHTS)).toBe(weights.length);
  });

  test("again and again without getting further is an error, and what came stays", async ({ page, serve }) => {
    const { host, modelUrl } = await setUp(page, serve, (nth) => ({ cutAfter: nth === 1 ? 100_000 : 0 }));
    const outcome = await download(page, { modelUrl, patience: SOON });
    expect(outcome).toMatchObject({
      code: "model-download",
      details: { url: `${modelUrl}${WEIGHTS}`, status: 0 },
    });
    expect(host.requestsFor(WEIGHTS)).toHaveLength(4);
    expect((await storedFiles(page))[sha256Of(weights)]).toEqual({ bytes: 100_000, isComplete: false });
    host.fault = () => undefined;
    await expectComplete(page, await download(page, { modelUrl, patience: SOON }));
    expect(host.requestsFor(WEIGHTS).at(-1)?.range).toBe("bytes=100000-");
  });

  test("on another origin, which shows no ETag, goes on too, without asking for leave", async ({ page, serve }) => {
    const host = new PackageHost(madePackage({ [WEIGHTS]: weights }));
    host.fault = (name, nth) => (name === WEIGHTS && nth === 1 ? { cutAfter: 100_000 } : undefined);
    const { url } = await serve({ roots: [], intercept: host.intercept });
    await openPage(page, (await servePage(serve)).url);
    await expectComplete(page, await download(page, { modelUrl: `${url}package/`, patience: SOON }));
    expect(host.requestsFor(WEIGHTS)[1]).toMatchObject({ range: "bytes=100000-", ifRange: "", status: 206 });
    expect(host.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  });
});

test("a host that ignores ranges sends the file anew", async ({ page, serve }) => {
  const { host, modelUrl } = await setUp(page, serve, (nth) =>
    nth === 1 ? { cutAfter: 100_000 } : { ignoresRange: true },
  );
  const outcome = await download(page, { modelUrl, patience: SOON });
  await expectComplete(page, outcome);
  expect(host.requestsFor(WEIGHTS).map(({ status }) => status)).toEqual([200, 200]);
});

test("a host that answers no range is asked without one at last", async ({ page, serve }) => {
  const { host, modelUrl } = await setUp(page, serve, once({ cutAfter: 100_000 }));
  const cutFirst = host.fault;
  host.fault = (name, nth) => {
    const isRange = name === WEIGHTS && host.requestsFor(name).at(-1)?.range !== "";
    return isRange ? { givesNoAnswer: true } : cutFirst(name, nth);
  };
  await expectComplete(page, await download(page, { modelUrl, patience: SOON }));
  expect(host.requestsFor(WEIGHTS).at(-1)).toMatchObject({ range: "", status: 200 });
});

test.describe("a file that changes between two ranges", () => {
  test("is noticed by the host (If-Range) and fetched anew", async ({ page, serve }) => {
    const { host, modelUrl } = await setUp(page, serve, once({ cutAfter: 100_000, bytes: other }));
    await expectComplete(page, await download(page, { modelUrl, patience: SOON }));
    const [first, second] = host.requestsFor(WEIGHTS);
    expect(first?.status).toBe(200);
    expect(second).toMatchObject({ range: "bytes=100000-", ifRange: `"${sha256Of(other).slice(0, 16)}"`, status: 200 });
  });

  test("is noticed by its ETag where the host ignores If-Range", async ({ page, serve }) => {
    const { host, modelUrl } = await setUp(page, serve, (nth) =>
      nth === 1 ? { cutAfter: 100_000, bytes: other } : { ignoresIfRange: true },
    );
    await expectComplete(page, await download(page, { modelUrl, patience: SOON }));
    expect(host.requestsFor(WEIGHTS).map(({ range }) => range)).toEqual(["", "bytes=100000-", ""]);
  });

  test("is noticed by its hash where there is no ETag, or a weak one", async ({ page, serve }) => {
    for (const etag of ["", 'W/"same"']) {
      const { host, modelUrl } = await setUp(page, serve, once({ cutAfter: 100_000, bytes: other }));
      host.etagOf = () => etag;
      await expectComplete(page, await download(page, { modelUrl, patience: SOON }));
      expect(host.requestsFor(WEIGHTS).map(({ range }) => range)).toEqual(["", "bytes=100000-", ""]);
      expect(host.requestsFor(WEIGHTS)[1]?.ifRange).toBe("");
    }
  });

  test("to a shorter one answers 416, and is fetched anew", async ({ page, serve }) => {
    const { host, modelUrl } = await setUp(page, serve, (nth) => {
      if (nth === 1) return { cutAfter: 100_000 };
      return nth === 2 ? { bytes: noise(50, 1), ignoresIfRange: true } : undefined;
    });
    await expectComplete(page, await download(page, { modelUrl, patience: SOON }));
    expect(host.requestsFor(WEIGHTS).map(({ status }) => status)).toEqual([200, 416, 200]);
  });
});

test.describe("a compressed body", () => {
  test("is taken decoded, whatever its length says", async ({ page, serve }) => {
    const { modelUrl } = await setUp(page, serve, () => ({ isGzipped: true }));
    await expectComplete(page, await download(page, { modelUrl, patience: SOON }));
  });

  test("that was cut is fetched anew: its ranges count other bytes", async ({ page, serve }) => {
    const { host, modelUrl } = await setUp(page, serve, (nth) => ({
      isGzipped: true,
      ...(nth === 1 && { cutAfter: 150_000 }),
    }));
    await expectComplete(page, await download(page, { modelUrl, patience: SOON }));
    expect(host.requestsFor(WEIGHTS).at(-1)).toMatchObject({ range: "", status: 200 });
  });
});

test("a connection that stalls is given up and taken up again", async ({ page, serve }) => {
  const { host, modelUrl } = await setUp(page, serve, once({ stallAfter: 100_000 }));
  await expectComplete(page, await download(page, { modelUrl, patience: { ...SOON, stallMs: 400 } }));
  expect(host.requestsFor(WEIGHTS)[1]?.range).toBe("bytes=100000-");
});

test("a host that never answers is told as stalled", async ({ page, serve }) => {
  const { modelUrl } = await setUp(page, serve, () => ({ after: new Promise(() => undefined) }));
  const patience = { tries: 2, firstPauseMs: 10, stallMs: 200 };
  expect(await download(page, { modelUrl, patience })).toMatchObject({
    code: "model-download",
    details: { status: 0, problem: "stalled" },
  });
});

test.describe("a status", () => {
  for (const status of [408, 429, 500, 503]) {
    test(`${String(status)} passes`, async ({ page, serve }) => {
      const { host, modelUrl } = await setUp(page, serve, once({ status }));
      await expectComplete(page, await download(page, { modelUrl, patience: SOON }));
      expect(host.requestsFor(WEIGHTS)).toHaveLength(2);
    });
  }

  test("503 with Retry-After is waited for", async ({ page, serve }) => {
    const askedAt: number[] = [];
    const { modelUrl } = await setUp(page, serve, (nth) => {
      askedAt.push(Date.now());
      return nth === 1 ? { status: 503, headers: { "Retry-After": "1" } } : undefined;
    });
    await expectComplete(page, await download(page, { modelUrl, patience: SOON }));
    const [first = 0, second = 0] = askedAt;
    // What the host asked for, and not the 20 ms of the client's own: a promise to the host, not a speed.
    expect(second - first).toBeGreaterThanOrEqual(990);
  });

  for (const status of [403, 404, 410]) {
    test(`${String(status)} does not pass: one request, and the status is told`, async ({ page, serve }) => {
      const { host, modelUrl } = await setUp(page, serve, () => ({ status }));
      expect(await download(page, { modelUrl, patience: SOON })).toMatchObject({
        code: "model-download",
        details: { url: `${modelUrl}${WEIGHTS}`, status },
      });
      expect(host.requestsFor(WEIGHTS)).toHaveLength(1);
    });
  }
});

test("a web page with status 200 is told as such, and not asked for again", async ({ page, serve }) => {
  const { host, modelUrl } = await setUp(page, serve, () => ({
    bytes: Buffer.from("<!doctype html><title>Welcome</title>"),
    headers: { "Content-Type": "text/html; charset=utf-8" },
  }));
  expect(await download(page, { modelUrl, patience: SOON })).toMatchObject({
    code: "model-download",
    details: { status: 200, problem: "web-page" },
  });
  expect(host.requestsFor(WEIGHTS)).toHaveLength(1);
});

test.describe("a file that is not the manifest's", () => {
  const flipped = Buffer.from(weights);
  flipped.writeUInt8(flipped.readUInt8(123_456) ^ 1, 123_456);
  const wrong = {
    "one byte shorter": weights.subarray(0, -1),
    "one byte longer": Buffer.concat([weights, Buffer.of(0)]),
    empty: Buffer.alloc(0),
    "one bit different": flipped,
  };
  for (const [what, bytes] of Object.entries(wrong)) {
    test(`${what}: asked for once more past every cache, then refused, and nothing of it kept`, async ({
      page,
      serve,
    }) => {
      const { host, modelUrl } = await setUp(page, serve, () => ({ bytes }));
      expect(await download(page, { modelUrl, patience: SOON })).toMatchObject({
        code: "model-integrity",
        details: { file: WEIGHTS, expectedBytes: weights.length },
      });
      expect(host.requestsFor(WEIGHTS)).toHaveLength(2);
      expect((await storedFiles(page))[sha256Of(weights)]).toEqual({ bytes: 0, isComplete: false });
    });
  }

  test("only the first time: the right one is kept", async ({ page, serve }) => {
    const { modelUrl } = await setUp(page, serve, once({ bytes: flipped }));
    await expectComplete(page, await download(page, { modelUrl, patience: SOON }));
  });
});

test("a manifest that names a file outside its folder is refused before anything is fetched", async ({
  page,
  serve,
}) => {
  const files = madePackage({ [WEIGHTS]: weights });
  const manifest = JSON.parse(String(files.get("manifest.json"))) as ModelManifest;
  const outside = {
    ...manifest,
    tokenizer: "../tokenizer.json",
    files: { ...manifest.files, "../tokenizer.json": manifest.files[WEIGHTS] },
  };
  const host = new PackageHost(files.set("manifest.json", Buffer.from(JSON.stringify(outside))));
  const { url } = await servePage(serve, host.intercept);
  await openPage(page, url);
  expect(await download(page, { modelUrl: `${url}package/` })).toMatchObject({ code: "model-invalid" });
  expect(host.requests.map(({ name }) => name)).toEqual(["manifest.json"]);
});

test("progress grows to the whole, and says what came over the network", async ({ page, serve }) => {
  const { modelUrl } = await setUp(page, serve, () => ({ pieceMs: 20 }));
  const first = await download(page, { modelUrl, patience: SOON });
  if (first.type !== "done") throw new Error(first.code);
  expect(first.events.length).toBeGreaterThan(2);
  const sums = first.events.map(({ storedBytes, transferredBytes }) => storedBytes + transferredBytes);
  expect(sums).toEqual([...sums].sort((a, b) => a - b));
  expect(first.events.at(-1)).toEqual({ totalBytes, storedBytes: 0, transferredBytes: totalBytes, isWaiting: false });
  const second = await download(page, { modelUrl, patience: SOON });
  if (second.type !== "done") throw new Error(second.code);
  expect(second.events.every(({ transferredBytes }) => transferredBytes === 0)).toBe(true);
  expect(second.events.at(-1)).toEqual({ totalBytes, storedBytes: totalBytes, transferredBytes: 0, isWaiting: false });
});
