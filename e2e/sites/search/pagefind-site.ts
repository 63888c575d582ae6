import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { SITES_FOLDER, SITES_MODULES, writeSite, type SearchSite } from "./search-site.ts";

/** Static pages with Pagefind's index and its default UI, whose results are 20 at a time instead of 5. */
export const pagefindSite: SearchSite = {
  name: "Pagefind, default UI",
  build: async (folder) => {
    await writeSite(folder, { copies: { "index.html": join(SITES_FOLDER, "pages/pagefind.html") } });
    execFileSync(process.execPath, [join(SITES_MODULES, "pagefind/lib/runner/bin.cjs"), "--site", folder]);
  },
  open: async (page, url) => {
    await page.goto(url);
    await page.locator(".pagefind-ui__search-input").waitFor();
  },
  ask: async (page, _url, query) => {
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
