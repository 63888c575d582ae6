/** Loaded with `package-offer.ts`: what a repository of the hub offers that is no package of ours. */
import { RerankError } from "../core/errors.ts";
import type { Device } from "../core/protocol.ts";
import { readClassifierConfig } from "../model/classifier.ts";
import {
  devicesOf,
  dtypeOptions,
  missingCompanions,
  parseFileList,
  parseRepositoryInfo,
  usableOptions,
  type DtypeOption,
  type RepositoryInfo,
} from "../model/hub-files.ts";
import {
  fileListUrl,
  hubModelUrl,
  repositoryInfoUrl,
  repositoryRoot,
  type HubModelAddress,
} from "../model/hub-model-url.ts";
import type { ModelDescription } from "./added-models.ts";

export interface HubDevice {
  /** That a load would try first. */
  readonly device: Device;
  /** Of the GPU. */
  readonly features: ReadonlySet<string>;
}

type Place = Omit<HubModelAddress, "dtype">;

/**
 * What transformers.js could load from a repository, one description for each precision, the best for this device
 * first. Asks for descriptions only, never for weights.
 * @returns nothing where the repository holds no ONNX model
 * @throws RerankError `model-invalid` where its model is no reranker, `invalid-input` where no precision runs here
 */
export async function fetchHubOffers(
  named: Place,
  hubDevice: () => Promise<HubDevice>,
  signal: AbortSignal,
): Promise<readonly ModelDescription[]> {
  const info = parseRepositoryInfo(await readJson(repositoryInfoUrl(named), signal));
  if (info === undefined) return [];
  // What a commit names stays as it is.
  const place = { ...named, revision: info.commit };
  const files = parseFileList(await readJson(fileListUrl(place), signal)) ?? [];
  const options = dtypeOptions(files);
  if (options.length === 0) return [];
  const [missing] = missingCompanions(files);
  if (missing !== undefined) {
    throw new RerankError("model-invalid", `${place.repository} has no ${missing}.`, { details: { problem: missing } });
  }
  readClassifierConfig(await readJson(`${repositoryRoot(place)}config.json`, signal));
  const { device, features } = await hubDevice();
  const best = new Set([...usableOptions(options, device, features), ...usableOptions(options, "wasm", features)]);
  if (best.size > 0) return [...best].map((option) => describe(option, place, info, features));
  throw new RerankError("invalid-input", `No precision of ${place.repository} runs on this device.`, {
    details: { reason: "precision", found: options.map(({ dtype }) => dtype).join(", ") },
  });
}

function describe(
  { dtype, bytes }: DtypeOption,
  place: Place,
  { licence, parameters }: RepositoryInfo,
  features: ReadonlySet<string>,
): ModelDescription {
  return {
    url: hubModelUrl({ ...place, dtype }),
    name: `${place.repository} (${dtype})`,
    licence,
    source: place.repository,
    parameters,
    variants: devicesOf(dtype)
      .filter(({ requires }) => requires.every((feature) => features.has(feature)))
      .map(({ device }) => ({ id: dtype, device, precision: dtype, bytes })),
  };
}

/** Nothing where there is no such answer: the hub may know the repository under no such revision. */
async function readJson(url: string, signal: AbortSignal): Promise<unknown> {
  try {
    const response = await fetch(url, { cache: "no-cache", signal });
    return response.ok ? await response.json() : undefined;
  } catch (cause) {
    if (signal.aborted) throw new RerankError("aborted", "The request was cancelled.", { cause });
    return undefined;
  }
}
