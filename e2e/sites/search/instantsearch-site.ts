import { join } from "node:path";
import { answerAsAlgolia } from "./algolia-server.ts";
import { shown, SITES_FOLDER, SITES_MODULES, writeSite, type SearchSite } from "./search-site.ts";

/** InstantSearch over Algolia's API, which `algolia-server.ts` stands in for. */
export const instantsearchSite: SearchSite = {
  name: "Algolia InstantSearch",
  build: (folder) =>
    writeSite(folder, {
      copies: {
        "index.html": join(SITES_FOLDER, "pages/instantsearch.html"),
        "adapter.html": join(SITES_FOLDER, "pages/instantsearch-adapter.html"),
        "vendor/algoliasearch-lite.js": join(SITES_MODULES, "algoliasearch/dist/lite/builds/browser.umd.js"),
        "vendor/instantsearch.js": join(SITES_MODULES, "instantsearch.js/dist/instantsearch.production.min.js"),
      },
    }),
  answer: () => answerAsAlgolia,
  open: async (page, url) => {
    await page.goto(url);
    await shown(page, "");
  },
  ask: async (page, _url, query) => {
    await page.locator(".ais-SearchBox-input").fill(query);
    await shown(page, query);
    return query;
  },
  result: ".ais-Hits-item",
  ways: [
    { type: "adapter", name: "`withReranking`", path: "adapter.html" },
    {
      type: "markup",
      name: "markup",
      attributes: 'for="#hits" items=".ais-Hits-item" query-from=".ais-SearchBox-input"',
    },
  ],
};
