/** One request with its retries: every way in which it ends is an answer's text or a `RerankError`. */
import { abortReason, RerankError, throwIfAborted } from "../core/errors.ts";
import { answerError } from "./read-scores.ts";
import type { Endpoint } from "./endpoint.ts";

export interface Patience {
  readonly timeoutMs: number;
  readonly retries: number;
  readonly firstPauseMs: number;
  readonly maxWaitMs: number;
}

export interface Exchange extends Patience {
  readonly endpoint: Endpoint;
  readonly body: string;
  readonly signal: AbortSignal;
  /** Whether a broken connection is worth another try: it is not before any answer came, for then it may be CORS. */
  readonly retriesBroken: boolean;
}

/** A failure, with what it says about trying again. */
interface Failure {
  readonly error: RerankError;
  readonly mayPass: boolean;
  /** As long as the service asks to wait. */
  readonly retryAfterMs?: number;
}

type Attempt = { readonly answer: unknown } | Failure;

/**
 * Posts JSON and reads JSON. Tries again after 429, 408, 424, 5xx and an answer that broke off, each time after twice the
 * pause with up to half of it taken off by chance, or after what `Retry-After` says; not where all pauses together would
 * exceed `maxWaitMs`. Redirects are not followed: texts and key go to the host that was named, and no other.
 * @throws RerankError
 */
export async function exchange(request: Exchange): Promise<unknown> {
  let waitedMs = 0;
  for (let tries = 0; ; tries += 1) {
    throwIfAborted(request.signal);
    const attempt = await attemptOnce(request);
    if ("answer" in attempt) return attempt.answer;
    const { error, mayPass, retryAfterMs } = attempt;
    const pauseMs = retryAfterMs ?? request.firstPauseMs * 2 ** tries * (1 - Math.random() / 2);
    if (!mayPass || tries >= request.retries || waitedMs + pauseMs > request.maxWaitMs) throw error;
    waitedMs += pauseMs;
    await pause(pauseMs, request.signal);
  }
}

async function attemptOnce(request: Exchange): Promise<Attempt> {
  const { endpoint, body, signal, timeoutMs } = request;
  const timeout = AbortSignal.timeout(timeoutMs);
  const init: RequestInit = {
    method: "POST",
    body,
    headers: endpoint.headers,
    signal: AbortSignal.any([signal, timeout]),
    ...{ redirect: "error", credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" },
  };
  let response: Response | undefined;
  try {
    response = await fetch(endpoint.url, init);
    const text = await response.text();
    return response.ok ? { answer: parsed(text) } : failureOf(response, text, endpoint);
  } catch (error) {
    throwIfAborted(signal);
    if (error instanceof RerankError) return { error, mayPass: false };
    if (timeout.aborted) return { error: timeoutError(endpoint, timeoutMs), mayPass: false };
    // The platform's own error is left out: it says nothing more in a browser, and may repeat a header elsewhere.
    if (response === undefined) return { error: unreachable(endpoint), mayPass: request.retriesBroken };
    return { error: answerError("cut-off", "the connection broke in the middle of it"), mayPass: true };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw answerError("not-json", /^\s*<(!doctype|html)/i.test(text) ? "a web page" : "no JSON");
  }
}

function failureOf(response: Response, text: string, endpoint: Endpoint): Failure {
  const { status } = response;
  const { host } = endpoint.url;
  const details = { host, status };
  if (status === 401 || status === 403) {
    // What it says is left out: services repeat keys there.
    const message = `${host} did not accept the key (${String(status)}). Check the key and what it may do.`;
    return { error: new RerankError("remote-unauthorized", message, { details }), mayPass: false };
  }
  const said = saidBy(text, endpoint.secrets);
  const retryAfterMs = retryAfter(response.headers.get("Retry-After"), Date.now());
  const again = { mayPass: true, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  if (status === 429) {
    const seconds = retryAfterMs === undefined ? {} : { seconds: Math.ceil(retryAfterMs / 1000) };
    const message = `${host} allows no more requests for now (429). Try again later, or with fewer candidates.`;
    return {
      error: new RerankError("remote-rate-limited", message, { details: { ...details, ...seconds } }),
      ...again,
    };
  }
  if (status >= 500 || status === 408 || status === 424) {
    const message = `${host} cannot answer at the moment (${String(status)}). Try again later.`;
    return { error: new RerankError("remote-unavailable", message, { details }), ...again };
  }
  const message = `${host} refused the request (${String(status)})${said === "" ? "" : `: ${said}`}. Check address and model.`;
  return { error: new RerankError("remote-refused", message, { details: { ...details, said } }), mayPass: false };
}

function timeoutError({ url: { host } }: Endpoint, timeoutMs: number): RerankError {
  const seconds = timeoutMs / 1000;
  const message = `${host} did not answer within ${String(seconds)} s.`;
  return new RerankError("remote-timeout", message, { details: { host, seconds } });
}

function unreachable({ url: { host } }: Endpoint): RerankError {
  const message =
    `${host} was not reached. A browser does not tell why: the network, the address, a redirect, or a service that ` +
    "does not allow calls from web pages (CORS). A proxy of your own that adds CORS headers mends the last one.";
  return new RerankError("remote-unreachable", message, { details: { host } });
}

const MOST_SAID = 200;

/** The service's own words, short and without any secret. */
function saidBy(text: string, secrets: readonly string[]): string {
  let words = "";
  try {
    const answer: unknown = JSON.parse(text);
    const { message, error, detail } = Object(answer) as Readonly<Record<string, unknown>>;
    const found = [message, error, detail, (Object(error) as { message?: unknown }).message];
    words = found.find((each) => typeof each === "string") ?? "";
  } catch {
    // A web page says nothing worth repeating.
  }
  // Cutting first could leave the beginning of a secret.
  const safe = secrets
    .filter((secret) => secret !== "")
    .reduce((rest, secret) => rest.replaceAll(secret, "•••"), words);
  return safe.replace(/\s+/g, " ").trim().slice(0, MOST_SAID).replace(/\.$/, "");
}

/**
 * Milliseconds that `Retry-After` asks for, in seconds or as a date (RFC 9110, 10.2.3). A page sees it only where the
 * service exposes it (`Access-Control-Expose-Headers`).
 */
export function retryAfter(value: string | null, now: number): number | undefined {
  if (value === null || value.trim() === "") return undefined;
  const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await untilAborted(over, signal).finally(() => {
    clearTimeout(timer);
  });
}

/** The promise's own end, or the signal's where that comes first. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      reject(abortReason(signal));
    };
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", onAbort);
    });
  });
}
