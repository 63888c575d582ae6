/** A hub of model repositories, with those of `fixtures/transformers`, that misbehaves on demand. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { PROJECT_ROOT } from "./build-page.ts";
import type { Interceptor } from "./static-server.ts";

const FIXTURES = join(PROJECT_ROOT, "e2e/fixtures/transformers");
/** Stands for the newest commit of every repository. */
export const COMMIT = "0123456789abcdef0123456789abcdef01234567";

export interface ExpectedPair {
  readonly query: string;
  readonly document: string;
  /** Of PyTorch, one per label. */
  readonly logits: readonly number[];
  readonly truncated: boolean;
}

export function expectedPairs(model: string): readonly ExpectedPair[] {
  return JSON.parse(readFileSync(join(FIXTURES, model, "expected.json"), "utf8")) as readonly ExpectedPair[];
}

/** The repository's files by path. */
export function fixtureFiles(model: string): Map<string, Buffer> {
  const paths = readdirSync(join(FIXTURES, model), { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.(json|onnx)$/.test(path),
  );
  return new Map(paths.map((path) => [path, readFileSync(join(FIXTURES, model, path))]));
}

const PATH = /^\/(?<api>api\/models\/)?(?<name>[\w.-]+\/[\w.-]+)\/(?<kind>revision|tree|resolve)\/(?<rest>[^?]+)/;

export class HubHost {
  readonly repositories = new Map<string, Map<string, Buffer>>();
  /** Answered in place of everything, where set. */
  status: number | undefined;
  /** Files of which only the first half is sent, without a word of it. */
  readonly cut = new Set<string>();
  /** Paths of the files asked for, in order. */
  readonly asked: string[] = [];

  /** @param models folders of the fixtures, each of which becomes `owner/<folder>` */
  constructor(...models: readonly string[]) {
    for (const model of models) this.repositories.set(`owner/${model}`, fixtureFiles(model));
  }

  readonly intercept: Interceptor = (request, response) => {
    const { name = "", kind, rest = "" } = PATH.exec(request.url ?? "")?.groups ?? {};
    if (kind === undefined) return false;
    const files = this.repositories.get(name);
    if (this.status !== undefined || files === undefined) response.writeHead(this.status ?? 404).end();
    else if (kind === "revision") sendJson(response, { sha: COMMIT, cardData: { license: "mit" } });
    else if (kind === "tree") sendJson(response, listOf(files));
    else this.#sendFile(response, rest.slice(rest.indexOf("/") + 1), files);
    return true;
  };

  #sendFile(response: ServerResponse, path: string, files: ReadonlyMap<string, Buffer>): void {
    this.asked.push(path);
    const file = files.get(path);
    if (file === undefined) response.writeHead(404).end();
    else if (this.cut.has(path)) response.writeHead(200).end(file.subarray(0, file.length / 2));
    else response.writeHead(200, { "Content-Length": file.length }).end(file);
  }
}

function listOf(files: ReadonlyMap<string, Buffer>): readonly object[] {
  return [...files].map(([path, bytes]) => ({
    type: "file",
    path,
    size: bytes.length,
    ...(path.endsWith(".onnx") && { lfs: { oid: createHash("sha256").update(bytes).digest("hex") } }),
  }));
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(value));
}
