import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { HELP_PAGES } from "./help-pages.ts";
import { SITES_FOLDER, SITES_MODULES, wordsOf, writeSite, type SearchSite } from "./search-site.ts";

/** Static pages with Pagefind's index and its default UI, whose results are 20 at a time instead of 5. */
export const pagefindSite = site("Pagefind, default UI", (query) => query);

/** The same, asked as a search must be that shows only pages with all words of a query. */
export const pagefindWordSite = site("Pagefind, one word of each question", rareWord);

function site(name: string, shorten: (query: string) => string): SearchSite {
  return {
    name,
    build: async (folder) => {
      await writeSite(folder, { copies: { "index.html": join(SITES_FOLDER, "pages/pagefind.html") } });
      execFileSync(process.execPath, [join(SITES_MODULES, "pagefind/lib/runner/bin.cjs"), "--site", folder]);
    },
    open: async (page, url) => {
      await page.goto(url);
      await page.locator(".pagefind-ui__search-input").waitFor();
    },
    ask: async (page, _url, question) => {
      const query = shorten(question);
      await page.locator(".pagefind-ui__search-input").fill(query);
      await page.waitForFunction((asked) => {
        const message = document.querySelector(".pagefind-ui__results-area > .pagefind-ui__message");
        const isSearching = message?.nextElementSibling === null;
        return (
          message?.textContent.includes(asked) === true &&
          !isSearching &&
          !document.querySelector(".pagefind-ui__loading")
        );
      }, query);
      return query;
    },
    result: ".pagefind-ui__result",
    ways: [
      {
        type: "markup",
        name: "markup",
        attributes: 'for=".pagefind-ui__results" query-from=".pagefind-ui__search-input"',
      },
    ],
  };
}

/** Lists of fewer pages are not worth a new order. */
const LEAST_PAGES = 5;

/** Of the words with which words of some pages begin, the one of the fewest pages; the query itself where there is none. */
function rareWord(query: string): string {
  const pagesOf = (word: string): number =>
    PAGE_WORDS.filter((words) => words.some((one) => one.startsWith(word))).length;
  const words = wordsOf(query)
    // The element takes one letter for the beginning of a word.
    .filter((word) => word.length > 1)
    .map((word) => ({ word, pages: pagesOf(word) }))
    .filter(({ pages }) => pages >= LEAST_PAGES);
  return words.sort((a, b) => a.pages - b.pages)[0]?.word ?? query;
}

const PAGE_WORDS = HELP_PAGES.map(({ title, body }) => wordsOf(`${title} ${body}`));
