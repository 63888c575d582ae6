import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readdirSync } from "node:fs";
import type { Browser, Page } from "@playwright/test";
import { buildPage, PROJECT_ROOT, PUBLIC_FOLDER } from "./build-page.ts";
import { launchChromium, type GpuMode } from "./chromium.ts";
import { serveStatic, type StaticServer } from "./static-server.ts";

/** The page of e2e/page in a real Chromium, with a model folder and one input file served beside it. */
export interface DrivenPage {
  readonly page: Page;
  readonly modelUrl: string;
  readonly inputUrl: string;
  close(): Promise<void>;
}

export interface DrivenPageOptions {
  readonly modelFolder: string;
  /** Served as it is at `inputUrl`. */
  readonly input: Uint8Array;
  readonly gpu: GpuMode;
}

export async function openDrivenPage({ modelFolder, input, gpu }: DrivenPageOptions): Promise<DrivenPage> {
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const resource of opened.reverse()) await resource.close();
  };
  try {
    const models: StaticServer = await serveStatic({ roots: [modelFolder] });
    opened.push(models);
    const pages = await serveStatic({
      roots: [await buildPage(), PUBLIC_FOLDER],
      intercept: (request, response) => {
        if (request.url !== "/input") return false;
        response.end(input);
        return true;
      },
    });
    opened.push(pages);
    const browser: Browser = await launchChromium(gpu);
    opened.push(browser);
    const page = await browser.newPage();
    page.on("pageerror", (error) => {
      console.error(`page: ${error.message}`);
    });
    await page.goto(pages.url);
    await page.waitForFunction(() => "sunwi" in window);
    return { page, modelUrl: models.url, inputUrl: `${pages.url}input`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * The folder of a model package: a path, or the id of a package in `public/models`.
 * @throws Error naming the ids there are
 */
export async function findModelFolder(folderOrId: string): Promise<string> {
  const asPath = resolve(folderOrId);
  if (await stat(join(asPath, "manifest.json")).catch(() => undefined)) return asPath;
  const ids: string[] = [];
  for (const name of readdirSync(join(PUBLIC_FOLDER, "models"))) {
    const folder = join(PUBLIC_FOLDER, "models", name);
    const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as { id: string };
    if (manifest.id === folderOrId || name === folderOrId) return folder;
    ids.push(manifest.id);
  }
  throw new Error(
    `No model package "${folderOrId}": give a folder that holds a manifest.json, or one of: ${ids.join(", ")}.`,
  );
}

export const SAMPLE_CSV = join(PROJECT_ROOT, "public/samples/help-centre-ko.csv");
