import { HELP_PAGES } from "./help-pages.ts";
import { escapeHtml, htmlPage, writeSite, type SearchSite } from "./search-site.ts";

const RESULTS = 20;
const EXCERPT_CHARACTERS = 160;

/** A form and a list that the server writes, by bigrams that query and page share; those of the title count twice. */
export const serverSite: SearchSite = {
  name: "Server-rendered list",
  build: (folder) => writeSite(folder),
  answer: (markup) => (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    if (pathname !== "/") return false;
    response
      .writeHead(200, { "Content-Type": "text/html; charset=utf-8" })
      .end(searchPage(searchParams.get("q") ?? "", markup));
    return true;
  },
  open: async (page, url) => {
    await page.goto(url);
  },
  ask: async (page, url, query) => {
    await page.goto(`${url}?q=${encodeURIComponent(query)}`);
    return query;
  },
  isReloaded: true,
  result: "ol.results > li",
  ways: [{ type: "markup", name: "markup", attributes: 'for="ol.results" query-from="?q"' }],
};

function searchPage(query: string, markup: string): string {
  const items = search(query).map(
    ({ id, title, body }) => `<li><h2><a href="/docs/${id}.html">${escapeHtml(title)}</a></h2>
<p>${escapeHtml(body.slice(0, EXCERPT_CHARACTERS))}…</p></li>`,
  );
  return htmlPage(
    "도움말 찾기",
    `<form><input name="q" type="search" aria-label="찾기" value="${escapeHtml(query)}"><button>찾기</button></form>
${markup}<ol class="results">${items.join("\n")}</ol>`,
  );
}

function search(query: string): typeof HELP_PAGES {
  const asked = bigramsOf(query);
  const shared = (text: string): number => [...bigramsOf(text)].filter((bigram) => asked.has(bigram)).length;
  return HELP_PAGES.map((page) => ({ page, score: 2 * shared(page.title) + shared(page.body) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, RESULTS)
    .map(({ page }) => page);
}

/** Of neighbouring letters and digits within words. */
function bigramsOf(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(words.flatMap((word) => Array.from({ length: word.length - 1 }, (_, at) => word.slice(at, at + 2))));
}
