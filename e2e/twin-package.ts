/** A package like the embedded one that shares no file with it, and a host for it that can hold back a file's end. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import type { ModelManifest } from "../src/model/manifest.ts";
import { MINI } from "./fixtures.ts";
import type { Interceptor } from "./static-server.ts";

export const TWIN_NAME = "Twin of mini";
/** Bytes of `wasm.bin` that a held host sends. */
const HELD_AT = 1_000_000;

/** Every file with a line feed behind it, which changes its checksum and nothing else. */
export function twinFiles(): ReadonlyMap<string, Buffer> {
  const manifest = JSON.parse(readFileSync(join(MINI, "manifest.json"), "utf8")) as ModelManifest;
  const isGraph = (name: string): boolean => name.endsWith(".onnx");
  const files = new Map(
    Object.keys(manifest.files).map((name) => {
      const content = readFileSync(join(MINI, name));
      return [name, isGraph(name) ? content : Buffer.concat([content, Buffer.from("\n")])] as const;
    }),
  );
  const listed = Object.fromEntries(
    [...files].map(([name, content]) => [
      name,
      { bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") },
    ]),
  );
  const twin = { ...manifest, id: "twin", name: TWIN_NAME, files: listed };
  return new Map([...files, ["manifest.json", Buffer.from(JSON.stringify(twin))]]);
}

export class TwinHost {
  readonly #files = twinFiles();
  readonly #prefix: string;
  /** True: the end of `wasm.bin` is never sent. */
  isHeld = false;
  /** Answers every file but the manifest with this. */
  status = 200;
  /** The ranges asked for of `wasm.bin`, empty for all of it. */
  readonly ranges: string[] = [];

  /** @param prefix path of the package's folder, with a slash at both ends */
  constructor(prefix = "/twin/") {
    this.#prefix = prefix;
  }

  readonly intercept: Interceptor = (request, response) => {
    const { url = "", method, headers } = request;
    if (!url.startsWith(this.#prefix)) return false;
    const name = url.slice(this.#prefix.length);
    const file = this.#files.get(name);
    const status = name === "manifest.json" ? 200 : this.status;
    if (file === undefined || status !== 200) response.writeHead(file === undefined ? 404 : status).end();
    else if (method === "HEAD") response.end();
    else this.#send(response, name, file, headers.range ?? "");
    return true;
  };

  #send(response: ServerResponse, name: string, file: Buffer, range: string): void {
    const from = Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, {
      ETag: `"${name}"`,
      "Access-Control-Expose-Headers": "ETag, Content-Range, Content-Length",
      "Content-Length": file.length - from,
      ...(from > 0 && { "Content-Range": `bytes ${String(from)}-${String(file.length - 1)}/${String(file.length)}` }),
    });
    if (name === "wasm.bin") this.ranges.push(range);
    if (name === "wasm.bin" && this.isHeld) response.write(file.subarray(from, HELD_AT));
    else response.end(file.subarray(from));
  }
}
