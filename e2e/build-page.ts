import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "vite";

export const PROJECT_ROOT = resolve(import.meta.dirname, "..");
/** Served beside the page: models and samples. */
export const PUBLIC_FOLDER = join(PROJECT_ROOT, "public");
const OUTPUT = join(PROJECT_ROOT, "node_modules/.cache/sunwi/page");
const SOURCES = ["src", "worker", "e2e/page", "vite.config.ts", "package-lock.json"];

/** Builds the page that tests and the terminal drive, if its sources are newer, and answers its folder. */
export async function buildPage(): Promise<string> {
  const builtAt = existsSync(join(OUTPUT, "index.html")) ? statSync(join(OUTPUT, "index.html")).mtimeMs : 0;
  if (Math.max(...SOURCES.map((source) => newestChange(join(PROJECT_ROOT, source)))) > builtAt) {
    await build({
      configFile: join(PROJECT_ROOT, "vite.config.ts"),
      root: join(PROJECT_ROOT, "e2e/page"),
      publicDir: false,
      logLevel: "warn",
      build: { outDir: OUTPUT, emptyOutDir: true },
    });
  }
  return OUTPUT;
}

function newestChange(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestChange(join(path, name))));
}
