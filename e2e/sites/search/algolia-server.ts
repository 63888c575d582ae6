/** Answers a search of several indices as Algolia does: https://www.algolia.com/doc/rest-api/search/search */
import type { IncomingMessage, ServerResponse } from "node:http";
import { HELP_PAGES, type HelpPage } from "./help-pages.ts";
import { wordsOf } from "./search-site.ts";

interface Request {
  readonly indexName: string;
  readonly query?: string;
  readonly page?: number;
  readonly hitsPerPage?: number;
  readonly clickAnalytics?: boolean;
  readonly highlightPreTag?: string;
  readonly highlightPostTag?: string;
}

const SNIPPET_WORDS = 30;

export function answerAsAlgolia(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method !== "POST" || request.url?.startsWith("/1/indexes/*/queries") !== true) return false;
  void (async () => {
    const body = (await request.toArray()).map(String).join("");
    const { requests } = JSON.parse(body) as { readonly requests: readonly Request[] };
    response.writeHead(200, { "Content-Type": "application/json; charset=utf-8" });
    response.end(JSON.stringify({ results: requests.map(answer) }));
  })();
  return true;
}

function answer(request: Request): object {
  const { indexName, query = "", page = 0, hitsPerPage = 20, clickAnalytics = false, ...params } = request;
  const found = search(query);
  return {
    hits: found.slice(page * hitsPerPage, (page + 1) * hitsPerPage).map((hit) => describe(hit, query, request)),
    nbHits: found.length,
    page,
    nbPages: Math.ceil(found.length / hitsPerPage),
    hitsPerPage,
    exhaustiveNbHits: true,
    exhaustiveTypo: true,
    exhaustive: { nbHits: true, typo: true },
    query,
    params: new URLSearchParams({ query, ...(params as Record<string, string>) }).toString(),
    index: indexName,
    renderingContent: {},
    processingTimeMS: 1,
    processingTimingsMS: {},
    serverTimeMS: 1,
    ...(clickAnalytics && { queryID: "43b15df305339e827f0ac0bdc5ebcaa7" }),
  };
}

/**
 * Every word of the query begins a word of the record; where no record has them all, any will do (Algolia's
 * `removeWordsIfNoResults: "allOptional"`). More words come first, then more of them in the title, then the index's order.
 */
export function search(query: string): readonly HelpPage[] {
  const words = [...new Set(wordsOf(query))];
  if (words.length === 0) return HELP_PAGES;
  const counted = HELP_PAGES.map((page) => {
    const [title, body] = [wordsOf(page.title), wordsOf(page.body)];
    const begins = (texts: readonly string[]) => (word: string) => texts.some((text) => text.startsWith(word));
    return {
      page,
      inTitle: words.filter(begins(title)).length,
      words: words.filter(begins([...title, ...body])).length,
    };
  });
  const most = Math.max(...counted.map((record) => record.words));
  const needed = most === words.length ? most : 1;
  return counted
    .filter((record) => record.words >= needed)
    .sort((a, b) => b.words - a.words || b.inTitle - a.inTitle)
    .map(({ page }) => page);
}

function describe({ id, title, body }: HelpPage, query: string, request: Request): object {
  const queried = wordsOf(query);
  const { highlightPreTag: before = "<em>", highlightPostTag: after = "</em>" } = request;
  const mark = (text: string): object => {
    const matched = new Set<string>();
    const value = text.replace(/[\p{L}\p{N}]+/gu, (word) => {
      const begun = queried.filter((one) => word.toLowerCase().startsWith(one));
      for (const one of begun) matched.add(one);
      return begun.length > 0 ? `${before}${word}${after}` : word;
    });
    const level = matched.size === 0 ? "none" : matched.size === queried.length ? "full" : "partial";
    return { value, matchLevel: level, fullyHighlighted: false, matchedWords: [...matched] };
  };
  return {
    objectID: id,
    title,
    body,
    _highlightResult: { title: mark(title), body: mark(body) },
    _snippetResult: { body: mark(snippet(body, queried)) },
  };
}

/** Words around the first that the query names. */
function snippet(body: string, queried: readonly string[]): string {
  const words = body.split(/\s+/);
  const first = words.findIndex((word) => wordsOf(word).some((one) => queried.some((query) => one.startsWith(query))));
  const from = Math.max(0, Math.min(first - SNIPPET_WORDS / 2, words.length - SNIPPET_WORDS));
  const cut = words.slice(from, from + SNIPPET_WORDS).join(" ");
  return `${from > 0 ? "…" : ""}${cut}${from + SNIPPET_WORDS < words.length ? "…" : ""}`;
}
