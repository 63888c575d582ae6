import type { CreateReranker } from "../model-controller.ts";
import type { ModelChoice } from "../models.ts";
import type { PreferencesStore } from "../preferences.ts";
import { DatasetClient } from "../dataset-client.ts";
import { fetchSample } from "../sample-file.ts";
import { isRemote, RemoteModels } from "./remote-models.ts";
import { WorkbenchController } from "./workbench-controller.ts";
import { WorkbenchStore } from "./workbench-store.ts";

/** Written into the build from package.json. */
declare const __SUNWI_VERSION__: string;

export interface WorkbenchSources {
  readonly createReranker: CreateReranker;
  readonly preferences: PreferencesStore;
  readonly embedded: ModelChoice;
  /** The bundled sample CSV. */
  readonly sampleUrl: string;
  readonly fetch: typeof fetch;
  readonly storage: Storage | undefined;
}

/** The workbench with its worker and its database, neither of which starts before it is asked for something. */
export function createWorkbench(sources: WorkbenchSources): WorkbenchController {
  const { createReranker, preferences, embedded, sampleUrl, fetch, storage } = sources;
  const remote = new RemoteModels(storage);
  return new WorkbenchController(
    {
      datasets: new DatasetClient(),
      store: new WorkbenchStore(),
      createScorer: ({ name, url }) =>
        isRemote(url)
          ? remote.createScorer(url)
          : createReranker({ name, modelUrl: url, device: preferences.value.device, onState: () => undefined }),
      remote,
      fetchSample: () => fetchSample(sampleUrl, fetch),
      measureMemory,
      version: __SUNWI_VERSION__,
      browser: navigator.userAgent,
    },
    embedded,
  );
}

/** Chromium tells in isolated pages only, and only after its next collection of garbage. */
async function measureMemory(): Promise<number | undefined> {
  const { measureUserAgentSpecificMemory: measure } = performance as Performance & {
    measureUserAgentSpecificMemory?: () => Promise<{ readonly bytes: number }>;
  };
  if (measure === undefined || !crossOriginIsolated) return undefined;
  return await measure.call(performance).then(
    ({ bytes }) => bytes,
    () => undefined,
  );
}
