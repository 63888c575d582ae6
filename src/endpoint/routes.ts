/** Which service a path belongs to. */

/** `jina` stands for Cohere's version 1 too: both are asked at `/v1/rerank`, and its answer has the keys of both. */
export type ServiceName = "cohere" | "jina" | "voyage" | "tei";

/** Of `rerank` under the service's own base, which is what a client is given in the place of that. */
const ROUTES: ReadonlyMap<string, ServiceName> = new Map([
  ["v2/rerank", "cohere"],
  ["v1/rerank", "jina"],
  ["voyage/v1/rerank", "voyage"],
  ["rerank", "tei"],
]);

/** A URL under the base: a service's call, or one that no service has, in the schema that its client may expect. */
export interface Route {
  readonly service: ServiceName;
  readonly isKnown: boolean;
}

/**
 * @param baseUrl absolute, ending in a slash
 * @returns undefined where the URL is not under the base
 */
export function routeOf(url: URL, baseUrl: string): Route | undefined {
  const base = new URL(baseUrl);
  if (url.origin !== base.origin || !url.pathname.startsWith(base.pathname)) return undefined;
  // Clients join base and path with one slash, or two.
  const path = url.pathname.slice(base.pathname.length).replace(/^\/+|\/+$/g, "");
  const service = ROUTES.get(path);
  return service === undefined ? { service: likelyService(path), isKnown: false } : { service, isKnown: true };
}

/** What a base must look like: absolute, without query, with a slash at its end. @throws TypeError */
export function checkedBase(baseUrl: string | URL, pageUrl?: string): string {
  const url = new URL(baseUrl, pageUrl);
  return `${url.origin}${url.pathname.replace(/\/*$/, "/")}`;
}

function likelyService(path: string): ServiceName {
  if (path.startsWith("v2/")) return "cohere";
  if (path.startsWith("voyage/")) return "voyage";
  return path.startsWith("v1/") ? "jina" : "tei";
}
