import { expect, test, vi } from "vitest";
import { withReranking } from "./algolia.ts";
import type { HitReranker } from "./hits.ts";
import { WordReranker } from "./testing/word-reranker.ts";

interface Page {
  readonly objectID: string;
  readonly title: string;
  readonly _highlightResult: unknown;
}
const QUERY = "환불 기한";
const HITS = ["배송", "환불", "환불 기한"].map((title, at): Page => ({
  objectID: String(at),
  title,
  _highlightResult: { title: { value: `<em>${title}</em>` } },
}));
const RESULT = { index: "help", query: QUERY, page: 0, nbHits: 3, hits: HITS, queryID: "q1" };
const text = ({ title }: Page): string => title;

interface Answer {
  readonly results: readonly unknown[];
}

function clientOf(...answers: readonly unknown[]) {
  const calls: unknown[][] = [];
  const client = {
    agents: [] as string[],
    get _ua() {
      return this.agents.join("; ");
    },
    addAlgoliaAgent(name: string) {
      this.agents.push(name);
    },
    search: (...args: unknown[]): Promise<unknown> => {
      calls.push(args);
      const answer = answers[calls.length - 1] ?? answers.at(-1);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
  return { client, calls };
}

const options = (reranker: HitReranker = new WordReranker()) => ({ reranker, text, blend: "none" as const });

test("hits change places and nothing else changes", async () => {
  const answer = { results: [RESULT], took: 1 };
  const { client, calls } = clientOf(answer);
  const requests = [{ indexName: "help", params: { query: QUERY } }];
  const response = await withReranking(client, options()).search(requests, "more");
  expect(response).toEqual({ results: [{ ...RESULT, hits: [HITS[2], HITS[1], HITS[0]] }], took: 1 });
  expect((response as { results: (typeof RESULT)[] }).results[0]?.hits[0]).toBe(HITS[2]);
  expect(calls).toEqual([[requests, "more"]]);
  expect(answer.results[0]?.hits).toEqual(HITS);
});

test.each<[string, unknown, unknown]>([
  ["old form", [{ indexName: "help", params: { query: QUERY } }], {}],
  ["new form", { requests: [{ indexName: "help", query: QUERY }] }, {}],
  ["none, but the answer names it", undefined, { query: QUERY }],
])("the query is read from requests of any form: %s", async (_, requests, named) => {
  const { client } = clientOf({ results: [{ hits: HITS, ...(named as object) }] });
  const response = (await withReranking(client, options()).search(requests)) as { results: { hits: unknown[] }[] };
  expect(response.results[0]?.hits[0]).toBe(HITS[2]);
});

test.each<[string, unknown, unknown]>([
  ["a later page", { ...RESULT, page: 1 }, { query: QUERY, page: 1 }],
  ["a later page that the request alone names", { hits: HITS }, { query: QUERY, page: 1 }],
  ["facet values", { facetHits: [{ value: "가" }] }, { query: QUERY }],
  ["the search for everything", { ...RESULT, query: "" }, { query: "" }],
])("is left as it came: %s", async (_, result, params) => {
  const reranker = new WordReranker();
  const { client } = clientOf({ results: [result] });
  const response = await withReranking(client, options(reranker)).search([{ indexName: "help", params }]);
  expect(response).toEqual({ results: [result] });
  expect(reranker.calls).toEqual([]);
});

test("an answer of another kind is handed on, and a failed search stays failed", async () => {
  const failed = clientOf(new Error("429"));
  await expect(withReranking(failed.client, options()).search([])).rejects.toThrow("429");
  for (const answer of [undefined, null, "gone", { message: "no" }]) {
    expect(await withReranking(clientOf(answer).client, options()).search([])).toBe(answer);
  }
});

test("all results of a search are reordered", async () => {
  const { client } = clientOf({ results: [RESULT, { ...RESULT, hits: HITS.slice(0, 2) }] });
  const { results } = (await withReranking(client, options()).search([])) as { results: (typeof RESULT)[] };
  expect(results.map(({ hits }) => hits[0])).toEqual([HITS[2], HITS[1]]);
});

test("a newer search cancels the reranking of the older, one for facet values does not", async () => {
  const reranker = new WordReranker();
  reranker.waits = true;
  const { client } = clientOf({ results: [RESULT] }, { results: [{ facetHits: [] }] }, { results: [RESULT] });
  const wrapped = withReranking(client, options(reranker));
  const first = wrapped.search([{ indexName: "help", params: { query: QUERY } }]);
  await vi.waitUntil(() => reranker.calls.length === 1);
  await wrapped.search([{ indexName: "help", type: "facet", facet: "kind" }]);
  expect(reranker.calls[0]?.options.signal?.aborted).toBe(false);
  reranker.waits = false;
  const second = wrapped.search([{ indexName: "help", params: { query: QUERY } }]);
  expect(((await first) as Answer).results).toEqual([RESULT]);
  expect(((await second) as { results: (typeof RESULT)[] }).results[0]?.hits[0]).toBe(HITS[2]);
});

test("the client is the same otherwise", () => {
  const { client } = clientOf({ results: [] });
  const wrapped = withReranking(client, options());
  wrapped.addAlgoliaAgent("InstantSearch");
  expect(wrapped._ua).toBe("InstantSearch");
  expect(client._ua).toBe("InstantSearch");
  expect(Object.keys(wrapped).sort()).toEqual(Object.keys(client).sort());
});
