import type { BlobAppender, BlobStore, StoredBlob } from "./blob-store.ts";

const FOLDER = "sunwi-models";

/**
 * Keeps blobs as files of the origin private file system; what was written survives a killed tab.
 * @throws DOMException where the browser has no such system, or refuses it, as private windows do
 */
export async function openOpfsStore(): Promise<BlobStore> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(FOLDER, { create: true });
  await tryOut(folder);
  return {
    kind: "opfs",
    list: () => listFiles(folder),
    async read(name) {
      const handle = await orUndefined(folder.getFileHandle(name));
      return handle && (await orUndefined(handle.getFile()));
    },
    async write(name, text) {
      const appender = await appendTo(folder, name);
      try {
        await appender.clear();
        await appender.write(new TextEncoder().encode(text));
      } finally {
        await appender.close();
      }
    },
    append: (name) => appendTo(folder, name),
    async delete(name) {
      await orUndefined(folder.removeEntry(name));
    },
  };
}

/** Some browsers open the folder and then refuse to write. */
async function tryOut(folder: FileSystemDirectoryHandle): Promise<void> {
  const name = `probe-${crypto.randomUUID()}`;
  try {
    const appender = await appendTo(folder, name);
    await appender.close();
  } finally {
    await orUndefined(folder.removeEntry(name));
  }
}

async function appendTo(folder: FileSystemDirectoryHandle, name: string): Promise<BlobAppender> {
  const file = await folder.getFileHandle(name, { create: true });
  const handle = await file.createSyncAccessHandle();
  let bytes = handle.getSize();
  return {
    get bytes() {
      return bytes;
    },
    write(chunk) {
      return inPromise(() => {
        if (writeWhole(handle, chunk, bytes)) bytes += chunk.length;
        else throw new DOMException("The disk is full.", "QuotaExceededError");
      });
    },
    clear() {
      return inPromise(() => {
        handle.truncate(0);
        bytes = 0;
      });
    },
    close() {
      return inPromise(() => {
        try {
          handle.flush();
        } finally {
          handle.close();
        }
      });
    },
  };
}

/** @returns false where there was no room; then nothing of the chunk stays */
function writeWhole(handle: FileSystemSyncAccessHandle, chunk: Uint8Array<ArrayBuffer>, at: number): boolean {
  // Some browsers write what fits; Chromium's private windows answer their error code as if it were a count.
  if (handle.write(chunk, { at }) === chunk.length) return true;
  handle.truncate(at);
  return false;
}

function inPromise(step: () => void): Promise<void> {
  return new Promise((resolve) => {
    step();
    resolve();
  });
}

async function listFiles(folder: FileSystemDirectoryHandle): Promise<readonly StoredBlob[]> {
  const blobs: StoredBlob[] = [];
  for await (const entry of folder.values()) {
    if (!(entry instanceof FileSystemFileHandle)) continue;
    const file = await orUndefined(entry.getFile());
    if (file) blobs.push({ name: entry.name, bytes: file.size });
  }
  return blobs;
}

/** The result, or undefined where the file is not there (any more). */
async function orUndefined<T>(access: Promise<T>): Promise<T | undefined> {
  try {
    return await access;
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotFoundError") return undefined;
    throw error;
  }
}
