/**
 * What every place for model files must do, run against each of them in a real worker. The page sends a kind and gets
 * the names of the checks with how each ended.
 */
import type { StorageKind } from "../../../src/core/protocol.ts";
import type { BlobStore } from "../../../worker/store/blob-store.ts";
import { openCacheStore } from "../../../worker/store/cache-store.ts";
import { createMemoryStore } from "../../../worker/store/memory-store.ts";
import { openOpfsStore } from "../../../worker/store/opfs-store.ts";

const open: Readonly<Record<StorageKind, () => Promise<BlobStore>>> = {
  opfs: openOpfsStore,
  cache: openCacheStore,
  memory: () => Promise.resolve(createMemoryStore()),
};

/** Not a round number of anything, and longer than one part of Cache Storage. */
const LARGE = Uint8Array.from({ length: 9_000_001 }, (_, index) => (index * 31 + (index >> 8)) & 255);

const checks: Readonly<Record<string, (store: BlobStore) => Promise<void>>> = {
  "has nothing of an unknown name": async (store) => {
    equal(await store.read("unknown"), undefined);
    await store.delete("unknown");
    equal(await names(store), "");
  },
  "reads back what was written": async (store) => {
    await store.write("text", "가나다");
    equal(await text(store, "text"), "가나다");
  },
  "replaces a longer text by a shorter one": async (store) => {
    await store.write("text", "long text");
    await store.write("text", "short");
    equal(await text(store, "text"), "short");
  },
  "keeps an empty text": async (store) => {
    await store.write("empty", "");
    equal(await text(store, "empty"), "");
    equal(await names(store), "empty:0");
  },
  "makes an empty blob by opening it": async (store) => {
    const appender = await store.append("new");
    equal(appender.bytes, 0);
    await appender.close();
    equal(await text(store, "new"), "");
  },
  "appends across openings": async (store) => {
    await append(store, "grown", LARGE.slice(0, 5));
    await append(store, "grown", LARGE.slice(5, 5_000_000), LARGE.slice(5_000_000, 5_000_001));
    await append(store, "grown", LARGE.slice(5_000_001));
    await sameBytes(store, "grown", LARGE);
    equal(await names(store), `grown:${String(LARGE.length)}`);
  },
  "counts bytes as they come": async (store) => {
    await append(store, "counted", LARGE.slice(0, 3));
    const appender = await store.append("counted");
    equal(appender.bytes, 3);
    await appender.write(LARGE.slice(0, 7_000_000));
    equal(appender.bytes, 7_000_003);
    await appender.close();
  },
  "takes one chunk longer than any part": async (store) => {
    await append(store, "large", LARGE);
    await sameBytes(store, "large", LARGE);
  },
  "empties a blob and goes on": async (store) => {
    await append(store, "cleared", LARGE);
    const appender = await store.append("cleared");
    await appender.clear();
    equal(appender.bytes, 0);
    await appender.write(LARGE.slice(0, 10));
    await appender.close();
    await sameBytes(store, "cleared", LARGE.slice(0, 10));
  },
  "does not mind that a chunk changes after it was written": async (store) => {
    const chunk = LARGE.slice(0, 10);
    const appender = await store.append("copied");
    await appender.write(chunk);
    chunk.fill(0);
    await appender.close();
    await sameBytes(store, "copied", LARGE.slice(0, 10));
  },
  "reads a slice without the rest": async (store) => {
    await append(store, "sliced", LARGE);
    const blob = (await store.read("sliced")) ?? new Blob([]);
    const slice = new Uint8Array(await blob.slice(4_194_300, 4_194_310).arrayBuffer());
    equal(String(slice), String(LARGE.slice(4_194_300, 4_194_310)));
  },
  "deletes one and leaves the others": async (store) => {
    await append(store, "one", LARGE);
    await store.write("one-more", "stays");
    await store.delete("one");
    equal(await store.read("one"), undefined);
    equal(await text(store, "one-more"), "stays");
    equal(await names(store), "one-more:5");
  },
};

/** Opened anew, the store must still have it: where it is more than memory. */
async function keepsItsBlobs(kind: StorageKind): Promise<void> {
  await append(await open[kind](), "kept", LARGE);
  await sameBytes(await open[kind](), "kept", LARGE);
}

addEventListener("message", ({ data: kind }: MessageEvent<StorageKind>) => {
  void runChecks(kind).then((results) => {
    postMessage(results);
  });
});

async function runChecks(kind: StorageKind): Promise<Record<string, string>> {
  const results: Record<string, string> = {};
  const run = async (name: string, check: (store: BlobStore) => Promise<void>): Promise<void> => {
    const store = await open[kind]();
    for (const blob of await store.list()) await store.delete(blob.name);
    results[name] = await check(store).then(
      () => "passed",
      (error: unknown) => String(error),
    );
  };
  for (const [name, check] of Object.entries(checks)) await run(name, check);
  if (kind !== "memory") await run("keeps its blobs", () => keepsItsBlobs(kind));
  results["says its kind"] = (await open[kind]()).kind === kind ? "passed" : "another kind";
  return results;
}

async function append(store: BlobStore, name: string, ...chunks: Uint8Array<ArrayBuffer>[]): Promise<void> {
  const appender = await store.append(name);
  for (const chunk of chunks) await appender.write(chunk);
  await appender.close();
}

async function text(store: BlobStore, name: string): Promise<string | undefined> {
  return (await store.read(name))?.text();
}

async function names(store: BlobStore): Promise<string> {
  return (await store.list()).map(({ name, bytes }) => `${name}:${String(bytes)}`).join();
}

async function sameBytes(store: BlobStore, name: string, expected: Uint8Array): Promise<void> {
  const bytes = new Uint8Array((await (await store.read(name))?.arrayBuffer()) ?? new ArrayBuffer());
  equal(bytes.length, expected.length);
  const at = bytes.findIndex((byte, index) => byte !== expected[index]);
  equal(at, -1);
}

function equal(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${String(actual)} is not ${String(expected)}`);
}
