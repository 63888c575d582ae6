import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { RerankError } from "../src/core/errors.ts";
import type { ModelManifest } from "../src/model/manifest.ts";

/** Told how many bytes have arrived, each time some do. */
export type ByteProgress = (bytes: number) => void;

/**
 * Files of one model package: fetched on first use, checked against the manifest's size and SHA-256, and kept until
 * `clear`, so that a second variant does not fetch shared files again.
 */
export class PackageFiles {
  readonly #modelUrl: string;
  readonly #manifest: ModelManifest;
  readonly #kept = new Map<string, Uint8Array<ArrayBuffer>>();

  constructor(modelUrl: string, manifest: ModelManifest) {
    this.#modelUrl = modelUrl;
    this.#manifest = manifest;
  }

  /**
   * @throws RerankError `model-download` where the file cannot be had, `model-integrity` where it is not the one the
   *   manifest names
   */
  async get(file: string, onBytes: ByteProgress): Promise<Uint8Array<ArrayBuffer>> {
    const kept = this.#kept.get(file);
    if (kept !== undefined) {
      onBytes(kept.length);
      return kept;
    }
    const bytes = await this.#fetchChecked(file, onBytes);
    this.#kept.set(file, bytes);
    return bytes;
  }

  clear(): void {
    this.#kept.clear();
  }

  async #fetchChecked(file: string, onBytes: ByteProgress): Promise<Uint8Array<ArrayBuffer>> {
    const expected = this.#manifest.files[file];
    if (expected === undefined) throw new RerankError("model-invalid", `The manifest does not list "${file}".`);
    const url = new URL(file, this.#modelUrl).href;
    const cached = await fetchBytes(url, expected.bytes, "default", onBytes);
    if (matches(cached, expected)) return cached;
    // A browser may hold the file of an earlier release under the same name: ask the server once more.
    onBytes(-cached.length);
    const fresh = await fetchBytes(url, expected.bytes, "reload", onBytes);
    if (matches(fresh, expected)) return fresh;
    throw new RerankError("model-integrity", `"${file}" is not the file the manifest describes; nothing was loaded.`, {
      details: { file, expectedBytes: expected.bytes, bytes: fresh.length },
    });
  }
}

/**
 * Fetches and parses JSON.
 * @throws RerankError `model-download`, or `model-invalid` where the answer is not JSON
 */
export async function fetchJson(url: string): Promise<unknown> {
  const response = await fetchOk(url, "no-cache");
  try {
    return await response.json();
  } catch (cause) {
    throw new RerankError("model-invalid", `${url} is not JSON.`, { cause, details: { problem: "manifest.json" } });
  }
}

async function fetchBytes(
  url: string,
  expectedBytes: number,
  cache: RequestCache,
  onBytes: ByteProgress,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetchOk(url, cache);
  const bytes = new Uint8Array(expectedBytes);
  let length = 0;
  let overflow = 0;
  try {
    const reader = response.body?.getReader();
    for (let chunk = await reader?.read(); chunk?.value !== undefined; chunk = await reader?.read()) {
      const fitting = chunk.value.subarray(0, expectedBytes - length);
      bytes.set(fitting, length);
      length += fitting.length;
      overflow += chunk.value.length - fitting.length;
      onBytes(fitting.length);
    }
  } catch (cause) {
    throw downloadError(url, response.status, cause);
  }
  // A wrong length must not pass for the right file, whatever its hash is computed over.
  return overflow > 0 ? new Uint8Array(0) : bytes.subarray(0, length);
}

async function fetchOk(url: string, cache: RequestCache): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { cache });
  } catch (cause) {
    throw downloadError(url, 0, cause);
  }
  if (!response.ok) throw downloadError(url, response.status);
  return response;
}

function downloadError(url: string, status: number, cause?: unknown): RerankError {
  const what = status === 0 ? "no answer" : `HTTP ${String(status)}`;
  return new RerankError(
    "model-download",
    `${url} could not be downloaded (${what}). Check the connection and retry.`,
    {
      cause,
      details: { url, status },
    },
  );
}

function matches(bytes: Uint8Array, expected: { readonly bytes: number; readonly sha256: string }): boolean {
  return bytes.length === expected.bytes && bytesToHex(sha256(bytes)) === expected.sha256;
}
