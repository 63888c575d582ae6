import { answerCall, type RankTexts } from "./answer-call.ts";
import { toResponse } from "./http-answer.ts";
import { checkedBase, routeOf } from "./routes.ts";

export interface RerankFetchOptions {
  /**
   * What requests must begin with to be answered here: the base URL that a client of Cohere's, Jina's or TEI's is
   * given. It need not exist. @default "https://sunwi.local/"
   */
  readonly baseUrl?: string | URL;
  /** Where all other requests go. @default the global `fetch`, as it is when it is called */
  readonly fetch?: typeof fetch;
}

/** A `fetch` that answers rerank calls under the base by `rank`, and passes on what is not under it. */
export function rerankFetch(
  rank: RankTexts,
  { baseUrl = "https://sunwi.local/", fetch: passOn = (input, init) => fetch(input, init) }: RerankFetchOptions = {},
): typeof fetch {
  const base = checkedBase(baseUrl, pageUrl());
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, pageUrl());
    const route = routeOf(url, base);
    if (route === undefined) return await passOn(input, init);
    const signal = signalOf(input, init);
    signal?.throwIfAborted();
    // It checks what it is given, and reads bodies of every kind.
    const request = new Request(input instanceof Request ? input : url, { ...init, signal: null });
    const call = { route, method: request.method, path: url.pathname, body: await request.text() };
    const answer = await untilAborted(answerCall(call, rank, signal), signal);
    return toResponse(answer);
  };
}

/** The caller's own: a `Request` holds on to the one it follows so loosely that an abort may get lost. */
function signalOf(input: RequestInfo | URL, init: RequestInit | undefined): AbortSignal | undefined {
  if (init?.signal !== undefined) return init.signal ?? undefined;
  return input instanceof Request ? input.signal : undefined;
}

/** As `fetch` does: an aborted call rejects at once, and with the signal's reason. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise;
  return await new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", onAbort);
    });
  });
}

/** What relative URLs are relative to; a server has no such thing, and `fetch` takes none there. */
function pageUrl(): string | undefined {
  return (globalThis as { location?: { href: string } }).location?.href;
}
