/** A site on loopback, open in a browser, with what element and adapters tell written down. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "@playwright/test";
import { serveStatic, type StaticServer } from "../../static-server.ts";
import { MARKUP_PLACE, type SearchSite, type Way } from "./search-site.ts";

/** Where a site and what it is served with lie. */
export interface SiteFolders {
  readonly site: string;
  /** Holds the package as "sunwi/". */
  readonly vendor: string;
  /** What element and adapters blend with; "" for what they do by themselves. */
  readonly blend: string;
}

/** Ids of a list's pages. */
export type Order = readonly string[];

/** What element and adapters told. */
export interface Told {
  readonly name: string;
  readonly query?: string;
  readonly ms?: number;
  readonly applied?: boolean;
  readonly before?: Order;
  readonly after?: Order;
  readonly code?: string;
  readonly reason?: string;
}

/** @throws Error where anything was asked of another host */
export async function withPage<T>(
  browser: Browser,
  site: SearchSite,
  folders: SiteFolders,
  { way, hasModel = true }: { readonly way?: Way; readonly hasModel?: boolean },
  act: (page: Page, url: string) => Promise<T>,
): Promise<T> {
  const server = await serve(site, folders, way, hasModel);
  const context = await browser.newContext({ locale: "ko-KR" });
  const elsewhere: string[] = [];
  context.on("request", (request) => {
    const url = request.url();
    if (/^(https?|wss?):/.test(url) && !url.startsWith(server.url)) elsewhere.push(url);
  });
  try {
    // What tsx puts around functions that have a name.
    await context.addInitScript({ content: "globalThis.__name = (named) => named;" });
    await context.addInitScript(listen, folders.blend);
    if (way?.type === "markup" && way.storage) {
      await context.addInitScript((stored) => {
        for (const [key, value] of Object.entries(stored)) localStorage.setItem(key, value);
      }, way.storage);
    }
    const page = await context.newPage();
    const path = way?.type === "adapter" ? way.path : "";
    await site.open(page, `${server.url}${path}`);
    const answer = await act(page, server.url);
    if (elsewhere.length > 0) throw new Error(`Asked of other hosts: ${elsewhere.join(", ")}`);
    return answer;
  } finally {
    await context.close();
    await server.close();
  }
}

async function serve(
  site: SearchSite,
  folders: SiteFolders,
  way: Way | undefined,
  hasModel: boolean,
): Promise<StaticServer> {
  const markup = way?.type === "markup" ? markupOf(way.attributes, folders.blend) : "";
  const overlay = `${folders.site}-with-element`;
  if (markup !== "") await writeOverlay(folders.site, overlay, markup);
  const answer = site.answer?.(markup);
  return await serveStatic({
    roots: [...(markup === "" ? [] : [overlay]), folders.site, folders.vendor],
    // As most hosts are: one thread.
    isolated: false,
    intercept: (request, response) => {
      if (!hasModel && request.url?.startsWith("/sunwi/models/") === true) {
        response.writeHead(404).end();
        return true;
      }
      return answer?.(request, response) === true;
    },
  });
}

/** All that an owner adds. */
function markupOf(attributes: string, blend: string): string {
  return `<script type="module" src="/sunwi/element.js"></script>
<sunwi-rerank ${attributes} budget="60000"${blend && ` blend="${blend}"`}></sunwi-rerank>`;
}

/** The site's first page once more, with the element in it; a site whose server writes its pages has none. */
async function writeOverlay(site: string, overlay: string, markup: string): Promise<void> {
  await mkdir(overlay, { recursive: true });
  const html = await readFile(join(site, "index.html"), "utf8").catch(() => undefined);
  if (html === undefined) return;
  const place = html.includes(MARKUP_PLACE) ? MARKUP_PLACE : "</body>";
  await writeFile(join(overlay, "index.html"), html.replace(place, place === MARKUP_PLACE ? markup : markup + place));
}

/** Runs in the page before anything of the site's. */
function listen(blend: string): void {
  const told: Told[] = [];
  Object.assign(globalThis, { told, blendOption: blend === "" ? {} : { blend } });
  const idOf = (item: Element): string => /[a-z]+-\d{3}/.exec(item.innerHTML)?.[0] ?? "";
  for (const name of ["sunwi-reranked", "sunwi-error", "sunwi-off"] as const) {
    document.addEventListener(name, (event) => {
      const { detail } = event as CustomEvent<{
        readonly query: string;
        readonly ms: number;
        readonly applied: boolean;
        readonly before?: readonly Element[];
        readonly after?: readonly Element[];
        readonly error?: { readonly code: string };
        readonly reason?: string;
      }>;
      const { query, ms, applied, before, after, error, reason } = detail;
      told.push({
        name,
        query,
        ms,
        applied,
        ...(before && { before: before.map(idOf) }),
        ...(after && { after: after.map(idOf) }),
        ...(error && { code: error.code }),
        ...(reason !== undefined && { reason }),
      });
    });
  }
}
