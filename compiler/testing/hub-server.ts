/**
 * A hub on loopback that answers as huggingface.co does, as far as downloads go: its API and small files at one
 * address, large files (known by SHA-256) behind a redirect to another one.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ServedRepository {
  /** 40 hexadecimal digits. */
  readonly commit: string;
  /** Metadata of the model card. */
  readonly card?: object;
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Sizes that the list claims, where they are not the files' own. */
  readonly claimedBytes?: Readonly<Record<string, number>>;
  /** Whom the files are for: owners of `grantedToken` only, as all else is visible to all. */
  readonly isGated?: boolean;
  /** To be seen with `grantedToken` only. */
  readonly isPrivate?: boolean;
}

export interface SeenRequest {
  readonly host: "hub" | "cdn";
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
}

/** Answers a request itself by returning true. */
type Intercept = (seen: SeenRequest, response: ServerResponse) => boolean;

export interface HubServer {
  /** Without a slash at its end. */
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** Sees every request first. */
  intercept: Intercept;
  close(): Promise<void>;
}

/** Knows its account's token, and one whose account was given no access. */
export const TOKENS = { granted: "hf_granted", stranger: "hf_stranger" } as const;

const ENTRIES_PER_PAGE = 3;

export async function serveHub(repositories: Readonly<Record<string, ServedRepository>>): Promise<HubServer> {
  const requests: SeenRequest[] = [];
  const hub: HubServer = { url: "", requests, intercept: () => false, close: () => stop([api, cdn]) };
  const listen = (host: SeenRequest["host"], answer: (request: IncomingMessage, response: ServerResponse) => void) =>
    createServer((request, response) => {
      const seen = { host, path: request.url ?? "/", headers: request.headers };
      requests.push(seen);
      if (!hub.intercept(seen, response)) answer(request, response);
    });
  const cdn = listen("cdn", (request, response) => {
    const [, repository = "", path = ""] = /^\/repos\/([^/]+\/[^/]+)\/(.+)\?/.exec(request.url ?? "") ?? [];
    sendBytes(request, response, repositories[repository]?.files[path] ?? new Uint8Array());
  });
  const api = listen("hub", (request, response) => {
    answerAsHub(repositories, cdnUrl, request, response);
  });
  const cdnUrl = await start(cdn);
  return Object.assign(hub, { url: await start(api) });
}

/** Serves bytes with ETag and ranges, as hosts of large files do. */
export function sendBytes(
  request: Pick<IncomingMessage, "headers">,
  response: ServerResponse,
  bytes: Uint8Array,
  entityTag = `"${sha256(bytes)}"`,
): void {
  const { range, "if-range": condition } = request.headers;
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? Number.NaN);
  const headers = { ETag: entityTag, "Accept-Ranges": "bytes", "Content-Type": "application/octet-stream" };
  if (Number.isNaN(start) || (condition !== undefined && condition !== entityTag)) {
    response.writeHead(200, { ...headers, "Content-Length": bytes.length }).end(bytes);
  } else if (start >= bytes.length) {
    response.writeHead(416, { ...headers, "Content-Range": `bytes */${String(bytes.length)}` }).end();
  } else {
    const contentRange = `bytes ${String(start)}-${String(bytes.length - 1)}/${String(bytes.length)}`;
    const part = bytes.subarray(start);
    response.writeHead(206, { ...headers, "Content-Range": contentRange, "Content-Length": part.length }).end(part);
  }
}

/** The hub's way to refuse: a reason in a header, words in another and in the body. */
export function refuse(response: ServerResponse, status: number, reason: string, words: string): void {
  const headers = { ...(reason !== "" && { "X-Error-Code": reason }), "X-Error-Message": words };
  response.writeHead(status, { ...headers, "Content-Type": "application/json; charset=utf-8" });
  response.end(JSON.stringify({ error: words }));
}

function answerAsHub(
  repositories: Readonly<Record<string, ServedRepository>>,
  cdnUrl: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { pathname, searchParams } = new URL(`http://hub${request.url ?? "/"}`);
  const route = /^(?:\/api\/(?:resolve-cache\/)?models)?\/([^/]+\/[^/]+)\/(revision|tree|resolve|\w{40})\/?(.*)$/;
  const [, name = "", action = "", rest = ""] = route.exec(pathname) ?? [];
  const token = tokenOf(request);
  const repository = visibleTo(token, repositories[name]);
  if (token !== undefined && !Object.values<string>(TOKENS).includes(token)) {
    refuse(response, 401, "", "Invalid credentials in Authorization header");
  } else if (repository === undefined) {
    if (token === undefined) refuse(response, 401, "RepoNotFound", "Invalid username or password.");
    else refuse(response, 404, "RepoNotFound", "Repository not found");
  } else if (action === repository.commit) {
    // Where resolve sends small files.
    sendBytes(request, response, repository.files[rest] ?? new Uint8Array());
  } else answerAbout({ name, repository, cdnUrl, token, response }, action, rest, searchParams);
}

function tokenOf({ headers }: IncomingMessage): string | undefined {
  return headers.authorization?.replace("Bearer ", "");
}

function visibleTo(token: string | undefined, repository?: ServedRepository): ServedRepository | undefined {
  return repository?.isPrivate === true && token !== TOKENS.granted ? undefined : repository;
}

interface Answer {
  readonly name: string;
  readonly repository: ServedRepository;
  readonly cdnUrl: string;
  readonly token: string | undefined;
  readonly response: ServerResponse;
}

function answerAbout(answer: Answer, action: string, rest: string, search: URLSearchParams): void {
  const { repository, response } = answer;
  const [revision = "", ...path] = rest.split("/");
  if (![repository.commit, "main", "HEAD"].includes(decodeURIComponent(revision))) {
    refuse(response, 404, "RevisionNotFound", `Invalid rev id: ${revision}`);
  } else if (action === "revision") sendInfo(answer);
  else if (action === "tree") sendTree(answer, Number(search.get("cursor") ?? 0));
  else resolveFile(answer, path.map(decodeURIComponent).join("/"));
}

function sendInfo({ name, repository, response }: Answer): void {
  const { commit, card, isGated = false, isPrivate = false, files } = repository;
  sendJson(response, {
    _id: "0",
    id: name,
    sha: commit,
    private: isPrivate,
    gated: isGated ? "manual" : false,
    lastModified: "2024-01-01T00:00:00.000Z",
    ...(card && { cardData: card }),
    siblings: Object.keys(files).map((rfilename) => ({ rfilename })),
  });
}

function sendTree({ name, repository, response }: Answer, start: number): void {
  const { files, claimedBytes = {}, commit } = repository;
  const folders = Object.keys(files).flatMap((path) => (path.includes("/") ? [path.split("/")[0] ?? ""] : []));
  const entries = [
    ...[...new Set(folders)].map((path) => ({ type: "directory", oid: "0".repeat(40), size: 0, path })),
    ...Object.entries(files).map(([path, bytes]) => describeEntry(path, bytes, claimedBytes[path] ?? bytes.length)),
  ];
  const end = start + ENTRIES_PER_PAGE;
  if (end < entries.length) {
    const { port } = response.socket?.address() as AddressInfo;
    const next = `http://127.0.0.1:${String(port)}/api/models/${name}/tree/${commit}?recursive=true&cursor=${String(end)}`;
    response.setHeader("Link", `<${next}>; rel="next"`);
  }
  sendJson(response, entries.slice(start, end));
}

function describeEntry(path: string, bytes: Uint8Array, size: number): object {
  if (!isLarge(path)) return { type: "file", oid: gitOid(bytes), size, path };
  return { type: "file", oid: "0".repeat(40), size, path, lfs: { oid: sha256(bytes), size, pointerSize: 134 } };
}

function resolveFile({ name, repository, cdnUrl, token, response }: Answer, path: string): void {
  const bytes = repository.files[path];
  if (repository.isGated === true && token === undefined) {
    const words = `Access to model ${name} is restricted. You must have access to it and be authenticated to access it.`;
    refuse(response, 401, "GatedRepo", words);
  } else if (repository.isGated === true && token !== TOKENS.granted) {
    refuse(response, 403, "GatedRepo", `Access to model ${name} is restricted and you are not in the authorized list.`);
  } else if (bytes === undefined) refuse(response, 404, "EntryNotFound", "Entry not found");
  else {
    const large = isLarge(path);
    const cache = `/api/resolve-cache/models/${name}/${repository.commit}/${path}`;
    response.writeHead(large ? 302 : 307, {
      Location: large ? `${cdnUrl}/repos/${name}/${path}?Expires=1&Signature=s` : cache,
      "X-Repo-Commit": repository.commit,
      "X-Linked-Size": bytes.length,
      "X-Linked-ETag": `"${large ? sha256(bytes) : gitOid(bytes)}"`,
      "Accept-Ranges": "bytes",
    });
    response.end();
  }
}

function isLarge(path: string): boolean {
  return /\.(safetensors|bin|gguf|onnx)$/.test(path);
}

function sendJson(response: ServerResponse, json: unknown): void {
  response.writeHead(200, { "Content-Type": "application/json; charset=utf-8" }).end(JSON.stringify(json));
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function gitOid(bytes: Uint8Array): string {
  return createHash("sha1")
    .update(`blob ${String(bytes.length)}\0`)
    .update(bytes)
    .digest("hex");
}

async function start(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

async function stop(servers: readonly Server[]): Promise<void> {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
