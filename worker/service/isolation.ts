/**
 * The headers without which browsers withhold SharedArrayBuffer, for hosts that cannot send them. Only what they are
 * read from gets them: documents, and the scripts that workers start from. Everything else goes by without a service
 * worker in its way: models with their ranges, pictures, what comes from other origins.
 */
const HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
} as const;

const ISOLATED: ReadonlySet<RequestDestination> = new Set(["document", "iframe", "frame", "worker", "sharedworker"]);

export function needsHeaders({ method, destination }: Request): boolean {
  return method === "GET" && ISOLATED.has(destination);
}

/** The same answer with the headers that it lacks; what a host sends itself stays. */
export function withHeaders(response: Response): Response {
  // An opaque answer cannot be read, a redirected one would lose its address.
  if (response.type !== "basic" || response.redirected || response.status === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HEADERS)) if (!headers.has(name)) headers.set(name, value);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
