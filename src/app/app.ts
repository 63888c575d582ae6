/** Everything behind the views, put together. No document is needed here. */
import { DatasetController } from "./dataset-controller.ts";
import { EvaluationController } from "./evaluation-controller.ts";
import { ko } from "./messages/ko.ts";
import { ModelController, type CreateReranker } from "./model-controller.ts";
import { DEFAULT_MODEL } from "./models.ts";
import { PackageInquiry } from "./package-inquiry.ts";
import { PassageController } from "./passage-controller.ts";
import { PreferencesStore } from "./preferences.ts";
import { SearchController } from "./search-controller.ts";

export interface App {
  readonly preferences: PreferencesStore;
  readonly datasets: DatasetController;
  readonly models: ModelController;
  readonly inquiry: PackageInquiry;
  readonly search: SearchController;
  readonly passages: PassageController;
  readonly evaluation: EvaluationController;
}

export interface AppEnvironment {
  readonly createReranker: CreateReranker;
  /** Where preferences are kept; nothing where the browser blocks it. */
  readonly storage: Storage | undefined;
  /** The bundled sample CSV. */
  readonly sampleUrl: string;
  /** What a model address that the user types is relative to. */
  readonly pageUrl: string;
  readonly fetch: typeof fetch;
  /** Brings what shows a report; awaited before there is one. */
  readonly loadReportView: () => Promise<unknown>;
}

/** What is imported here on demand is not needed for the first paint. */
export function createApp(environment: AppEnvironment): App {
  const { createReranker, storage, sampleUrl, pageUrl, fetch, loadReportView } = environment;
  const preferences = new PreferencesStore(storage);
  const models = new ModelController(createReranker, preferences, DEFAULT_MODEL);
  const datasets = new DatasetController({
    sampleUrl,
    fetch,
    read: async (bytes, name) => {
      const { readDataset } = await import("./dataset-reader.ts");
      // Reading a large file keeps the page busy: it may say so first.
      await new Promise((resolve) => setTimeout(resolve));
      return readDataset(bytes, name);
    },
  });
  return {
    preferences,
    datasets,
    models,
    inquiry: new PackageInquiry(models, async (address, signal) => {
      const { fetchPackageOffer } = await import("./package-offer.ts");
      return await fetchPackageOffer(address, pageUrl, signal);
    }),
    search: new SearchController(datasets, models, preferences),
    passages: new PassageController(models, ko.passages.exampleQuestion, ko.passages.examplePassages),
    evaluation: new EvaluationController(datasets, models, async (request) => {
      const [{ evaluateDataset }] = await Promise.all([import("../eval/evaluate.ts"), loadReportView()]);
      return await evaluateDataset(request);
    }),
  };
}
