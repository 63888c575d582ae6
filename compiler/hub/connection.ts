/** Requests to a hub: with the token where it belongs, tried again where that may help, refused in plain words. */
import { setTimeout as wait } from "node:timers/promises";
import { abortReason, RerankError } from "../../src/core/errors.ts";
import { refusalOf } from "./refusals.ts";

export interface HubConnection {
  /** Without a slash at its end. */
  readonly hubUrl: string;
  /** "owner/name" */
  readonly repository: string;
  readonly accessToken?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** First wait before a request is tried again; each further one is twice as long. */
  readonly retryDelayMs: number;
  /** A host that is silent for so long is asked anew. */
  readonly stallMs: number;
}

type HeaderLines = Readonly<Record<string, string>>;

/** Tries without a byte of progress before a failure is final. */
export const ATTEMPTS = 5;
const LONGEST_WAIT_MS = 60_000;
/** Answers of a hub, or of something on the way to it, that has trouble now and may not have it later. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
/** The range asked for lies behind the file's end: for the caller, who knows what it asked for. */
const RANGE_NOT_SATISFIABLE = 416;

/**
 * Fetches `url`. The access token goes to the hub only, never to where it redirects: signed addresses of other hosts.
 * @returns an answer of status 2xx or 416
 * @throws RerankError `model-download`, `invalid-input`, `aborted`
 */
export async function requestHub(connection: HubConnection, url: string, headers: HeaderLines = {}): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const answer = await send(connection, url, headers);
    if (answer instanceof Error) {
      if (attempt === ATTEMPTS) throw unreachable(url, answer);
      await waitBeforeRetry(connection, attempt);
      continue;
    }
    if (answer.ok || answer.status === RANGE_NOT_SATISFIABLE) return answer;
    if (!PASSING_STATUSES.has(answer.status) || attempt === ATTEMPTS) throw await refusalOf(answer, connection);
    await answer.body?.cancel();
    await waitBeforeRetry(connection, attempt, answer);
  }
}

/** @returns the answer, or why there is none */
async function send(connection: HubConnection, url: string, headers: HeaderLines): Promise<Response | Error> {
  const { signal, stallMs } = connection;
  const silence = new AbortController();
  const timer = setTimeout(() => {
    silence.abort(new Error("no answer for too long"));
  }, stallMs);
  try {
    return await fetch(url, {
      headers: withToken(connection, url, headers),
      signal: signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]),
    });
  } catch (error) {
    if (signal?.aborted === true) throw abortReason(signal);
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    clearTimeout(timer);
  }
}

/** As the hub's library takes it, in place of the global `fetch`. */
export function libraryFetch(connection: HubConnection): typeof fetch {
  return (input, init) => {
    const headers = Object.fromEntries(new Headers(init?.headers).entries());
    return requestHub(connection, input instanceof Request ? input.url : String(input), headers);
  };
}

/** @param attempt from 1 @param answer whose Retry-After counts, where it has one */
export async function waitBeforeRetry(connection: HubConnection, attempt: number, answer?: Response): Promise<void> {
  const { retryDelayMs, signal } = connection;
  const asked = Number(answer?.headers.get("Retry-After") ?? 0) * 1000;
  const delay = Math.min(Math.max(retryDelayMs * 2 ** (attempt - 1), asked || 0), LONGEST_WAIT_MS);
  try {
    await wait(delay, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw signal?.aborted === true ? abortReason(signal) : error;
  }
}

function withToken({ accessToken, hubUrl }: HubConnection, url: string, headers: HeaderLines): HeaderLines {
  const toHub = new URL(url).origin === new URL(hubUrl).origin;
  return {
    // Sizes and ranges are those of the file itself, which a compressed answer would hide.
    "Accept-Encoding": "identity",
    ...headers,
    ...(accessToken !== undefined && toHub && { Authorization: `Bearer ${accessToken}` }),
  };
}

function unreachable(url: string, cause: Error): RerankError {
  const { host } = new URL(url);
  return new RerankError(
    "model-download",
    `${host} cannot be reached (${reasonOf(cause)}). Check the network and try again, or name another hub in HF_ENDPOINT; ` +
      "what has arrived so far is kept.",
    { cause, details: { host } },
  );
}

/** Node says "fetch failed" and hides why in the cause: "ENOTFOUND", "ECONNREFUSED". */
export function reasonOf(error: Error): string {
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
}
