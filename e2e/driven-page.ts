import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readdirSync } from "node:fs";
import type { Browser, Page } from "@playwright/test";
import { buildPage, PROJECT_ROOT, PUBLIC_FOLDER } from "./build-page.ts";
import { launchChromium, type GpuMode } from "./chromium.ts";
import { serveStatic, type StaticServer } from "./static-server.ts";

/** The page of e2e/page in a real Chromium, with model folders and input files served beside it. */
export interface DrivenPage {
  readonly page: Page;
  /** Of each model folder. */
  readonly modelUrls: readonly string[];
  /** Of each input. */
  readonly inputUrls: readonly string[];
  close(): Promise<void>;
}

export interface DrivenPageOptions {
  readonly modelFolders: readonly string[];
  /** Served as they are. */
  readonly inputs: readonly Uint8Array[];
  readonly gpu: GpuMode;
}

export async function openDrivenPage({ modelFolders, inputs, gpu }: DrivenPageOptions): Promise<DrivenPage> {
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const resource of opened.reverse()) await resource.close();
  };
  try {
    const modelUrls: string[] = [];
    for (const modelFolder of modelFolders) {
      const models: StaticServer = await serveStatic({ roots: [modelFolder] });
      opened.push(models);
      modelUrls.push(models.url);
    }
    const pages = await serveStatic({
      roots: [await buildPage(), PUBLIC_FOLDER],
      intercept: (request, response) => {
        const [, at] = /^\/input\/(\d+)$/.exec(request.url ?? "") ?? [];
        if (at === undefined) return false;
        response.end(inputs[Number(at)]);
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
    return { page, modelUrls, inputUrls: inputs.map((_, at) => `${pages.url}input/${String(at)}`), close };
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
