/** Everything behind the views, put together. No document is needed here. */
import type { GivenFile } from "../eval/dataset-protocol.ts";
import { AddedModels } from "./added-models.ts";
import { DatasetController, type DatasetSource } from "./dataset-controller.ts";
import { EndpointController } from "./embed/endpoint-controller.ts";
import type { EndpointHost } from "./embed/endpoint-host.ts";
import { STANDARD_EMBED, type EmbedChoice } from "./embed/embed-snippet.ts";
import { EvaluationLog } from "./evaluation-log.ts";
import { isReadyOn, likelyDevice, type GpuKind } from "./likely-variant.ts";
import { LoadSentinel, type SentinelEnvironment } from "./load-sentinel.ts";
import { ko } from "./messages/ko.ts";
import { ModelController, type CreateReranker } from "./model-controller.ts";
import { ModelLibrary } from "./model-library.ts";
import type { ModelStore } from "./model-store.ts";
import { embeddedModel } from "./models.ts";
import { Observable } from "./observable.ts";
import { PackageInquiry, type FetchOffers } from "./package-inquiry.ts";
import { PassageController } from "./passage-controller.ts";
import { PreferencesStore } from "./preferences.ts";
import { SearchController } from "./search-controller.ts";
import { StoreWithHub } from "./store-with-hub.ts";
import type { WorkbenchSources } from "./workbench/create-workbench.ts";
import type { WorkbenchController } from "./workbench/workbench-controller.ts";

export interface App {
  readonly preferences: PreferencesStore;
  readonly datasets: DatasetController;
  readonly models: ModelController;
  readonly library: ModelLibrary;
  readonly inquiry: PackageInquiry;
  readonly search: SearchController;
  readonly passages: PassageController;
  readonly evaluationLog: EvaluationLog;
  readonly sentinel: LoadSentinel;
  /** What the embed view shows; the workbench puts there what it measured. */
  readonly embed: Observable<EmbedChoice>;
  readonly endpoint: EndpointController;
  /** Brings the workbench's code; `workbench` answers after it. */
  readonly loadWorkbench: () => Promise<void>;
  readonly workbench: () => WorkbenchController;
  /** Shows the workbench, with these files to look at, or with what it has. */
  readonly openWorkbench: (files: readonly GivenFile[]) => Promise<void>;
}

export interface AppEnvironment extends SentinelEnvironment {
  readonly createReranker: CreateReranker;
  readonly store: ModelStore;
  readonly detectGpu: () => Promise<GpuKind>;
  /** What of WebGPU this page's GPU offers. */
  readonly gpuFeatures: () => Promise<ReadonlySet<string>>;
  /** Whether the browser promised not to clear this site's files by itself. */
  readonly isPersistent: () => Promise<boolean>;
  /** Milliseconds, only ever forward. */
  readonly now: () => number;
  /** The bundled sample CSV. */
  readonly sampleUrl: string;
  /** What a model address that the user types is relative to. */
  readonly pageUrl: string;
  /** The hub of model repositories; ends in a slash. */
  readonly hubUrl: string;
  readonly fetch: typeof fetch;
  readonly datasets: DatasetSource;
  /** Absent where there are no service workers. */
  readonly endpointHost?: EndpointHost | undefined;
  /** Goes to the workbench's view. */
  readonly showWorkbench: () => void;
}

/** What is imported here on demand is not needed for the first paint. */
export function createApp(given: AppEnvironment): App {
  const { storage } = given;
  const added = new AddedModels(storage);
  const environment = { ...given, store: new StoreWithHub(given.store, added, given.createReranker) };
  const preferences = new PreferencesStore(storage);
  const sentinel = new LoadSentinel(environment);
  const models = createModels(environment, preferences, sentinel);
  const fetchOffers = offerFetcher(environment, preferences);
  const library = new ModelLibrary({
    ...environment,
    models,
    added,
    describeEmbedded: async () => (await fetchOffers(models.embedded.url, new AbortController().signal))[0],
  });
  const datasets = new DatasetController(environment);
  const evaluationLog = new EvaluationLog(storage);
  return {
    preferences,
    datasets,
    models,
    library,
    inquiry: new PackageInquiry(library, fetchOffers),
    search: new SearchController(datasets, models, preferences),
    passages: new PassageController(models, ko.passages.exampleQuestion, ko.passages.examplePassages),
    evaluationLog,
    sentinel,
    embed: new Observable(STANDARD_EMBED),
    endpoint: new EndpointController(environment.endpointHost, preferences, models),
    ...lateWorkbench({ ...environment, preferences, embedded: models.embedded }, evaluationLog),
  };
}

type LateWorkbench = Pick<App, "loadWorkbench" | "workbench" | "openWorkbench">;

/** Made once, when its view is first shown. */
function lateWorkbench(
  sources: WorkbenchSources & Pick<AppEnvironment, "showWorkbench">,
  log: EvaluationLog,
): LateWorkbench {
  let made: WorkbenchController | undefined;
  const make = async (): Promise<WorkbenchController> => {
    const { createWorkbench } = await import("./workbench/create-workbench.ts");
    if (made !== undefined) return made;
    const workbench = createWorkbench(sources);
    workbench.report.subscribe(() => {
      const report = workbench.report.value;
      if (report !== undefined && workbench.isCurrent(report)) log.record(report);
    });
    made = workbench;
    return workbench;
  };
  return {
    loadWorkbench: async () => {
      await make();
    },
    workbench: () => {
      if (made === undefined) throw new TypeError("The workbench has not been loaded.");
      return made;
    },
    openWorkbench: async (files) => {
      sources.showWorkbench();
      const workbench = await make();
      await workbench.start();
      if (files.length > 0) await workbench.open(files);
    },
  };
}

function createModels(
  { createReranker, store, detectGpu, pageUrl }: AppEnvironment,
  preferences: PreferencesStore,
  sentinel: LoadSentinel,
): ModelController {
  return new ModelController({
    create: createReranker,
    preferences,
    embedded: embeddedModel(pageUrl),
    sentinel,
    isOnDevice: async (url) => {
      const [packages, gpu] = await Promise.all([store.list(), detectGpu()]);
      const stored = packages.find(({ modelUrl }) => modelUrl === url);
      return stored !== undefined && isReadyOn(stored, likelyDevice(preferences.value.device, gpu));
    },
  });
}

function offerFetcher(
  { pageUrl, hubUrl, detectGpu, gpuFeatures }: AppEnvironment,
  preferences: PreferencesStore,
): FetchOffers {
  const hubDevice = async () => ({
    device: likelyDevice(preferences.value.device, await detectGpu()),
    features: await gpuFeatures(),
  });
  return async (address, signal) => {
    const { fetchPackageOffers } = await import("./package-offer.ts");
    return await fetchPackageOffers(address, { pageUrl, hubUrl, hubDevice }, signal);
  };
}
