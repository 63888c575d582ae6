import { test as base, type Page } from "@playwright/test";
import { join } from "node:path";
import { buildPage, PUBLIC_FOLDER } from "./build-page.ts";
import { serveStatic, type StaticServer, type StaticServerOptions } from "./static-server.ts";

export const MINI = join(PUBLIC_FOLDER, "models/mini");

interface Fixtures {
  /** Starts a real HTTP server that ends with the test. */
  readonly serve: (options: StaticServerOptions) => Promise<StaticServer>;
  /** The page of e2e/page, opened; models and samples are served beside it. */
  readonly driven: Page;
}

export const test = base.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the fixtures a fixture needs from this pattern
  serve: async ({}, use) => {
    const servers: StaticServer[] = [];
    await use(async (options) => {
      const server = await serveStatic(options);
      servers.push(server);
      return server;
    });
    await Promise.all(servers.map((server) => server.close()));
  },
  driven: async ({ page, serve }, use) => {
    const server = await serve({ roots: [await buildPage(), PUBLIC_FOLDER] });
    await page.goto(server.url);
    await page.waitForFunction(() => "sunwi" in window);
    await use(page);
  },
});

export { expect } from "@playwright/test";
