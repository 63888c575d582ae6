/** Requests as the services' documentation has them, and what each service says to them. */
import { describe, expect, it } from "vitest";
import { RerankError, type RerankErrorCode } from "../core/errors.ts";
import { sigmoid } from "../core/ranking.ts";
import { answerCall, type RankTexts } from "./answer-call.ts";
import { toResponse } from "./http-answer.ts";
import { routeOf } from "./routes.ts";

const BASE = "https://sunwi.local/";
const DOCUMENTS = ["배송은 이틀", "환불은 7일", "교환은 10일"];
const LOGITS = [-1, 3, 1];
/** `DOCUMENTS`, best first. */
const ORDER = [1, 2, 0] as const;

const rank: RankTexts = (_, texts) =>
  Promise.resolve({
    ranked: ORDER.filter((index) => index < texts.length).map((index) => ({
      index,
      logit: LOGITS[index] ?? 0,
      truncated: texts[index]?.includes("길다") ?? false,
    })),
    modelId: "sunwi-mini",
  });

async function post(path: string, body: unknown, { method = "POST", by = rank } = {}) {
  const url = new URL(path, BASE);
  const route = routeOf(url, BASE) ?? expect.fail("not under the base");
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await answerCall({ route, method, path: url.pathname, body: text }, by);
  const response = toResponse(answer);
  expect(response.headers.get("content-type")).toBe("application/json");
  return { status: response.status, body: (await response.json()) as unknown, allow: response.headers.get("allow") };
}

const ID = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/) as string;
const META = (version: string) => ({
  api_version: { version, is_experimental: false },
  billed_units: { search_units: 0 },
});
const query = "환불 기간";
const results = (indexes: readonly number[], withText = false) =>
  indexes.map((index) => ({
    index,
    relevance_score: sigmoid(LOGITS[index] ?? 0),
    ...(withText && { document: { text: DOCUMENTS[index] } }),
  }));
const ranks = (score: (logit: number) => number, withText = false) =>
  ORDER.map((index) => ({
    index,
    score: score(LOGITS[index] ?? 0),
    ...(withText && { text: DOCUMENTS[index] }),
  }));
const jina = (items: unknown) => ({
  model: "sunwi-mini",
  usage: { total_tokens: 0 },
  results: items,
  id: ID,
  meta: META("1"),
});

describe("a right call", () => {
  it.each<[name: string, path: string, body: unknown, answer: unknown]>([
    [
      "Cohere v2",
      "v2/rerank",
      { model: "rerank-v4.0-pro", query, documents: DOCUMENTS, top_n: 2, max_tokens_per_doc: 4096, priority: 0 },
      { id: ID, results: results([1, 2]), meta: META("2") },
    ],
    [
      "Cohere v2 with more asked for than there is, and nulls",
      "v2/rerank",
      { query, documents: DOCUMENTS, top_n: 99, max_tokens_per_doc: null, model: null },
      { id: ID, results: results(ORDER), meta: META("2") },
    ],
    [
      "Cohere v2 with documents as objects, asked to return them",
      "v2/rerank",
      { query, documents: DOCUMENTS.map((text, id) => ({ text, id })), return_documents: true },
      { id: ID, results: results(ORDER, true), meta: META("2") },
    ],
    [
      "Jina",
      "v1/rerank",
      { model: "jina-reranker-v2-base-multilingual", query, documents: DOCUMENTS, top_n: 1 },
      jina(results([1], true)),
    ],
    [
      "Jina and Cohere v1 without documents",
      "v1/rerank",
      { query, documents: DOCUMENTS, return_documents: false },
      jina(results(ORDER)),
    ],
    [
      "Voyage",
      "voyage/v1/rerank",
      { model: "rerank-2.5", query, documents: DOCUMENTS, top_k: 2, return_documents: true },
      {
        object: "list",
        data: [1, 2].map((index) => ({
          index,
          relevance_score: sigmoid(LOGITS[index] ?? 0),
          document: DOCUMENTS[index],
        })),
        model: "sunwi-mini",
        usage: { total_tokens: 0 },
      },
    ],
    ["TEI", "rerank", { query, texts: DOCUMENTS }, ranks(sigmoid)],
    ["TEI, a base with two slashes", "//rerank/", { query, texts: DOCUMENTS, truncate: true }, ranks(sigmoid)],
    [
      "TEI with raw scores and texts",
      "rerank",
      {
        query,
        texts: DOCUMENTS,
        raw_scores: true,
        return_text: true,
        truncate: false,
        truncation_direction: "Right",
      },
      ranks((logit) => logit, true),
    ],
  ])("%s", async (_, path, body, answer) => {
    expect(await post(path.startsWith("//") ? `https://sunwi.local${path}` : path, body)).toMatchObject({
      status: 200,
      body: answer,
    });
  });

  it("has nothing in it that the schema lacks", async () => {
    const { body } = await post("v2/rerank", { query, documents: DOCUMENTS });
    expect(Object.keys(body as object)).toEqual(["id", "results", "meta"]);
    expect((body as { results: object[] }).results.map((result) => Object.keys(result))).toEqual(
      DOCUMENTS.map(() => ["index", "relevance_score"]),
    );
  });
});

const required = (field: string) => `invalid request: ${field} is required`;
const whole = (field: string) => `invalid request: ${field} must be a whole number above 0`;
const documentKind = (at: number) => `invalid request: documents.${at} must be a string, or an object with a text`;
const blank = "invalid request: query must not be empty or be only whitespace";
const none = "invalid request: list of documents must not be empty";
const many = Array<string>(1001).fill("글");
const tooMany = (field: string) => `invalid request: ${field} has 1001 entries, more than the 1000 that are read`;
const notJson = "The body is not JSON.";

describe("a wrong call", () => {
  it.each<[path: string, body: unknown, status: number, answer: unknown]>([
    ["v2/rerank", "{", 400, { message: notJson }],
    ["v2/rerank", "[]", 400, { message: required("query") }],
    ["v2/rerank", "3", 400, { message: "the body must be a JSON object" }],
    ["v2/rerank", { documents: DOCUMENTS }, 400, { message: required("query") }],
    ["v2/rerank", { query, documents: "글" }, 400, { message: "invalid request: documents must be a list" }],
    ["v2/rerank", { query: " ", documents: DOCUMENTS }, 400, { message: blank }],
    ["v2/rerank", { query, documents: [] }, 400, { message: none }],
    ["v2/rerank", { query, documents: ["글", 3] }, 400, { message: documentKind(1) }],
    ["v2/rerank", { query, documents: [{ title: "글" }] }, 400, { message: documentKind(0) }],
    ["v2/rerank", { query, documents: DOCUMENTS, top_n: 0 }, 400, { message: whole("top_n") }],
    [
      "v2/rerank",
      { query, documents: DOCUMENTS, max_tokens_per_doc: "9" },
      400,
      { message: whole("max_tokens_per_doc") },
    ],
    ["v2/rerank", { query, documents: many }, 400, { message: tooMany("documents") }],
    [
      "v1/rerank",
      { query, documents: ["글", 3] },
      422,
      {
        detail: [{ loc: ["body", "documents", 1], msg: documentKind(1), type: "value_error" }],
        message: documentKind(1),
      },
    ],
    ["v1/rerank", "{", 400, { detail: notJson, message: notJson }],
    ["voyage/v1/rerank", { query, documents: DOCUMENTS, top_k: 1.5 }, 400, { detail: whole("top_k") }],
    ["rerank", "{", 400, { error: notJson, error_type: "validation" }],
    ["rerank", { query }, 422, { error: required("texts"), error_type: "validation" }],
    ["rerank", { query, texts: [] }, 400, { error: none, error_type: "empty" }],
    ["rerank", { query, texts: many }, 413, { error: tooMany("texts"), error_type: "validation" }],
    [
      "rerank",
      { query, texts: DOCUMENTS, truncation_direction: "up" },
      422,
      { error: 'invalid request: truncation_direction must be "left" or "right"', error_type: "validation" },
    ],
  ])("%s %j", async (path, body, status, answer) => {
    expect(await post(path, body)).toMatchObject({ status, body: answer });
  });

  it.each<[path: string, options: object, status: number]>([
    ["rerank", { truncate: false }, 413],
    ["rerank", { truncation_direction: "Left" }, 413],
    ["rerank", { truncate: true }, 200],
    ["rerank", {}, 200],
    ["voyage/v1/rerank", { truncation: false, top_k: 1 }, 400],
    ["voyage/v1/rerank", {}, 200],
  ])("%s with a long text and %j", async (path, options, status) => {
    const texts = ["길다 ".repeat(999), "글"];
    const answer = await post(path, { query, ...(path === "rerank" ? { texts } : { documents: texts }), ...options });
    expect(answer.status).toBe(status);
    if (status !== 200) expect(JSON.stringify(answer.body)).toContain("Document 0");
  });

  it.each([
    ["v2/chat", { message: expect.stringContaining("/v2/chat") as string }],
    ["v1/embeddings", { detail: expect.stringContaining("/v1/embeddings") as string }],
    ["embed", { error: expect.stringContaining("/embed") as string, error_type: "validation" }],
    ["x/rerank", { error: expect.stringContaining("/x/rerank") as string, error_type: "validation" }],
  ])("404 for %s", async (path, body) => {
    expect(await post(path, { query })).toMatchObject({ status: 404, body });
  });

  it("405 says what is possible", async () => {
    expect(await post("v2/rerank", "", { method: "GET" })).toMatchObject({ status: 405, allow: "POST" });
  });

  it("413 for a body without end", async () => {
    const documents = ["글".repeat(10_000_001)];
    expect((await post("v2/rerank", { query, documents })).status).toBe(413);
    expect(await post("rerank", { query, texts: documents })).toMatchObject({
      status: 413,
      body: { error_type: "validation" },
    });
  });
});

describe("a failed model", () => {
  it.each<[code: RerankErrorCode, cohere: number, tei: number, type: string]>([
    ["inference", 500, 424, "backend"],
    ["worker-crashed", 500, 424, "backend"],
    ["model-download", 503, 503, "unhealthy"],
    ["consent-needed", 503, 503, "unhealthy"],
    ["aborted", 499, 499, "overloaded"],
    ["invalid-input", 400, 422, "validation"],
  ])("%s", async (code, cohere, tei, type) => {
    const by: RankTexts = () => Promise.reject(new RerankError(code, "무엇이 잘못됐다"));
    const told = { message: "무엇이 잘못됐다" };
    expect(await post("v2/rerank", { query, documents: DOCUMENTS }, { by })).toMatchObject({
      status: cohere,
      body: told,
    });
    expect(await post("rerank", { query, texts: DOCUMENTS }, { by })).toEqual({
      status: tei,
      body: { error: "무엇이 잘못됐다", error_type: type },
      allow: null,
    });
  });

  it("tells nothing of errors that are nobody's message", async () => {
    const by: RankTexts = () => Promise.reject(new TypeError("x is not a function"));
    const { status, body } = await post("v2/rerank", { query, documents: DOCUMENTS }, { by });
    expect([status, body]).toEqual([500, { message: "The model failed. Try again." }]);
  });
});
