/**
 * `npm run test:bundlers [-- name...]`: packs the npm package, installs it in projects of several kinds, builds these
 * and opens them in Chromium.
 */
import type { Browser } from "@playwright/test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../build-page.ts";
import { serveStatic, type StaticServer } from "../../static-server.ts";
import { cdnPolicy, headerOf, OWN_ORIGIN_POLICY, withoutOneSource, type Policy } from "./content-security.ts";
import { packageFiles, weigh, type Downloads, type PackageFiles } from "./downloads.ts";
import { serveNoBundler } from "./no-bundler-site.ts";
import { command, installProject, packSunwi, whileServing } from "./scratch-project.ts";
import { launchOffline, visit, type Visit } from "./visit.ts";

const wanted = process.argv.slice(2);
const workshop = await mkdtemp(join(tmpdir(), "sunwi-bundlers-"));
const counts = { passed: 0, failed: 0 };

/** Prints one line, and more where it fails. */
async function check(name: string, run: () => Promise<string> | string): Promise<void> {
  try {
    console.log(`ok    ${name}: ${await run()}`);
    counts.passed += 1;
  } catch (error) {
    fail(name, error);
  }
}

function fail(name: string, error: unknown): void {
  console.log(`FAIL  ${name}: ${error instanceof Error ? error.message : String(error)}`);
  counts.failed += 1;
}

/** All checks of one project; none of them runs if it cannot be installed or built. */
async function project(name: string, run: (folder: string) => Promise<void>): Promise<void> {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  try {
    await run(await installProject(workshop, name, tarball));
  } catch (error) {
    fail(name, error);
  } finally {
    await rm(join(workshop, name), { recursive: true, force: true });
  }
}

interface Expected {
  readonly isIsolated: boolean;
  /** Where sunwi's files must come from. */
  readonly from: string;
  /** Whether the worker must start from a blob, as from another origin it must. */
  readonly isFromBlob?: boolean;
}

async function checkPage(url: string, expected: Expected): Promise<string> {
  const visited = await visit(browser, url);
  const downloads = await weigh(visited, files);
  const problems = [...problemsOf(visited, expected), ...problemsOfFiles(downloads, expected)];
  if (problems.length === 0) return describe(downloads);
  throw new Error([...problems, JSON.stringify(visited, undefined, 1)].join("\n"));
}

function problemsOf({ ranked, urls, workers, complaints }: Visit, { isIsolated, isFromBlob = false }: Expected) {
  if ("error" in ranked) return [ranked.error];
  const [best] = ranked.results;
  const away = urls.filter((url) => !/^(blob:)?http:\/\/(127\.0\.0\.1|localhost):/.test(url));
  return [
    ...(best?.index === 1 ? [] : ["The best document is not the second."]),
    ...(ranked.results.every(({ logit }) => Number.isFinite(logit)) ? [] : ["A logit is no number."]),
    ...(ranked.isIsolated === isIsolated ? [] : ["The page's isolation is not as expected."]),
    ...(workers[0]?.startsWith("blob:") === isFromBlob ? [] : ["The worker did not start as expected."]),
    ...away.map((url) => `${url} is not of this machine.`),
    ...complaints,
  ];
}

const NEEDED = [
  "runtime/ort-wasm-simd-threaded.wasm",
  ...["manifest.json", "tokenizer.json", "wasm.onnx", "shared.bin", "wasm.bin"].map((name) => `models/mini/${name}`),
];

/** Runtime and model must arrive byte for byte, and from where the bundler has put them. */
function problemsOfFiles({ ofPackage }: Downloads, { from }: Expected): readonly string[] {
  return [
    ...NEEDED.filter((name) => !ofPackage.has(name)).map((name) => `${name} was not fetched.`),
    ...[...ofPackage].filter(([, url]) => !url.startsWith(from)).map(([name, url]) => `${name} came from ${url}.`),
  ];
}

function describe({ totals: { js, wasm, model } }: Downloads): string {
  const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
  const MB = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;
  return [
    `JS ${kB(js.bytes)} (gzip ${kB(js.gzipBytes)})`,
    `wasm ${MB(wasm.bytes)} (gzip ${MB(wasm.gzipBytes)})`,
    `model ${MB(model.bytes)} (gzip ${MB(model.gzipBytes)})`,
  ].join(", ");
}

/** A folder that a bundler has written, on its page's origin and on another one, with and without isolation. */
async function checkBuild(name: string, built: string): Promise<void> {
  for (const isIsolated of [false, true]) {
    const how = isIsolated ? "isolated" : "not isolated";
    const own = await serveStatic({ roots: [built], isolated: isIsolated });
    await check(`${name}, ${how}`, () => checkPage(own.url, { isIsolated, from: own.url }));
    const page = await serveElsewhere(await readFile(join(built, "index.html"), "utf8"), own, isIsolated);
    await check(`${name}, ${how}, bundle on another origin`, () =>
      checkPage(page.url, { isIsolated, from: own.url, isFromBlob: true }),
    );
    await Promise.all([own.close(), page.close()]);
  }
}

/** The page alone, its scripts named where they lie. */
function serveElsewhere(html: string, scripts: StaticServer, isIsolated: boolean): Promise<StaticServer> {
  return serveStatic({
    roots: [],
    isolated: isIsolated,
    intercept: ({ url }, response) => {
      if (url !== "/") return false;
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.end(html.replaceAll('src="./', `src="${scripts.url}`));
      return true;
    },
  });
}

/** Pages without a bundler, under the policy and under the policy less one source. */
async function checkPolicy(folder: string, name: string, isOnCdn: boolean, isIsolated: boolean): Promise<void> {
  const policyFor = (cdn: string): Policy => (isOnCdn ? cdnPolicy(cdn, isIsolated) : OWN_ORIGIN_POLICY);
  for (const page of ["index.html", "late.html", "element.html"]) {
    const site = await serveNoBundler({ folder, isOnCdn, isIsolated, policy: policyFor });
    await check(`${name}, ${page} under ${headerOf(policyFor("CDN"))}`, () =>
      checkPage(`${site.url}${page}`, { isIsolated, from: site.sunwiUrl, isFromBlob: isOnCdn }),
    );
    await site.close();
  }
  await check(`${name}, a policy that allows less`, async () => {
    const missing = withoutOneSource(policyFor("CDN")).map((less) => less.missing);
    for (const [at, one] of missing.entries()) {
      const policy = (cdn: string): Policy => withoutOneSource(policyFor(cdn))[at]?.policy ?? {};
      const site = await serveNoBundler({ folder, isOnCdn, isIsolated, policy });
      const { ranked } = await visit(browser, `${site.url}late.html`);
      await site.close();
      if (!("error" in ranked)) throw new Error(`It also runs without ${one}.`);
    }
    return `fails without any of ${missing.join(", ")}`;
  });
}

const tarball = await packSunwi(workshop);
const files: PackageFiles = await packageFiles(join(workshop, "staging/lib"));
const browser: Browser = await launchOffline();
try {
  await project("types", async (folder) => {
    await check(
      "publint",
      () => command(PROJECT_ROOT, "npx", ["publint", tarball, "--strict"]).trim().split("\n").at(-1) ?? "",
    );
    // `esm-only`: that `require` finds an ESM file and Node 10's resolution nothing is meant.
    await check("types, are the types wrong", () => {
      command(folder, "npx", ["attw", "sunwi.tgz", "--profile", "esm-only", "--no-emoji"]);
      return "no problems in bundlers and in Node's ESM";
    });
    await check("types, a strict project without other packages", () => {
      command(folder, process.execPath, [join(PROJECT_ROOT, "node_modules/typescript/bin/tsc"), "-p", "."]);
      return "compiles";
    });
  });

  await project("node", async (folder) => {
    await check(`Node ${process.versions.node}`, () => {
      const entries = command(folder, process.execPath, ["check.js"]).trim();
      return `importing does nothing (${entries})`;
    });
  });

  await project("no-bundler", async (folder) => {
    for (const isOnCdn of [false, true]) {
      for (const isIsolated of [false, true]) {
        const name = `no bundler, ${isOnCdn ? "CDN" : "own origin"}, ${isIsolated ? "isolated" : "not isolated"}`;
        const site = await serveNoBundler({ folder, isOnCdn, isIsolated });
        await check(name, () => checkPage(site.url, { isIsolated, from: site.sunwiUrl, isFromBlob: isOnCdn }));
        await site.close();
        await checkPolicy(folder, name, isOnCdn, isIsolated);
      }
    }
  });

  await project("vite", async (folder) => {
    const vite = join(folder, "node_modules/vite/bin/vite.js");
    command(folder, process.execPath, [vite, "build"]);
    await checkBuild("Vite, build", join(folder, "dist"));
    for (const config of ["vite.config.js", "excluding.config.js"]) {
      await check(`Vite, development server, ${config}`, () =>
        whileServing(
          folder,
          (port) => [vite, "--config", config, "--host", "127.0.0.1", "--port", port, "--strictPort"],
          (url) => checkPage(url, { isIsolated: false, from: `${url}node_modules/sunwi/lib/` }),
        ),
      );
    }
  });

  await project("webpack", async (folder) => {
    command(folder, process.execPath, ["build.js"]);
    await checkBuild("webpack, build", join(folder, "dist"));
  });

  await project("next", async (folder) => {
    const next = join(folder, "node_modules/next/dist/bin/next");
    command(folder, process.execPath, [next, "build"]);
    await check("Next, build and start", () =>
      whileServing(
        folder,
        (port) => [next, "start", "-H", "127.0.0.1", "-p", port],
        (url) => checkPage(url, { isIsolated: false, from: `${url}_next/static/` }),
      ),
    );
  });
} finally {
  await browser.close();
  await rm(workshop, { recursive: true, force: true });
}
console.log(`${String(counts.passed)} passed, ${String(counts.failed)} failed`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
