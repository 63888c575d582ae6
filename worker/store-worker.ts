/** The thread that keeps model packages: lists, downloads, imports and removes them. */
import { RerankError, toWireResult } from "../src/core/errors.ts";
import type { StoreWorkerApi } from "../src/core/store-protocol.ts";
import { serveApi } from "./serve-api.ts";

const refuse = () => Promise.reject(new RerankError("storage-full", "This release keeps nothing yet."));

serveApi<StoreWorkerApi>({
  list: () => toWireResult(() => Promise.resolve([]), "storage-full"),
  usage: () => toWireResult(() => Promise.resolve({ storage: "memory" as const, usedBytes: 0 }), "storage-full"),
  download: () => toWireResult(refuse, "model-download"),
  importPackage: () => toWireResult(refuse, "model-download"),
  remove: () => toWireResult(() => Promise.resolve(null), "storage-full"),
  cancel: () => undefined,
});
