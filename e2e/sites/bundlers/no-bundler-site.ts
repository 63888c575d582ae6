/** The pages of `no-bundler/`, with sunwi's files on their own origin or on a CDN's. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { serveStatic, type Interceptor, type StaticServer } from "../../static-server.ts";
import { headerOf, type Policy } from "./content-security.ts";

export interface NoBundlerSite {
  /** Of the pages. */
  readonly url: string;
  /** Of the folder that holds sunwi's files, with a slash at its end. */
  readonly sunwiUrl: string;
  close(): Promise<unknown>;
}

interface SiteOptions {
  /** `no-bundler/`, installed. */
  readonly folder: string;
  readonly isOnCdn: boolean;
  readonly isIsolated: boolean;
  /** Sent with every file of both servers. */
  readonly policy?: (cdn: string) => Policy;
}

export async function serveNoBundler({ folder, isOnCdn, isIsolated, policy }: SiteOptions): Promise<NoBundlerSite> {
  let header = "";
  const secured: Interceptor = (_, response) => {
    if (header !== "") response.setHeader("Content-Security-Policy", header);
    return false;
  };
  const cdn = await serveStatic({
    roots: [join(folder, "node_modules/sunwi")],
    basePath: "/sunwi@0.1.0/",
    isolated: isIsolated,
    intercept: secured,
  });
  if (policy) header = headerOf(policy(new URL(cdn.url).origin));
  const sunwi = isOnCdn ? `${cdn.url}lib` : "./node_modules/sunwi/lib";
  const pages = await serveStatic({
    roots: [folder],
    isolated: isIsolated,
    intercept: (request, response) => secured(request, response) || sendPage(folder, sunwi, request, response),
  });
  return {
    url: pages.url,
    sunwiUrl: new URL(`${sunwi}/`, pages.url).href,
    close: () => Promise.all([cdn, pages].map((server: StaticServer) => server.close())),
  };
}

/** The project's own pages and scripts name sunwi's folder `{sunwi}`. */
function sendPage(folder: string, sunwi: string, ...[request, response]: Parameters<Interceptor>): boolean {
  const name = request.url === "/" ? "index.html" : (/^\/(\w+\.(?:html|js))$/.exec(request.url ?? "")?.[1] ?? "");
  if (name === "") return false;
  response.setHeader("Content-Type", name.endsWith(".html") ? "text/html; charset=utf-8" : "text/javascript");
  response.end(readFileSync(join(folder, name), "utf8").replaceAll("{sunwi}", sunwi));
  return true;
}
