/** Rerankers behind HTTP that answer by the published schemas, on a free loopback port. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers a request itself by returning true. `count` is its number, from 0, preflights left out. */
type Misbehave = (response: ServerResponse, request: ReceivedRequest, count: number) => boolean;

export interface RemoteServiceOptions {
  /** Raw score of a pair. @default words of the query that the text holds, minus one */
  readonly logit?: (query: string, text: string) => number;
  /** Whether pages of other origins may ask. @default true */
  readonly cors?: boolean;
  readonly misbehave?: Misbehave | undefined;
}

export interface RemoteServiceServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly host: string;
  /** Preflights left out. */
  readonly requests: readonly ReceivedRequest[];
  close(): Promise<void>;
}

type Body = Readonly<Record<string, unknown>>;
type Logit = (query: string, text: string) => number;

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

export const sharedWords: Logit = (query, text) => query.split(/\s+/).filter((word) => text.includes(word)).length - 1;

/** Sorted best first, as all of them do. */
function sorted(items: readonly { readonly index: number; readonly score: number }[]): readonly {
  readonly index: number;
  readonly score: number;
}[] {
  return [...items].sort((a, b) => b.score - a.score);
}

function scored(body: Body, texts: unknown, score: Logit): ReturnType<typeof sorted> {
  const query = String(body["query"]);
  return sorted((texts as readonly string[]).map((text, index) => ({ index, score: score(query, text) })));
}

const relevance =
  (logit: Logit): Logit =>
  (query, text) =>
    sigmoid(logit(query, text));

/** By path, as each service answers. */
const ANSWERS: Readonly<Record<string, (body: Body, logit: Logit) => unknown>> = {
  "/v2/rerank": (body, logit) => ({
    id: "1",
    results: renamed(scored(body, body["documents"], relevance(logit))),
    meta: { api_version: { version: "2" }, billed_units: { search_units: 1 } },
  }),
  "/v1/rerank": (body, logit) => {
    const results = renamed(scored(body, body["documents"], relevance(logit)));
    const rest = { model: body["model"], usage: { total_tokens: 1 } };
    // Voyage asks with `top_k`, Jina with `top_n`.
    return "top_k" in body ? { object: "list", data: results, ...rest } : { results, ...rest };
  },
  "/rerank": (body, logit) => scored(body, body["texts"], body["raw_scores"] === true ? logit : relevance(logit)),
  "/invocations": (body, logit) =>
    (body["inputs"] as readonly { readonly text: string; readonly text_pair: string }[]).map((pair) => ({
      label: "LABEL_0",
      score: sigmoid(logit(pair.text, pair.text_pair)),
    })),
};

function renamed(items: ReturnType<typeof sorted>): unknown {
  return items.map(({ index, score }) => ({ index, relevance_score: score }));
}

export async function serveRemoteReranker(options: RemoteServiceOptions = {}): Promise<RemoteServiceServer> {
  const { logit = sharedWords, cors = true, misbehave } = options;
  const requests: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    if (cors) {
      response.setHeader("Access-Control-Allow-Origin", "*");
      response.setHeader("Access-Control-Allow-Headers", "authorization, content-type");
      response.setHeader("Access-Control-Expose-Headers", "retry-after");
    }
    if (request.method === "OPTIONS") {
      response.writeHead(cors ? 204 : 405).end();
      return;
    }
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (part: string) => (body += part));
    request.on("end", () => {
      const received = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body };
      requests.push(received);
      if (misbehave?.(response, received, requests.length - 1) === true) return;
      const answer = ANSWERS[new URL(received.path, "http://a.test").pathname];
      if (answer === undefined) respond(response, 404, { error: "not found" });
      else respond(response, 200, answer(JSON.parse(body) as Body, logit));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url: `http://${host}`,
    host,
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

/** An answer in JSON; text as it is. */
export function respond(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): true {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(text);
  return true;
}
