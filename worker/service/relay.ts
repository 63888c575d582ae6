/**
 * Hands a request to an open page of the app that serves, and answers what it answers. The service worker cannot run
 * the model: it may import nothing on demand, and browsers end it at will. It remembers nothing either: all pages are
 * asked anew for each request, so that its own restarts and theirs make no difference.
 */
import { toResponse } from "../../src/endpoint/http-answer.ts";
import { problemAnswer } from "../../src/endpoint/problems.ts";
import { ASK, type PageMessage, type RelayMessage } from "../../src/endpoint/relay-protocol.ts";
import type { Route } from "../../src/endpoint/routes.ts";

/** A page in the background answers late; one that has other code never does. */
const ASK_LIMIT_MS = 3000;
/** Browsers end a service worker that takes five minutes for one event. */
const ANSWER_LIMIT_MS = 270_000;
/** How often to look whether the page is still there. */
const WATCH_MS = 500;
/** Pages that may go in the middle of an answer, before the request is given up. */
const TRIES = 3;

/** What is needed of `Clients`. */
export interface OpenPages {
  matchAll(options: { readonly type: "window"; readonly includeUncontrolled: true }): Promise<readonly OpenPage[]>;
  get(id: string): Promise<unknown>;
}

interface OpenPage {
  readonly id: string;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

interface Server {
  readonly id: string;
  readonly port: MessagePort;
}

/**
 * Chromium does not tell a service worker of a cancelled request (crbug.com/823697): there the caller's `fetch` rejects
 * at once, and the page scores to its end, unless the caller's page goes too.
 * @param callerId the client that asks
 */
export async function relay(
  clients: OpenPages,
  request: Request,
  { service }: Route,
  callerId: string,
): Promise<Response> {
  const call = { type: "call", method: request.method, url: request.url, body: await request.text() } as const;
  let message = "No open page serves. Open the page, turn its API on under “Embed”, and leave it open.";
  for (let tries = 0; tries < TRIES; tries += 1) {
    const server = await findServer(clients);
    if (server === undefined) break;
    const outcome = await ask(clients, server, call, { id: callerId, signal: request.signal });
    if (outcome instanceof Response) return outcome;
    if (outcome === "late") {
      message =
        "The page that serves did not answer in time. Send less at once, or try again when its model is loaded.";
      break;
    }
    message = "The page that served was closed or reloaded. Leave it open and try again.";
  }
  return toResponse(problemAnswer(service, { kind: "unavailable", message }));
}

/** The first page to say that it serves. */
async function findServer(clients: OpenPages): Promise<Server | undefined> {
  const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
  if (pages.length === 0) return undefined;
  return await new Promise((resolve) => {
    let open = pages.length;
    const limit = setTimeout(() => {
      resolve(undefined);
    }, ASK_LIMIT_MS);
    for (const page of pages) {
      const { port1: port, port2 } = new MessageChannel();
      port.onmessage = ({ data }: MessageEvent<PageMessage>) => {
        open -= 1;
        if (data.type === "serves" && data.isServing) resolve({ id: page.id, port });
        else port.close();
        if (open > 0) return;
        clearTimeout(limit);
        resolve(undefined);
      };
      page.postMessage(ASK, [port2]);
    }
  });
}

interface Caller {
  readonly id: string;
  readonly signal: AbortSignal;
}

/** @returns `gone` where the page went away, `late` where it said nothing for too long */
async function ask(
  clients: OpenPages,
  { id, port }: Server,
  call: RelayMessage,
  caller: Caller,
): Promise<Response | "gone" | "late"> {
  const send = (message: RelayMessage): void => {
    port.postMessage(message);
  };
  const timers: ReturnType<typeof setTimeout>[] = [];
  try {
    return await new Promise((resolve, reject) => {
      port.onmessage = ({ data }: MessageEvent<PageMessage>) => {
        if (data.type === "answer") resolve(toResponse(data.answer));
      };
      const cancel = (): void => {
        send({ type: "cancel" });
        reject(new DOMException("The call was cancelled.", "AbortError"));
      };
      const look = async (): Promise<void> => {
        if ((await clients.get(id)) === undefined) resolve("gone");
        else if ((await clients.get(caller.id)) === undefined) cancel();
      };
      timers.push(
        setInterval(() => void look(), WATCH_MS),
        setTimeout(() => {
          send({ type: "cancel" });
          resolve("late");
        }, ANSWER_LIMIT_MS),
      );
      send(call);
      if (caller.signal.aborted) cancel();
      caller.signal.addEventListener("abort", cancel, { once: true });
    });
  } finally {
    for (const timer of timers) clearTimeout(timer);
    port.close();
  }
}
