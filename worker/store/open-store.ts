import type { BlobStore } from "./blob-store.ts";
import { openCacheStore } from "./cache-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import { openOpfsStore } from "./opfs-store.ts";

/** The best place this browser offers: files, else Cache Storage, else memory. */
export async function openBlobStore(): Promise<BlobStore> {
  for (const open of [openOpfsStore, openCacheStore]) {
    try {
      return await open();
    } catch {
      // Missing outside secure contexts, and refused in some private windows: the next one may do.
    }
  }
  return createMemoryStore();
}

/** Bytes the browser would still give this site; undefined where it does not say. */
export async function freeBytes(): Promise<number | undefined> {
  // Typed as always there; in an insecure context it is not.
  const storage = navigator.storage as StorageManager | undefined;
  const estimate = await storage?.estimate().catch(() => undefined);
  if (estimate?.quota === undefined || estimate.usage === undefined) return undefined;
  return Math.max(0, estimate.quota - estimate.usage);
}

export function isQuotaExceeded(error: unknown): boolean {
  return error instanceof Error && error.name === "QuotaExceededError";
}
