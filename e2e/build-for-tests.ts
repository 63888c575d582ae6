import { build } from "vite";
import { join } from "node:path";
import { buildPage, PROJECT_ROOT } from "./build-page.ts";
import { buildPackage } from "./package/package-build.ts";

/** Where the tests' build of the app lies; `dist/` is left to `npm run build`. */
export const TESTED_APP = join(PROJECT_ROOT, "node_modules/.cache/sunwi/app");

/** The tests' build of the npm package, without types. */
export const TESTED_PACKAGE = join(PROJECT_ROOT, "node_modules/.cache/sunwi/package");

export default async function buildForTests(): Promise<void> {
  await buildPage();
  await buildPackage(TESTED_PACKAGE);
  await build({
    configFile: join(PROJECT_ROOT, "vite.config.ts"),
    root: PROJECT_ROOT,
    logLevel: "warn",
    build: { outDir: TESTED_APP, emptyOutDir: true },
  });
}
