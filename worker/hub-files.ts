/** Files of a hub repository, from Cache Storage or the network. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { RerankError } from "../src/core/errors.ts";
import type { HubFile } from "../src/model/hub-files.ts";
import { HUB_CACHE } from "../src/model/hub-model-url.ts";

/** Undefined where the browser keeps nothing: outside secure contexts, and in some private windows. */
export async function openHubCache(): Promise<Cache | undefined> {
  // Typed as always there; in an insecure context it is not.
  const storage = self.caches as CacheStorage | undefined;
  return storage?.open(HUB_CACHE).catch(() => undefined);
}

/**
 * Reads JSON that stays as it is, for its address names a commit; kept for the next time, which may be offline.
 * @throws RerankError `model-download`, `model-invalid`
 */
export async function readHubJson(url: string, cache: Cache | undefined): Promise<unknown> {
  const kept = await cache?.match(url);
  const response = kept ?? (await request(url));
  if (!response.ok) throw refusal(url, response.status);
  try {
    const text = await response.text();
    const value: unknown = JSON.parse(text);
    const headers = { "Content-Type": "application/json" };
    if (kept === undefined) await cache?.put(url, new Response(text, { headers })).catch(() => undefined);
    return value;
  } catch (cause) {
    throw new RerankError("model-invalid", `${url} is not JSON.`, { cause, details: { problem: url } });
  }
}

/**
 * A `fetch` that answers a repository's files only as its list has them: what ends early, or is another file, ends in
 * an error, and is kept by nobody.
 * @param files by URL
 */
export function checkedFetch(files: ReadonlyMap<string, HubFile>): typeof fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const file = files.get(url);
    const response = await request(url, init);
    if (file !== undefined && !response.ok) throw refusal(url, response.status);
    const isPart = new Headers(init?.headers).has("range");
    if (file === undefined || isPart || response.body === null) return response;
    const { status, headers } = response;
    return new Response(response.body.pipeThrough(checking(file, url)), { status, headers });
  };
}

async function request(url: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw new RerankError("model-download", `${url} gave no answer.`, { cause, details: { url, status: 0 } });
  }
}

function refusal(url: string, status: number): RerankError {
  return new RerankError("model-download", `${url} answered HTTP ${status}.`, { details: { url, status } });
}

function checking(file: HubFile, url: string): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  const hash = file.sha256 === undefined ? undefined : sha256.create();
  let bytes = 0;
  return new TransformStream({
    transform(piece, controller) {
      bytes += piece.length;
      hash?.update(piece);
      controller.enqueue(piece);
    },
    flush() {
      if (bytes < file.bytes) {
        throw new RerankError("model-download", `${url} ended after ${bytes} of ${file.bytes} bytes.`, {
          details: { url, status: 0 },
        });
      }
      if (bytes === file.bytes && (hash === undefined || bytesToHex(hash.digest()) === file.sha256)) return;
      throw new RerankError("model-integrity", `${url} is not the file that the repository lists; it was not kept.`, {
        details: { file: file.path },
      });
    },
  });
}
