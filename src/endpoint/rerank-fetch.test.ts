import { describe, expect, it, vi } from "vitest";
import type { RankTexts } from "./answer-call.ts";
import { rerankFetch } from "./rerank-fetch.ts";

const rank: RankTexts = (_, texts) =>
  Promise.resolve({ ranked: texts.map((_, index) => ({ index, logit: -index, truncated: false })), modelId: "m" });
const never: RankTexts = () => new Promise(() => undefined);
const BODY = JSON.stringify({ query: "질의", documents: ["하나", "둘"] });

/** As `cohere-ai` 8.1 calls `fetch`, and makes of what it answers: core/fetcher/{Fetcher,makeRequest}.js there. */
async function likeCohere(fetchFn: typeof fetch, baseUrl: string, body: object, abortSignal?: AbortSignal) {
  const signal = AbortSignal.any([AbortSignal.timeout(300_000), ...(abortSignal ? [abortSignal] : [])]);
  const response = await fetchFn(`${baseUrl.replace(/\/$/, "")}/v2/rerank`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: "Bearer none", "X-Fern-Language": "JavaScript" },
    body: JSON.stringify(body),
    signal,
    cache: "no-store",
  });
  const text = await response.text();
  if (response.status >= 200 && response.status < 400) return { ok: true, body: JSON.parse(text) as unknown };
  return { ok: false, error: { statusCode: response.status, body: JSON.parse(text) as unknown } };
}

describe("rerankFetch", () => {
  it("answers as Cohere's SDK calls it", async () => {
    const request = { model: "rerank-v3.5", query: "질의", documents: ["하나", "둘"], top_n: 1 };
    expect(await likeCohere(rerankFetch(rank), "https://sunwi.local", request)).toMatchObject({
      ok: true,
      body: { results: [{ index: 0, relevance_score: 0.5 }] },
    });
    expect(await likeCohere(rerankFetch(rank), "https://sunwi.local", { ...request, documents: [] })).toMatchObject({
      error: { statusCode: 400, body: { message: "invalid request: list of documents must not be empty" } },
    });
  });

  it("takes any base, and requests of every kind", async () => {
    const local = rerankFetch(rank, { baseUrl: "https://api.cohere.com/proxy" });
    const url = "https://api.cohere.com/proxy/v2/rerank";
    const body = BODY;
    const bytes = new TextEncoder().encode(BODY);
    const given: [RequestInfo | URL, RequestInit?][] = [
      [url, { method: "POST", body }],
      [new URL(url), { method: "post", body: bytes }],
      [new Request(url, { method: "POST", body })],
      [new Request(url), { method: "POST", body: new Blob([BODY]) }],
    ];
    for (const [input, init] of given) expect((await local(input, init)).status).toBe(200);
    const odd = await local(`${url}?debug=1`, { method: "GET" });
    expect([odd.status, odd.headers.get("allow")]).toEqual([405, "POST"]);
  });

  it("passes on what is not under its base, as it came", async () => {
    const passOn = vi.fn(() => Promise.resolve(new Response("real")));
    const local = rerankFetch(rank, { baseUrl: "https://sunwi.local/api", fetch: passOn });
    const init = { method: "POST", body: BODY };
    for (const url of ["https://sunwi.local/v2/rerank", "https://api.cohere.com/api/v2/rerank"]) {
      expect(await (await local(url, init)).text()).toBe("real");
      expect(passOn).toHaveBeenLastCalledWith(url, init);
    }
    const real = vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response("global"));
    expect(await (await rerankFetch(rank)("https://elsewhere.test/")).text()).toBe("global");
    real.mockRestore();
  });

  it("rejects as fetch does when it is cancelled: before, meanwhile, with a reason, in a request", async () => {
    const local = rerankFetch(never);
    const url = "https://sunwi.local/rerank";
    const body = JSON.stringify({ query: "질의", texts: ["하나"] });
    await expect(local(url, { method: "POST", body, signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
    const cancel = new AbortController();
    const running = local(url, { method: "POST", body, signal: cancel.signal });
    const inRequest = local(new Request(url, { method: "POST", body, signal: cancel.signal }));
    cancel.abort();
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    await expect(inRequest).rejects.toMatchObject({ name: "AbortError" });
    const timeout = AbortSignal.timeout(1);
    await expect(local(url, { method: "POST", body, signal: timeout })).rejects.toMatchObject({ name: "TimeoutError" });
  });

  it("lets the model know of the cancel", async () => {
    let seen: AbortSignal | undefined;
    const cancel = new AbortController();
    const local = rerankFetch((_, __, { signal }) => {
      seen = signal;
      cancel.abort();
      return new Promise(() => undefined);
    });
    const call = local("https://sunwi.local/v2/rerank", { method: "POST", body: BODY, signal: cancel.signal });
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
    expect(seen?.aborted).toBe(true);
  });
});
