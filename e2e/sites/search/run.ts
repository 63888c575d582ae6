/**
 * `npm run test:sites`: `<sunwi-rerank>` and the adapters on real site searches, in a real browser. Words after `--` pick
 * sites by their names, and `--blend order` sets what the model is blended with.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launchChromium } from "../../chromium.ts";
import { buildPackage } from "../../package/package-build.ts";
import { askPlain, askReranked, askWithoutModel, type Reordered } from "./drive-site.ts";
import { readQuestions } from "./help-pages.ts";
import { instantsearchSite } from "./instantsearch-site.ts";
import { oramaSite } from "./orama-site.ts";
import { pagefindSite, pagefindWordSite } from "./pagefind-site.ts";
import { SITES_FOLDER, SITES_MODULES, type SearchSite } from "./search-site.ts";
import { serverSite } from "./server-site.ts";
import { tableOf, type SiteRow } from "./site-table.ts";
import { vitepressSite } from "./vitepress-site.ts";

const SITES: readonly SearchSite[] = [
  pagefindSite,
  pagefindWordSite,
  vitepressSite,
  instantsearchSite,
  oramaSite,
  serverSite,
];

const startMs = performance.now();
let passed = 0;
let failed = 0;

function check(what: string, problems: readonly string[]): void {
  if (problems.length === 0) passed += 1;
  else failed += 1;
  console.log(`${problems.length === 0 ? "passed" : "FAILED"}: ${what}`);
  for (const problem of problems) console.log(`    ${problem}`);
}

/** Anew where the lock file has changed. */
async function install(): Promise<void> {
  const [lock, installed] = [join(SITES_FOLDER, "package-lock.json"), join(SITES_MODULES, ".installed-lock.json")];
  if (existsSync(installed) && readFileSync(lock, "utf8") === readFileSync(installed, "utf8")) return;
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: SITES_FOLDER, stdio: "inherit" });
  await copyFile(lock, installed);
}

function checkAnswers(what: string, answers: readonly Reordered[]): void {
  const problems = answers.flatMap(({ query, problems: each }) => each.map((problem) => `${query}: ${problem}`));
  check(`${what}: the same results, in the order that was told, from the site's own order`, problems);
}

/** What throws has failed, and the rest goes on. */
async function attempt(what: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    check(what, [String(error)]);
  }
}

const { values, positionals: wanted } = parseArgs({
  options: { blend: { type: "string", default: "" } },
  allowPositionals: true,
});
const sites = SITES.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
const questions = readQuestions();
const work = await mkdtemp(join(tmpdir(), "sunwi-sites-"));
const browser = await launchChromium("none");
const rows: SiteRow[] = [];
try {
  await install();
  await buildPackage(join(work, "vendor/sunwi"));
  const built = [];
  for (const [at, site] of sites.entries()) {
    const folders = { site: join(work, String(at)), vendor: join(work, "vendor"), blend: values.blend };
    await mkdir(folders.site);
    await site.build(folders.site);
    built.push({ site, folders });
  }
  // Side by side, for sites wait more than they search; scoring has the machine to itself.
  const ready = await Promise.all(
    built.map(async (one) => ({ ...one, own: await askPlain(browser, one.site, one.folders, questions) })),
  );
  for (const { site, folders, own } of ready) {
    for (const way of site.ways) {
      const what = `${site.name}, ${way.name}`;
      await attempt(what, async () => {
        const answers = await askReranked(browser, site, folders, { way, questions, own });
        rows.push({ site: site.name, way: way.name, answers });
        checkAnswers(what, answers);
        const problems = await askWithoutModel(browser, site, folders, { way, questions, own });
        check(`${what}: without a model the list stays`, problems);
      });
    }
  }
} finally {
  await browser.close();
  await rm(work, { recursive: true, force: true });
}

console.log(`\n${tableOf(rows)}\n`);
const seconds = Math.round((performance.now() - startMs) / 1000);
console.log(`${passed} passed, ${failed} failed (${seconds} s)`);
process.exitCode = failed === 0 ? 0 : 1;
