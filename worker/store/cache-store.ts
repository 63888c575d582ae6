import type { BlobAppender, BlobStore, StoredBlob } from "./blob-store.ts";

const CACHE = "sunwi-models";
/** An entry of a cache cannot grow, so a blob is cut into entries of this size, written as they fill. */
const PART_BYTES = 4 * 2 ** 20;
/** Never asked for: an address that a cache accepts as a key. */
const BASE = "https://sunwi.invalid/";

/**
 * Keeps blobs as entries of Cache Storage, cut into parts; what a killed tab has not written yet is at most one part.
 * @throws DOMException where the browser has none, or refuses it
 */
export async function openCacheStore(): Promise<BlobStore> {
  const cache = await caches.open(CACHE);
  const remove = async (name: string): Promise<void> => {
    for (const key of await partKeys(cache, name)) await cache.delete(key);
  };
  return {
    kind: "cache",
    list: () => listBlobs(cache),
    async read(name) {
      const parts = await readParts(cache, name);
      return parts.length === 0 ? undefined : new Blob(parts);
    },
    async write(name, text) {
      // Replaced before further parts go, so that there is no moment without the blob.
      await cache.put(keyOf(name, 0), new Response(text));
      const [, ...further] = await partKeys(cache, name);
      for (const key of further) await cache.delete(key);
    },
    append: (name) => appendTo(cache, name),
    delete: remove,
  };
}

async function appendTo(cache: Cache, name: string): Promise<BlobAppender> {
  const parts = await readParts(cache, name);
  // A last part that is not full is read back and written again when it has grown.
  const last = parts.at(-1);
  const unfinished = last !== undefined && last.size < PART_BYTES ? last : undefined;
  let full = parts.length - (unfinished ? 1 : 0);
  let tail: Blob[] = unfinished ? [unfinished] : [];
  let tailBytes = unfinished?.size ?? 0;
  let bytes = parts.reduce((sum, { size }) => sum + size, 0);
  const putTail = () => cache.put(keyOf(name, full), new Response(new Blob(tail)));
  if (parts.length === 0) await putTail();
  return {
    get bytes() {
      return bytes;
    },
    async write(chunk) {
      for (let start = 0; start < chunk.length;) {
        const piece = chunk.subarray(start, start + PART_BYTES - tailBytes);
        tail.push(new Blob([piece]));
        tailBytes += piece.length;
        start += piece.length;
        if (tailBytes === PART_BYTES) {
          await putTail();
          full += 1;
          tail = [];
          tailBytes = 0;
        }
        bytes += piece.length;
      }
    },
    async clear() {
      for (const key of await partKeys(cache, name)) await cache.delete(key);
      [full, tail, tailBytes, bytes] = [0, [], 0, 0];
      await putTail();
    },
    async close() {
      if (tailBytes > 0) await putTail();
    },
  };
}

function keyOf(name: string, part: number): string {
  return `${BASE}${name}/${String(part).padStart(6, "0")}`;
}

/** Keys of a blob's parts, in order. */
async function partKeys(cache: Cache, name: string): Promise<readonly string[]> {
  const keys = (await cache.keys()).map(({ url }) => url);
  return keys.filter((url) => url.startsWith(`${BASE}${name}/`)).sort();
}

async function readParts(cache: Cache, name: string): Promise<Blob[]> {
  const parts: Blob[] = [];
  for (const key of await partKeys(cache, name)) {
    const response = await cache.match(key);
    if (response) parts.push(await response.blob());
  }
  return parts;
}

async function listBlobs(cache: Cache): Promise<readonly StoredBlob[]> {
  const sizes = new Map<string, number>();
  for (const { url } of await cache.keys()) {
    const name = url.slice(BASE.length).split("/")[0] ?? "";
    const part = await (await cache.match(url))?.blob();
    sizes.set(name, (sizes.get(name) ?? 0) + (part?.size ?? 0));
  }
  return [...sizes].map(([name, bytes]) => ({ name, bytes }));
}
