import { expect, test, vi } from "vitest";
import { rerankingPlugin } from "./orama.ts";
import { WordReranker } from "./testing/word-reranker.ts";

interface PageHit {
  readonly id: string;
  readonly score: number;
  readonly document: { readonly title: string };
}
const QUERY = "환불 기한";
const HITS = ["배송", "환불", "환불 기한"].map((title, at): PageHit => ({
  id: String(at),
  score: 3 - at,
  document: { title },
}));
const text = ({ document: { title } }: PageHit): string => title;

function pluginOf(reranker = new WordReranker(), useScores = false) {
  const plugin = rerankingPlugin({ reranker, text, useScores, ...(!useScores && { blend: "none" as const }) });
  return {
    reranker,
    search: (params: object, results: { hits: PageHit[] }) => plugin.afterSearch({}, params, "english", results),
  };
}

test("the hits of a search change places", async () => {
  const results = { hits: [...HITS], count: 3 };
  await pluginOf().search({ term: QUERY }, results);
  expect(results).toEqual({ hits: [HITS[2], HITS[1], HITS[0]], count: 3 });
});

test("Orama waits for hooks by the name of their constructor", () => {
  const { afterSearch } = rerankingPlugin({ reranker: new WordReranker(), text });
  expect(afterSearch.constructor.name).toBe("AsyncFunction");
});

test.each<[string, object]>([
  ["a later page", { term: QUERY, offset: 10 }],
  ["a search told to sort", { term: QUERY, sortBy: { property: "price" } }],
  ["one without a term", {}],
])("is left as it came: %s", async (_, params) => {
  const { reranker, search } = pluginOf();
  const results = { hits: [...HITS] };
  await search(params, results);
  expect(results.hits).toEqual(HITS);
  expect(reranker.calls).toEqual([]);
});

test("scores count where they are to", async () => {
  const { reranker, search } = pluginOf(new WordReranker(), true);
  await search({ term: QUERY }, { hits: [...HITS] });
  expect(reranker.calls).toMatchObject([{ documents: [{ score: 3 }, { score: 2 }, { score: 1 }] }]);
});

test("a newer search cancels the reranking of the older", async () => {
  const { reranker, search } = pluginOf();
  reranker.waits = true;
  const results = { hits: [...HITS] };
  const first = search({ term: QUERY }, results);
  await vi.waitUntil(() => reranker.calls.length === 1);
  reranker.waits = false;
  await search({ term: QUERY }, { hits: [...HITS] });
  await first;
  expect(results.hits).toEqual(HITS);
});
