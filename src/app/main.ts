/** The page starts here. */
import { ModelStoreClient } from "../client/store-client.ts";
import { WorkerReranker } from "../client/worker-reranker.ts";
import { createApp } from "./app.ts";
import { DatasetClient } from "./dataset-client.ts";
import "./elements-define.ts";
import { browserEndpointHost } from "./embed/endpoint-host.ts";
import { detectGpu, gpuFeatures } from "./likely-variant.ts";
import { startApp } from "./start-app.ts";

startApp(
  createApp({
    createReranker: (request) => new WorkerReranker(request),
    store: new ModelStoreClient(),
    detectGpu,
    gpuFeatures,
    isPersistent: async () => {
      // Typed as always there; in an insecure context it is not.
      const kept = navigator.storage as StorageManager | undefined;
      return (await kept?.persisted().catch(() => false)) ?? false;
    },
    now: () => performance.now(),
    storage: permittedStorage(),
    locks: navigator.locks,
    pageId: Array.from(crypto.getRandomValues(new Uint32Array(2)), String).join("-"),
    sampleUrl: `${import.meta.env.BASE_URL}samples/help-centre-ko.csv`,
    pageUrl: location.href,
    hubUrl: document.querySelector<HTMLMetaElement>("meta[name=model-hub]")?.content ?? "https://huggingface.co/",
    fetch: fetch.bind(window),
    datasets: new DatasetClient(),
    endpointHost: browserEndpointHost(location.href),
    showWorkbench: () => {
      location.hash = "#workbench";
    },
  }),
);

/** Where cookies are blocked, even naming the storage throws. */
function permittedStorage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
