import { execFileSync } from "node:child_process";
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { HELP_PAGES } from "./help-pages.ts";
import { listed, quiet, SITES_MODULES, type SearchSite } from "./search-site.ts";

const CONFIG = `export default {
  title: "도움말",
  lang: "ko-KR",
  themeConfig: { search: { provider: "local" } },
};
`;
/** Excerpts come some time after the titles. */
const QUIET_MS = 200;
/** Two questions may find the same pages. */
const CHANGED_WITHIN_MS = 3000;

const RESULT = ".VPLocalSearchBox .results > li[role=option]";
const ATTRIBUTES = 'for=".VPLocalSearchBox .results" items="li[role=option]" query-from="#localsearch-input"';

/** A VitePress site with `search: { provider: "local" }`: MiniSearch, and titles alone until a visitor wants excerpts. */
export const vitepressSite: SearchSite = {
  name: "VitePress, local search",
  build: async (folder) => {
    const source = `${folder}-source`;
    await mkdir(join(source, ".vitepress"), { recursive: true });
    await mkdir(join(source, "docs"));
    await symlink(SITES_MODULES, join(source, "node_modules"), "junction");
    await writeFile(join(source, "package.json"), '{ "type": "module" }');
    await writeFile(join(source, ".vitepress/config.js"), CONFIG);
    await writeFile(join(source, "index.md"), "# 도움말\n");
    for (const { id, title, body } of HELP_PAGES) {
      await writeFile(join(source, "docs", `${id}.md`), `# ${escapeMarkdown(title)}\n\n${escapeMarkdown(body)}\n`);
    }
    const program = join(SITES_MODULES, "vitepress/bin/vitepress.js");
    execFileSync(process.execPath, [program, "build", source], { cwd: source, stdio: "pipe" });
    await cp(join(source, ".vitepress/dist"), folder, { recursive: true });
  },
  open: async (page, url) => {
    await page.goto(url);
    await page.locator("button.DocSearch-Button").first().click();
    await page.locator("#localsearch-input").waitFor();
  },
  ask: async (page, _url, query) => {
    const last = await foundPages(page);
    const asked = await typeWithin(page, query);
    const endMs = performance.now() + CHANGED_WITHIN_MS;
    while ((await foundPages(page)) === last && performance.now() < endMs) await page.waitForTimeout(20);
    await quiet(page, QUIET_MS);
    return asked;
  },
  result: RESULT,
  ways: [
    { type: "markup", name: "markup, titles", attributes: ATTRIBUTES },
    {
      type: "markup",
      name: "markup, detailed view",
      attributes: ATTRIBUTES,
      storage: { "vitepress:local-search-detailed-list": "true" },
    },
  ],
};

/** In no order, for that is what Sunwi changes. */
async function foundPages(page: Page): Promise<string> {
  return [...(await listed(page, { result: RESULT }))].sort().join();
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
