/** The browser's side of the endpoint: one service worker, and what it asks of this page. */
import type { HttpAnswer } from "../../endpoint/http-answer.ts";
import { ASK, CLAIM, endpointBase, type PageMessage, type RelayMessage } from "../../endpoint/relay-protocol.ts";

type RelayedCall = Extract<RelayMessage, { type: "call" }>;

/** Never rejects. */
export type AnswerRelayed = (call: RelayedCall, signal: AbortSignal) => Promise<HttpAnswer>;

export interface EndpointHost {
  /** Ends in a slash. */
  readonly baseUrl: string;
  /** Whether this page has SharedArrayBuffer. */
  readonly isIsolated: boolean;
  /** Resolves when the service worker runs, and sees this page's requests. */
  register(): Promise<void>;
  unregister(): Promise<void>;
  /** Whether the server itself sends what isolation needs. */
  sendsHeaders(): Promise<boolean>;
  serve(page: { readonly isServing: () => boolean; readonly answer: AnswerRelayed }): void;
}

/** A first start downloads a few kilobytes. */
const START_LIMIT_MS = 20_000;

/** @returns undefined where the page may have no service worker */
export function browserEndpointHost(pageUrl: string): EndpointHost | undefined {
  // Typed as always there; in an insecure context it is not.
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (container === undefined) return undefined;
  const scope = new URL(import.meta.env.BASE_URL, pageUrl).href;
  return {
    baseUrl: endpointBase(scope),
    isIsolated: crossOriginIsolated,
    register: async () => {
      await register(container, scope);
    },
    unregister: async () => {
      const registration = await container.getRegistration(scope);
      if (registration?.scope === scope) await registration.unregister();
    },
    sendsHeaders: async () => {
      if (!crossOriginIsolated) return false;
      if (container.controller === null) return true;
      // Not a navigation: the service worker leaves its answer alone.
      const response = await fetch(pageUrl, { method: "HEAD", cache: "no-store" }).catch(() => undefined);
      return response?.headers.has("Cross-Origin-Embedder-Policy") ?? false;
    },
    serve: ({ isServing, answer }) => {
      container.addEventListener("message", ({ data, ports: [port] }: MessageEvent) => {
        if (data === ASK && port) take(port, isServing(), answer);
      });
      container.startMessages();
    },
  };
}

async function register(container: ServiceWorkerContainer, scope: string): Promise<void> {
  const url = new URL("sw.js", scope);
  const { active, installing, waiting } = await container.register(url, { scope, updateViaCache: "none" });
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  const started = active ?? installing ?? waiting;
  if (started) await until(() => started.state === "activated", started, "statechange", limit);
  // After a reload that goes around service workers, one that is active does not see the page.
  if (container.controller === null) started?.postMessage(CLAIM);
  await until(() => container.controller !== null, container, "controllerchange", limit);
}

/** Resolves when `holds`, which may change with an event of that name. */
async function until(holds: () => boolean, target: EventTarget, event: string, limit: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      if (holds()) resolve();
    };
    target.addEventListener(event, look, { signal: limit });
    limit.addEventListener("abort", () => {
      reject(new Error("The service worker did not start."));
    });
    look();
  });
}

/** The service worker asks by a port whether the page serves; if it takes the page, the call comes by the same way. */
function take(port: MessagePort, isServing: boolean, answer: AnswerRelayed): void {
  const send = (message: PageMessage): void => {
    port.postMessage(message);
  };
  const cancel = new AbortController();
  port.onmessage = ({ data }: MessageEvent<RelayMessage>) => {
    if (data.type === "cancel") cancel.abort();
    else
      void answer(data, cancel.signal).then((answered) => {
        send({ type: "answer", answer: answered });
      });
  };
  send({ type: "serves", isServing });
}
