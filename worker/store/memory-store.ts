import type { BlobAppender, BlobStore } from "./blob-store.ts";

/** Forgets everything with its worker. Browsers hold the bytes of a `Blob` outside the JavaScript heap. */
export function createMemoryStore(): BlobStore {
  const blobs = new Map<string, Blob>();
  return {
    kind: "memory",
    list: () => Promise.resolve([...blobs].map(([name, { size }]) => ({ name, bytes: size }))),
    read: (name) => Promise.resolve(blobs.get(name)),
    write(name, text) {
      blobs.set(name, new Blob([text]));
      return Promise.resolve();
    },
    append: (name) => Promise.resolve(appendTo(blobs, name)),
    delete(name) {
      blobs.delete(name);
      return Promise.resolve();
    },
  };
}

function appendTo(blobs: Map<string, Blob>, name: string): BlobAppender {
  let parts: Blob[] = [blobs.get(name) ?? new Blob([])];
  let bytes = parts[0]?.size ?? 0;
  blobs.set(name, new Blob(parts));
  return {
    get bytes() {
      return bytes;
    },
    write(chunk) {
      parts.push(new Blob([chunk]));
      bytes += chunk.length;
      return Promise.resolve();
    },
    clear() {
      parts = [];
      bytes = 0;
      return Promise.resolve();
    },
    close() {
      blobs.set(name, new Blob(parts));
      return Promise.resolve();
    },
  };
}
