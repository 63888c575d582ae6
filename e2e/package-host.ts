/** A host of model packages that misbehaves on demand, and counts what it sends. */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import type { ModelManifest } from "../src/model/manifest.ts";
import type { Interceptor } from "./static-server.ts";

/** What goes wrong with one answer; without any the file is sent as a good host sends it. */
export interface Fault {
  /** Close the connection after so many bytes of the body. */
  readonly cutAfter?: number;
  /** Send so many bytes of the body, then nothing more, or the rest after `until`. */
  readonly stallAfter?: number;
  readonly until?: Promise<unknown>;
  /** Close the connection without a word. */
  readonly givesNoAnswer?: boolean;
  /** Answer with this status and no body. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Send the whole file, whatever range was asked for. */
  readonly ignoresRange?: boolean;
  /** Send a range even where `If-Range` says that the file has changed. */
  readonly ignoresIfRange?: boolean;
  /** Send these bytes in place of the file's. */
  readonly bytes?: Buffer;
  /** Compress the body; ranges are then taken from the compressed bytes, as careless hosts do. */
  readonly isGzipped?: boolean;
  /** Send no length, so that the connection's end is the body's. */
  readonly hidesLength?: boolean;
  /** Wait for this before anything is sent. */
  readonly after?: Promise<unknown>;
  /** Pause between pieces of 16 KiB, in milliseconds. */
  readonly pieceMs?: number;
}

export interface SeenRequest {
  readonly name: string;
  readonly method: string;
  /** The header "Range", empty where there was none. */
  readonly range: string;
  readonly ifRange: string;
  readonly origin: string;
  /** Bytes of the body handed to the connection. */
  sentBytes: number;
  status: number;
}

const PIECE_BYTES = 16_384;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export class PackageHost {
  readonly #prefix: string;
  readonly requests: SeenRequest[] = [];
  files = new Map<string, Buffer>();
  /** Asked for each request; `nth` counts those for the file, from 1. */
  fault: (name: string, nth: number) => Fault | undefined = () => undefined;
  /** `undefined`: a strong one of the content. */
  etagOf: ((name: string) => string) | undefined;

  /** @param prefix path of the package's folder, with a slash at both ends */
  constructor(files: ReadonlyMap<string, Buffer>, prefix = "/package/") {
    this.#prefix = prefix;
    this.files = new Map(files);
  }

  requestsFor(name: string): readonly SeenRequest[] {
    return this.requests.filter((request) => request.name === name && request.method === "GET");
  }

  /** Bytes of a file's bodies sent so far, of all files but the manifest where no name is given. */
  sentBytes(name?: string): number {
    return this.requests
      .filter((request) => (name === undefined ? request.name !== "manifest.json" : request.name === name))
      .reduce((sum, request) => sum + request.sentBytes, 0);
  }

  readonly intercept: Interceptor = (request, response) => {
    if (request.url?.startsWith(this.#prefix) !== true) return false;
    const name = request.url.slice(this.#prefix.length);
    const header = (key: string): string => String(request.headers[key] ?? "");
    const seen: SeenRequest = {
      name,
      method: request.method ?? "",
      range: header("range"),
      ifRange: header("if-range"),
      origin: header("origin"),
      sentBytes: 0,
      status: 0,
    };
    this.requests.push(seen);
    const fault = this.fault(name, this.requestsFor(name).length) ?? {};
    void this.#answer(seen, request, response, fault);
    return true;
  };

  async #answer(seen: SeenRequest, request: IncomingMessage, response: ServerResponse, fault: Fault): Promise<void> {
    await fault.after;
    if (fault.givesNoAnswer) {
      request.socket.destroy();
      return;
    }
    const file = fault.bytes ?? this.files.get(seen.name);
    seen.status = fault.status ?? (file ? 200 : 404);
    if (seen.status === 200 && file !== undefined && request.method === "GET") {
      await this.#answerFile(seen, response, file, fault);
    } else {
      response.writeHead(seen.status, fault.headers).end();
    }
  }

  async #answerFile(seen: SeenRequest, response: ServerResponse, file: Buffer, fault: Fault): Promise<void> {
    const etag = this.etagOf?.(seen.name) ?? `"${sha256Of(file).slice(0, 16)}"`;
    const content = fault.isGzipped ? gzipSync(file) : file;
    const from = rangeStart(seen, etag, fault);
    if (from > 0 && from >= content.length) {
      seen.status = 416;
      response.writeHead(416, { "Content-Range": `bytes */${String(content.length)}` }).end();
      return;
    }
    const body = content.subarray(from);
    seen.status = from > 0 ? 206 : 200;
    response.writeHead(seen.status, {
      ...(etag !== "" && { ETag: etag }),
      ...(!fault.hidesLength && { "Content-Length": body.length }),
      ...(fault.isGzipped && { "Content-Encoding": "gzip" }),
      ...(from > 0 && { "Content-Range": contentRange(from, content.length) }),
      ...fault.headers,
    });
    await this.#send(seen, response, body, fault);
  }

  async #send(seen: SeenRequest, response: ServerResponse, body: Buffer, fault: Fault): Promise<void> {
    const gone = new Promise((resolve) => response.once("close", resolve));
    const send = async (from: number, to: number): Promise<void> => {
      for (let at = from; at < to && !response.destroyed; at += PIECE_BYTES) {
        const piece = body.subarray(at, Math.min(at + PIECE_BYTES, to));
        seen.sentBytes += piece.length;
        if (!response.write(piece)) await Promise.race([drained(response), gone]);
        if (fault.pieceMs !== undefined) await pause(fault.pieceMs);
      }
    };
    response.flushHeaders();
    const stop = Math.min(body.length, fault.cutAfter ?? body.length, fault.stallAfter ?? body.length);
    await send(0, stop);
    if (fault.stallAfter !== undefined) {
      if (fault.until === undefined) return;
      await fault.until;
      await send(stop, body.length);
    }
    if (fault.cutAfter === undefined) {
      response.end();
      return;
    }
    // What was sent is read before the end of the connection is noticed.
    await pause(1500);
    response.socket?.end();
  }
}

const drained = (response: ServerResponse) => new Promise((resolve) => response.once("drain", resolve));

/** First byte to send; 0 for the whole file. */
function rangeStart({ range, ifRange }: SeenRequest, etag: string, fault: Fault): number {
  const isSame = ifRange === "" || ifRange === etag || fault.ignoresIfRange === true;
  return isSame && !fault.ignoresRange ? Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0) : 0;
}

function contentRange(from: number, total: number): string {
  return `bytes ${String(from)}-${String(total - 1)}/${String(total)}`;
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Bytes that look random and are always the same for a seed. */
export function noise(length: number, seed: number): Buffer {
  let state = seed + 1;
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      state = (state * 48_271) % (2 ** 31 - 1);
      return state & 255;
    }),
  );
}

/**
 * The files of a package that downloads like any other and was never a model. Its WASM variant is made of
 * `tokenizer.json`, `wasm.onnx` and the given weights.
 */
export function madePackage(
  weights: Readonly<Record<string, Buffer>>,
  { id = "made", seed = 1 }: { readonly id?: string; readonly seed?: number } = {},
): Map<string, Buffer> {
  const files = new Map<string, Buffer>([
    ["tokenizer.json", noise(500, seed)],
    ["wasm.onnx", noise(700, seed + 1)],
    ...Object.entries(weights),
  ]);
  const manifest = describePackage(id, files, Object.keys(weights));
  return files.set("manifest.json", Buffer.from(JSON.stringify(manifest)));
}

function describePackage(id: string, files: ReadonlyMap<string, Buffer>, weights: readonly string[]): ModelManifest {
  const architecture = {
    family: "bert" as const,
    layers: 1,
    hiddenSize: 1,
    attentionHeads: 1,
    intermediateSize: 1,
    vocabularySize: 1,
    parameters: 1234,
  };
  const input = {
    clsTokenId: 0,
    sepTokenId: 1,
    padTokenId: 2,
    middleSeparators: 1 as const,
    positionOffset: 0,
    maxTokens: 16,
    maxQueryTokens: 8,
    tokenTypes: "none" as const,
  };
  const pair = { query: "가", document: "나", logit: 0 };
  return {
    formatVersion: 1,
    id,
    name: `Made (${id})`,
    source: { repository: "made/up", revision: "0" },
    licence: "MIT",
    architecture,
    input,
    tokenizer: "tokenizer.json",
    files: Object.fromEntries(
      [...files].map(([name, bytes]) => [name, { bytes: bytes.length, sha256: sha256Of(bytes) }]),
    ),
    variants: [
      {
        id: "wasm",
        device: "wasm",
        requires: [],
        precision: "none",
        graph: "wasm.onnx",
        weights: [...weights],
        expectedLogits: [0, 0],
        tolerance: 1,
      },
    ],
    golden: [pair, pair],
  };
}
