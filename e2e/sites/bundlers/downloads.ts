/** What a visit fetched, weighed and told apart by comparing it with the package's own files. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Visit } from "./visit.ts";

type Kind = "js" | "wasm" | "model";

export interface Downloads {
  /** Bytes, as they are and gzipped. */
  readonly totals: Readonly<Record<Kind, { readonly bytes: number; readonly gzipBytes: number }>>;
  /** Addresses of the package's files that were fetched byte for byte, by their names in the package. */
  readonly ofPackage: ReadonlyMap<string, string>;
}

/** Names by SHA-256 of the files in `lib/`. */
export type PackageFiles = ReadonlyMap<string, string>;

export async function packageFiles(lib: string): Promise<PackageFiles> {
  const entries = await readdir(lib, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return new Map(await Promise.all(files.map(async (path) => [sha256(await readFile(path)), path] as const)));
}

/** Fetches all of it once more, for browsers do not tell what workers got. The servers must still run. */
export async function weigh({ urls }: Pick<Visit, "urls">, files: PackageFiles): Promise<Downloads> {
  const totals = {
    js: { bytes: 0, gzipBytes: 0 },
    wasm: { bytes: 0, gzipBytes: 0 },
    model: { bytes: 0, gzipBytes: 0 },
  };
  const ofPackage = new Map<string, string>();
  for (const url of urls.filter((one) => !one.startsWith("blob:"))) {
    const response = await fetch(url);
    const body = Buffer.from(await response.arrayBuffer());
    const hash = sha256(body);
    const name = files.get(hash)?.replace(/^.*\/lib\//, "");
    if (name !== undefined) ofPackage.set(name, url);
    const kind = kindOf(name ?? "", response.headers.get("content-type") ?? "");
    if (kind === undefined) continue;
    totals[kind].bytes += body.length;
    totals[kind].gzipBytes += gzipBytes(hash, body);
  }
  return { totals, ofPackage };
}

function kindOf(name: string, contentType: string): Kind | undefined {
  if (name.startsWith("models/")) return "model";
  if (contentType.startsWith("application/wasm")) return "wasm";
  return contentType.includes("javascript") ? "js" : undefined;
}

const gzipped = new Map<string, number>();

function gzipBytes(hash: string, body: Buffer): number {
  const bytes = gzipped.get(hash) ?? gzipSync(body).length;
  gzipped.set(hash, bytes);
  return bytes;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
