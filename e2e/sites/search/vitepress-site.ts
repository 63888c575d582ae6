import { execFileSync } from "node:child_process";
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { HELP_PAGES } from "./help-pages.ts";
import { quiet, SITES_MODULES, type SearchSite } from "./search-site.ts";

const CONFIG = `export default {
  title: "도움말",
  lang: "ko-KR",
  themeConfig: { search: { provider: "local", options: { detailedView: DETAILED } } },
};
`;
/** VitePress waits so long after the last key. */
const DEBOUNCE_MS = 200;

/** A VitePress site with `search: { provider: "local" }`: MiniSearch, titles alone or with excerpts. */
export function vitepressSite(isDetailed: boolean): SearchSite {
  return {
    name: `VitePress, local search${isDetailed ? ", detailed view" : ""}`,
    build: async (folder) => {
      const source = `${folder}-source`;
      await mkdir(join(source, ".vitepress"), { recursive: true });
      await mkdir(join(source, "docs"));
      await symlink(SITES_MODULES, join(source, "node_modules"), "junction");
      await writeFile(join(source, "package.json"), '{ "type": "module" }');
      await writeFile(join(source, ".vitepress/config.js"), CONFIG.replace("DETAILED", String(isDetailed)));
      await writeFile(join(source, "index.md"), "# 도움말\n");
      for (const { id, title, body } of HELP_PAGES) {
        await writeFile(join(source, "docs", `${id}.md`), `# ${escapeMarkdown(title)}\n\n${escapeMarkdown(body)}\n`);
      }
      execFileSync(process.execPath, [join(SITES_MODULES, "vitepress/bin/vitepress.js"), "build", source], {
        cwd: source,
        stdio: ["ignore", "ignore", "inherit"],
      });
      await cp(join(source, ".vitepress/dist"), folder, { recursive: true });
    },
    open: async (page, url) => {
      await page.goto(url);
      await page.locator("button.DocSearch-Button").first().click();
      await page.locator("#localsearch-input").waitFor();
    },
    ask: async (page, _url, query) => {
      const asked = await typeWithin(page, query);
      await page.waitForTimeout(DEBOUNCE_MS + 50);
      await quiet(page, isDetailed ? 250 : 100);
      return asked;
    },
    result: ".VPLocalSearchBox .results > li[role=option]",
    ways: [
      {
        type: "markup",
        name: "markup",
        attributes: 'for=".VPLocalSearchBox .results" items="li[role=option]" query-from="#localsearch-input"',
      },
    ],
  };
}

/** The box takes 64 characters, which a visitor's typing ends at and `fill` does not. */
async function typeWithin(page: Page, query: string): Promise<string> {
  const box = page.locator("#localsearch-input");
  const typed = query.slice(0, Number(await box.getAttribute("maxlength")));
  await box.fill(typed);
  return typed;
}

/** What Vue and HTML would read. */
function escapeMarkdown(text: string): string {
  return text.replace(/</g, "&lt;").replace(/\{\{/g, "{&#123;");
}
