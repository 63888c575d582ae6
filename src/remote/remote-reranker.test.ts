import { afterEach, describe, expect, it, vi } from "vitest";
import {
  respond,
  serveRemoteReranker,
  type RemoteServiceOptions,
  type RemoteServiceServer,
} from "../../e2e/remote-services.ts";
import { RerankError } from "../core/errors.ts";
import { RemoteReranker, type RemoteRerankerOptions } from "./remote-reranker.ts";
import { REMOTE_KINDS, REMOTE_SERVICES, type RemoteKind } from "./services.ts";

const KEY = "sk-secret-0123456789";
const QUERY = "환불 기한";
const TEXTS = ["배송 조회 방법", "환불은 7일 안에", "환불 기한은 7일"];
const DOCUMENTS = TEXTS.map((text, at) => ({ text, id: `d${String(at)}` }));

const servers: RemoteServiceServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(options: RemoteServiceOptions = {}): Promise<RemoteServiceServer> {
  const server = await serveRemoteReranker(options);
  servers.push(server);
  return server;
}

async function asking(
  options: RemoteServiceOptions,
  own: Partial<RemoteRerankerOptions> = {},
): Promise<{ readonly reranker: RemoteReranker; readonly server: RemoteServiceServer }> {
  const server = await serve(options);
  const reranker = new RemoteReranker({ kind: "tei", url: server.url, key: KEY, firstPauseMs: 1, ...own });
  return { reranker, server };
}

async function failure(promise: Promise<unknown>): Promise<RerankError> {
  const error: unknown = await promise.then(
    () => expect.fail("It should have failed."),
    (reason: unknown) => reason,
  );
  if (!(error instanceof RerankError)) throw error;
  const seen = [error.message, error.stack, JSON.stringify(error), JSON.stringify(error.details), String(error.cause)];
  expect(seen.join("\n")).not.toContain(KEY);
  return error;
}

/** Answers all requests with this. */
const always =
  (status: number, body: unknown, headers?: Readonly<Record<string, string>>): RemoteServiceOptions["misbehave"] =>
  (response) =>
    respond(response, status, body, headers);

describe.each(REMOTE_KINDS)("%s", (kind: RemoteKind) => {
  const model = REMOTE_SERVICES[kind].needsModel ? { model: "some model" } : {};

  it("ranks by the service's scores", async () => {
    const { reranker, server } = await asking({}, { kind, ...model });
    const ranked = await reranker.rerank(QUERY, DOCUMENTS);
    expect(ranked.map(({ index, id, rank }) => [index, id, rank])).toEqual([
      [2, "d2", 1],
      [1, "d1", 2],
      [0, "d0", 3],
    ]);
    for (const { logit, relevanceScore } of ranked) expect(relevanceScore).toBeCloseTo(1 / (1 + Math.exp(-logit)), 12);
    expect(ranked.map(({ logit }) => logit)).toEqual([1, 0, -1].map((logit) => expect.closeTo(logit, 6) as number));
    const [request] = server.requests;
    expect(request?.path).toBe(REMOTE_SERVICES[kind].path);
    expect(request?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, "content-type": "application/json" });
  });

  it("scores pairs in the texts' order, a batch after another", async () => {
    const { reranker, server } = await asking({}, { kind, ...model, batchSize: 2 });
    const { logits, windows, truncated } = await reranker.scorePairs(QUERY, TEXTS);
    expect([...logits]).toEqual([-1, 0, 1].map((logit) => expect.closeTo(logit, 6) as number));
    expect([...windows, ...truncated]).toEqual([1, 1, 1, 0, 0, 0]);
    expect(server.requests).toHaveLength(2);
  });

  it("shows its key to nobody but the service", async () => {
    const { reranker, server } = await asking({}, { kind, ...model, headers: { "x-token": "also-secret" } });
    expect(JSON.stringify(reranker)).not.toMatch(/secret/);
    expect(JSON.parse(JSON.stringify(reranker))).toMatchObject({ kind, host: server.host });
    await reranker.rerank(QUERY, DOCUMENTS);
    expect(server.requests[0]?.headers["x-token"]).toBe("also-secret");
    expect(server.requests[0]?.body).not.toContain("secret");
  });
});

describe("a request's body", () => {
  const sent = async (own: Partial<RemoteRerankerOptions>): Promise<unknown> => {
    const { reranker, server } = await asking({}, own);
    await reranker.rerank(QUERY, DOCUMENTS.slice(0, 1));
    return JSON.parse(server.requests[0]?.body ?? "");
  };
  const documents = TEXTS.slice(0, 1);

  it.each([
    [
      { kind: "cohere", model: "rerank-v3.5" },
      { model: "rerank-v3.5", query: QUERY, documents, top_n: 1 },
    ],
    [
      { kind: "jina", model: "m" },
      { model: "m", query: QUERY, documents, top_n: 1, return_documents: false },
    ],
    [
      { kind: "voyage", model: "m" },
      { model: "m", query: QUERY, documents, top_k: 1, return_documents: false, truncation: true },
    ],
    [{ kind: "tei" }, { query: QUERY, texts: documents, raw_scores: true, return_text: false, truncate: true }],
    [
      { kind: "tei", scores: "relevance" },
      { query: QUERY, texts: documents, raw_scores: false, return_text: false, truncate: true },
    ],
    [{ kind: "sagemaker" }, { inputs: [{ text: QUERY, text_pair: documents[0] }] }],
  ] as const)("%j", async (own, body) => {
    expect(await sent(own)).toEqual(body);
  });
});

describe("the order", () => {
  const scores = (values: readonly number[], kind: "cohere" | "tei"): RemoteServiceOptions["misbehave"] =>
    kind === "cohere"
      ? always(200, { results: values.map((relevance_score, index) => ({ index, relevance_score })).reverse() })
      : always(200, values.map((score, index) => ({ index, score })).reverse());
  const documents = ["a", "b", "c", "d", "e"].map((text) => ({ text }));

  it("keeps the documents' where scores are equal", async () => {
    const { reranker } = await asking({ misbehave: scores([0.5, 0.7, 0.5, 0.7, 0.5], "tei") });
    expect((await reranker.rerank("q", documents)).map(({ index }) => index)).toEqual([1, 3, 0, 2, 4]);
  });

  it("is exact where logits in fp32 would be equal, and ends at finite numbers", async () => {
    const close = [1, 1 - 2 ** -53, 0, 5e-324, 1 - 2 ** -52];
    const { reranker } = await asking({ misbehave: scores(close, "cohere") }, { kind: "cohere", model: "m" });
    expect((await reranker.rerank("q", documents)).map(({ index }) => index)).toEqual([0, 1, 4, 3, 2]);
    const { logits } = await reranker.scorePairs("q", ["a", "b", "c", "d", "e"]);
    expect([...logits].every(Number.isFinite)).toBe(true);
    const [one = 0, nearly = 0, zero = 0, least = 0, next = 0] = logits;
    expect([one > nearly, nearly > next, next > least, least > zero]).toEqual([true, true, true, true]);
  });

  it("returns the best so many", async () => {
    const { reranker } = await asking({});
    expect(await reranker.rerank(QUERY, DOCUMENTS, { topN: 1 })).toMatchObject([{ index: 2 }]);
    expect(await reranker.rerank(QUERY, [])).toEqual([]);
  });
});

describe("a refusal", () => {
  const echo = { message: `invalid key ${KEY}`, error: `bad ${KEY}` };

  it.each([
    [401, "remote-unauthorized"],
    [403, "remote-unauthorized"],
    [404, "remote-refused"],
    [400, "remote-refused"],
    [422, "remote-refused"],
  ])("%i is told at once, without the key that the service repeats", async (status, code) => {
    const { reranker, server } = await asking({ misbehave: always(status, echo) });
    const error = await failure(reranker.rerank(QUERY, DOCUMENTS));
    expect(error).toMatchObject({ code, details: { host: server.host, status } });
    expect(server.requests).toHaveLength(1);
  });

  it("says what the service says", async () => {
    const said = { message: "model 'x' not found, make sure the correct model ID was used." };
    const { reranker } = await asking({ misbehave: always(404, said) }, { kind: "cohere", model: "x" });
    expect((await failure(reranker.rerank(QUERY, DOCUMENTS))).message).toContain("model 'x' not found");
  });
});

describe("trying again", () => {
  it("waits as long as 429 asks, in seconds or until a date", async () => {
    const date = new Date(Date.now() - 1000).toUTCString();
    const { reranker, server } = await asking({
      misbehave: (response, _, count) =>
        count < 2 && respond(response, 429, {}, { "Retry-After": count === 0 ? "1" : date }),
    });
    const start = performance.now();
    expect(await reranker.rerank(QUERY, DOCUMENTS)).toHaveLength(3);
    expect(performance.now() - start).toBeGreaterThan(990);
    expect(server.requests).toHaveLength(3);
  });

  it("gives 429 up after its tries", async () => {
    const { reranker, server } = await asking({ misbehave: always(429, {}) }, { retries: 2 });
    expect(await failure(reranker.rerank(QUERY, DOCUMENTS))).toMatchObject({ code: "remote-rate-limited" });
    expect(server.requests).toHaveLength(3);
  });

  it("does not wait for longer than it may", async () => {
    const { reranker, server } = await asking({ misbehave: always(429, {}, { "Retry-After": "3600" }) });
    expect(await failure(reranker.rerank(QUERY, DOCUMENTS))).toMatchObject({
      code: "remote-rate-limited",
      details: { seconds: 3600 },
    });
    expect(server.requests).toHaveLength(1);
  });

  it.each([500, 503, 424])("%i passes", async (status) => {
    const { reranker, server } = await asking({
      misbehave: (response, _, count) => count === 0 && respond(response, status, "<html>oops</html>"),
    });
    expect(await reranker.rerank(QUERY, DOCUMENTS)).toHaveLength(3);
    expect(server.requests).toHaveLength(2);
  });

  it("gives 500 up after its tries", async () => {
    const { reranker, server } = await asking({ misbehave: always(500, "") }, { retries: 1 });
    expect(await failure(reranker.rerank(QUERY, DOCUMENTS))).toMatchObject({ code: "remote-unavailable" });
    expect(server.requests).toHaveLength(2);
  });

  it("takes a broken connection for a blip only where it worked before", async () => {
    const { reranker, server } = await asking({
      misbehave: (response, _, count) => (count === 0 || count === 2) && Boolean(response.destroy()),
    });
    const error = await failure(reranker.rerank(QUERY, DOCUMENTS));
    expect(error).toMatchObject({ code: "remote-unreachable", details: { host: server.host } });
    expect(error.message).toContain("CORS");
    expect(server.requests).toHaveLength(1);
    expect(await reranker.rerank(QUERY, DOCUMENTS)).toHaveLength(3);
    expect(await reranker.rerank(QUERY, DOCUMENTS)).toHaveLength(3);
    expect(server.requests).toHaveLength(4);
  });

  it("asks again for an answer that broke off", async () => {
    const breaking: RemoteServiceOptions["misbehave"] = (response) => {
      response.writeHead(200, { "Content-Length": "1000" });
      response.write('[{"index":0,', () => response.destroy());
      return true;
    };
    const { reranker, server } = await asking({ misbehave: breaking }, { retries: 1 });
    expect(await failure(reranker.rerank(QUERY, DOCUMENTS))).toMatchObject({
      code: "remote-response",
      details: { problem: "cut-off" },
    });
    expect(server.requests).toHaveLength(2);
  });
});

describe("time", () => {
  it("is limited where nothing comes", async () => {
    const { reranker } = await asking({ misbehave: () => true }, { timeoutMs: 100 });
    expect(await failure(reranker.rerank(QUERY, DOCUMENTS))).toMatchObject({
      code: "remote-timeout",
      details: { seconds: 0.1 },
    });
  });

  it("is limited where an answer begins and never ends", async () => {
    const slow: RemoteServiceOptions["misbehave"] = (response) => response.writeHead(200).write("[");
    const { reranker } = await asking({ misbehave: (...all) => slow(...all) || true }, { timeoutMs: 200 });
    expect(await failure(reranker.rerank(QUERY, DOCUMENTS))).toMatchObject({ code: "remote-timeout" });
  });
});

describe("an answer that cannot be used", () => {
  const item = (index: unknown, score: unknown = 0.5): unknown => ({ index, score });
  it.each([
    ["no JSON", "not-json", '[{"index":0,"score":1},{"in'],
    ["a web page", "not-json", "<!DOCTYPE html><title>Log in</title>"],
    ["another shape", "shape", { results: [] }],
    ["a list of something else", "shape", [1, 2, 3]],
    ["too few", "count", [item(0), item(1)]],
    ["too many", "count", [item(0), item(1), item(2), item(0)]],
    ["an index twice", "index", [item(0), item(1), item(1)]],
    ["an index out of range", "index", [item(0), item(1), item(3)]],
    ["a negative index", "index", [item(0), item(1), item(-1)]],
    ["no index", "index", [item(0), item(1), {}]],
    ["a broken index", "index", [item(0), item(1), item(1.5)]],
    ["no score", "score", [item(0), item(1), { index: 2 }]],
    ["a score in words", "score", [item(0), item(1), item(2, "0.5")]],
    ["null for a NaN", "score", [item(0), item(1), item(2, Number.NaN)]],
    ["NaN as Python writes it", "not-json", '[{"index":0,"score":NaN}]'],
    ["an infinite score", "score", '[{"index":0,"score":1},{"index":1,"score":1},{"index":2,"score":1e999}]'],
  ])("%s", async (_, problem, body) => {
    const { reranker } = await asking({ misbehave: always(200, body) });
    const error = await failure(reranker.rerank(QUERY, DOCUMENTS));
    expect(error).toMatchObject({ code: "remote-response", details: { problem } });
  });

  it("relevance out of its range is not taken for a logit by itself", async () => {
    const body = { results: TEXTS.map((_, index) => ({ index, relevance_score: 3.2 })) };
    const own = { kind: "jina", model: "m" } as const;
    const { reranker, server } = await asking({ misbehave: always(200, body) }, own);
    expect(await failure(reranker.rerank(QUERY, DOCUMENTS))).toMatchObject({ details: { problem: "scale" } });
    const other = new RemoteReranker({ ...own, url: server.url, scores: "logit" });
    expect((await other.rerank(QUERY, DOCUMENTS)).map(({ logit }) => logit)).toEqual([3.2, 3.2, 3.2]);
  });

  it("a batch that fails takes the call with it", async () => {
    const { reranker } = await asking(
      { misbehave: (response, _, count) => count === 1 && respond(response, 400, { error: "no" }) },
      { batchSize: 2 },
    );
    expect(await failure(reranker.scorePairs(QUERY, TEXTS))).toMatchObject({ code: "remote-refused" });
  });
});

describe("SageMaker's forms", () => {
  const label = (name: string, score: number): unknown => ({ label: name, score });
  const ask = async (body: unknown): Promise<readonly number[]> => {
    const { reranker } = await asking({ misbehave: always(200, body) }, { kind: "sagemaker" });
    return (await reranker.rerank(QUERY, DOCUMENTS)).map(({ index }) => index);
  };

  it.each([
    ["a list in a list", [[0.2, 0.9, 0.4].map((score) => label("LABEL_0", score))]],
    ["a list for each", [0.2, 0.9, 0.4].map((score) => [label("LABEL_0", score)])],
    [
      "both labels of each, best first",
      [
        [label("LABEL_0", 0.8), label("LABEL_1", 0.2)],
        [label("LABEL_1", 0.9), label("LABEL_0", 0.1)],
        [label("LABEL_0", 0.6), label("LABEL_1", 0.4)],
      ],
    ],
  ])("%s", async (_, body) => {
    expect(await ask(body)).toEqual([1, 2, 0]);
  });

  it("refuses the best of two labels alone, which tells no score of the other", async () => {
    const body = [label("LABEL_0", 0.8), label("LABEL_1", 0.9), label("LABEL_0", 0.6)];
    expect(await failure(ask(body))).toMatchObject({ code: "remote-response", details: { problem: "labels" } });
    const three = TEXTS.map(() => [label("A", 0.1), label("B", 0.1), label("C", 0.8)]);
    expect(await failure(ask(three))).toMatchObject({ details: { problem: "labels" } });
  });
});

describe("too many documents", () => {
  const size = (body: string): number => (JSON.parse(body) as { texts: readonly string[] }).texts.length;
  const texts = Array.from({ length: 10 }, (_, at) => `글 ${String(at)}`);

  it("are halved after 413, for good", async () => {
    const { reranker, server } = await asking({
      misbehave: (response, { body }) => size(body) > 3 && respond(response, 413, { error: "too large" }),
    });
    expect((await reranker.scorePairs("글 7", texts)).logits[7]).toBe(1);
    expect(server.requests.map(({ body }) => size(body))).toEqual([10, 5, 2, 2, 2, 2, 2]);
    await reranker.scorePairs("글 7", texts.slice(0, 3));
    expect(server.requests.slice(7).map(({ body }) => size(body))).toEqual([2, 1]);
  });

  it("become as many as TEI says it takes", async () => {
    const said = { error: "batch size 10 > maximum allowed batch size 4", error_type: "Validation" };
    const { reranker, server } = await asking({
      misbehave: (response, { body }) => size(body) > 4 && respond(response, 422, said),
    });
    await reranker.scorePairs("글 7", texts);
    expect(server.requests.map(({ body }) => size(body))).toEqual([10, 4, 4, 2]);
  });

  it("end with one that is too long by itself", async () => {
    const { reranker } = await asking({ misbehave: always(413, "") });
    expect(await failure(reranker.scorePairs("글 7", texts))).toMatchObject({
      code: "remote-refused",
      details: { status: 413 },
    });
  });
});

describe("a call that is no longer wanted", () => {
  it("ends at once in the middle of a request, and leaves the next one its turn", async () => {
    const { reranker, server } = await asking({ misbehave: (_, __, count) => count === 0 });
    const controller = new AbortController();
    const first = reranker.rerank(QUERY, DOCUMENTS, { signal: controller.signal });
    const second = reranker.rerank(QUERY, DOCUMENTS);
    await vi.waitFor(() => {
      expect(server.requests).toHaveLength(1);
    });
    controller.abort();
    expect(await failure(first)).toMatchObject({ code: "aborted" });
    expect(await second).toHaveLength(3);
  });

  it("ends while it waits to try again", async () => {
    const { reranker } = await asking({ misbehave: always(429, {}, { "Retry-After": "50" }) });
    const signal = AbortSignal.timeout(300);
    expect(await failure(reranker.rerank(QUERY, DOCUMENTS, { signal }))).toMatchObject({ code: "aborted" });
  });

  it("ends while it waits for its turn, and sends nothing", async () => {
    const { reranker, server } = await asking({ misbehave: () => true });
    const first = reranker.rerank(QUERY, DOCUMENTS);
    const controller = new AbortController();
    const second = reranker.rerank(QUERY, DOCUMENTS, { signal: controller.signal });
    controller.abort();
    expect(await failure(second)).toMatchObject({ code: "aborted" });
    await reranker.dispose();
    expect(await failure(first)).toMatchObject({ code: "disposed" });
    expect(await failure(reranker.rerank(QUERY, DOCUMENTS))).toMatchObject({ code: "disposed" });
    expect(server.requests.length).toBeLessThan(2);
  });

  it("gives way to a newer one with its key", async () => {
    const { reranker, server } = await asking({ misbehave: (_, __, count) => count === 0 });
    const first = reranker.rerank(QUERY, DOCUMENTS, { supersedeKey: "search" });
    await vi.waitFor(() => {
      expect(server.requests).toHaveLength(1);
    });
    const second = reranker.rerank(QUERY, DOCUMENTS, { supersedeKey: "search" });
    expect(await failure(first)).toMatchObject({ code: "superseded" });
    expect(await second).toHaveLength(3);
  });
});

it("tells of its progress, batch by batch", async () => {
  const { reranker } = await asking({}, { batchSize: 2 });
  const told: number[][] = [];
  await reranker.rerank(QUERY, DOCUMENTS, { onProgress: (...now) => told.push(now) });
  expect(told).toEqual([
    [2, 3],
    [3, 3],
  ]);
});

it("follows no redirect: key and texts go to the named host only", async () => {
  const other = await serve();
  const { reranker } = await asking({ misbehave: always(307, "", { Location: `${other.url}/rerank` }) });
  expect(await failure(reranker.rerank(QUERY, DOCUMENTS))).toMatchObject({ code: "remote-unreachable" });
  expect(other.requests).toEqual([]);
});
