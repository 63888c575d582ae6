import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import sirv from "sirv";

/** Answers a request itself by returning true. */
export type Interceptor = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface StaticServerOptions {
  /** Folders served, the first that has the file wins. */
  readonly roots: readonly string[];
  /** Send the headers for SharedArrayBuffer. @default true */
  readonly isolated?: boolean;
  /** Path under which everything is served. @default "/" */
  readonly basePath?: string;
  /** Browsers keep what they got for a year, as hosts have it for files with a hash in their names. @default they ask anew */
  readonly cached?: boolean;
  /** Sees every request first. */
  readonly intercept?: Interceptor;
}

export interface StaticServer {
  /** Ends in a slash. */
  readonly url: string;
  /** Paths asked for so far, in order. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Serves folders over real HTTP on a free loopback port. */
export async function serveStatic(options: StaticServerOptions): Promise<StaticServer> {
  const { roots, isolated = true, basePath = "/", cached = false, intercept } = options;
  const caching = cached ? { maxAge: 31_536_000, immutable: true } : { dev: true };
  const folders = roots.map((root) => sirv(root, { ...caching, etag: true }));
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    if (isolated) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
    if (intercept?.(request, response) === true) return;
    const url = request.url ?? "/";
    if (!url.startsWith(basePath)) {
      response.writeHead(404).end();
      return;
    }
    request.url = `/${url.slice(basePath.length)}`;
    const serveFrom = (index: number): void => {
      const folder = folders[index];
      if (folder === undefined) response.writeHead(404).end();
      else
        folder(request, response, () => {
          serveFrom(index + 1);
        });
    };
    serveFrom(0);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}${basePath}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
