/** Where requests go, and with what: checked once, before anything is sent. */
import { RerankError } from "../core/errors.ts";
import { REMOTE_SERVICES, type RemoteKind } from "./services.ts";

export interface Endpoint {
  readonly url: URL;
  readonly headers: Headers;
  /** What must not appear in any message. */
  readonly secrets: readonly string[];
}

interface EndpointOptions {
  readonly kind: RemoteKind;
  readonly url?: string;
  readonly model?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * @throws RerankError `invalid-input` for an address, a model name or headers that cannot be; `remote-insecure` where a
 * key or header would travel unencrypted, or the browser would not let the request out of this page
 */
export function endpointOf({ kind, url, model = "", key, headers = {} }: EndpointOptions): Endpoint {
  const address = endpointUrl(kind, url);
  if (REMOTE_SERVICES[kind].needsModel && model.trim() === "") {
    throw invalid("remote-model", `${REMOTE_SERVICES[kind].name} needs the name of a model.`);
  }
  const secrets = [...(key ? [key] : []), ...Object.values(headers)];
  checkTransport(address, secrets.length > 0);
  return { url: address, headers: headersOf(key, headers), secrets };
}

/** @throws RerankError `remote-insecure` */
function checkTransport({ protocol, host, hostname }: URL, hasSecret: boolean): void {
  if (protocol !== "http:" || isLoopback(hostname)) return;
  if (hasSecret) {
    const message = `A key is not sent to ${host} over unencrypted http. Use https.`;
    throw new RerankError("remote-insecure", message, { details: { host } });
  }
  if ((globalThis as { location?: Location }).location?.protocol === "https:") {
    const message = `Browsers let no page of https ask ${host} over http. Use https, or a proxy on this device.`;
    throw new RerankError("remote-insecure", message, { details: { host, reason: "mixed" } });
  }
}

/**
 * The service's own address where none is given; its path where the address has none.
 * @throws RerankError `invalid-input` unless it is http or https, without a name and password in it
 */
export function endpointUrl(kind: RemoteKind, typed = ""): URL {
  const service = REMOTE_SERVICES[kind];
  const given = typed.trim() === "" ? service.url : typed.trim();
  const url = URL.canParse(given) ? new URL(given) : undefined;
  // What was typed is not repeated: it may hold a password.
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    throw invalid("remote-address", "The address must begin with https:// or http://, without a password in it.");
  }
  if (url.pathname === "/") url.pathname = service.path;
  url.hash = "";
  return url;
}

/** This device itself: what is sent there does not leave it. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** Without the platform's own error, which repeats a value that cannot be a header's. */
function headersOf(key: string | undefined, own: Readonly<Record<string, string>>): Headers {
  try {
    const headers = new Headers({ Accept: "application/json", "Content-Type": "application/json" });
    if (key) headers.set("Authorization", `Bearer ${key}`);
    for (const [name, value] of Object.entries(own)) headers.set(name, value);
    return headers;
  } catch {
    throw invalid("remote-headers", "The key or a header holds characters that no header can carry.");
  }
}

function invalid(reason: string, message: string): RerankError {
  return new RerankError("invalid-input", message, { details: { reason } });
}
