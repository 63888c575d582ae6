import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HELP_PAGES } from "./help-pages.ts";
import { shown, SITES_FOLDER, SITES_MODULES, writeSite, type SearchSite } from "./search-site.ts";

/** Orama in the page, with words cut at white space and punctuation. */
export const oramaSite: SearchSite = {
  name: "Orama",
  build: async (folder) => {
    await writeSite(folder, {
      copies: {
        "index.html": join(SITES_FOLDER, "pages/orama.html"),
        "adapter.html": join(SITES_FOLDER, "pages/orama-adapter.html"),
        "vendor/orama": join(SITES_MODULES, "@orama/orama/dist/browser"),
      },
    });
    await writeFile(join(folder, "pages.json"), JSON.stringify(HELP_PAGES));
  },
  open: async (page, url) => {
    await page.goto(url);
    await shown(page, "");
  },
  ask: async (page, _url, query) => {
    await page.locator("#q").fill(query);
    await shown(page, query);
    return query;
  },
  result: "#results > li",
  ways: [{ type: "adapter", name: "`rerankingPlugin`", path: "adapter.html" }],
};
