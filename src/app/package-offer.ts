/** Loaded when the user names a model package of their own. */
import { RerankError } from "../core/errors.ts";
import { parseManifest, variantBytes, type ModelManifest } from "../model/manifest.ts";
import type { ModelDescription } from "./added-models.ts";
import { checkpointError } from "./checkpoint-error.ts";
import { fetchHubOffers, type HubDevice } from "./hub-offer.ts";
import { parsePackageAddress, type PackageAddress } from "./package-address.ts";

export interface PackageSources {
  /** What a relative address is relative to. */
  readonly pageUrl: string;
  /** The hub of model repositories; ends in a slash. */
  readonly hubUrl: string;
  /** What a model of the hub that is no package would run on. */
  readonly hubDevice: () => Promise<HubDevice>;
}

/**
 * Fetches and checks a package's manifest; or, where a repository of the hub has none, what it says of its ONNX model.
 * @param typed what `parsePackageAddress` reads
 * @throws RerankError `invalid-input`, `model-download` or `model-invalid`; `invalid-input` with the reason
 *   `checkpoint` where a repository of the hub holds a checkpoint that is still to be compiled
 * @returns the package, or an ONNX model in each precision that runs here, best first
 */
export async function fetchPackageOffers(
  typed: string,
  sources: PackageSources,
  signal: AbortSignal,
): Promise<readonly ModelDescription[]> {
  const address = parsePackageAddress(typed, sources);
  const url = `${address.folder}manifest.json`;
  const response = await request(url, signal);
  if (response.ok) return [describePackage(parseManifest(await readJson(response, url)), address.folder)];
  const { repository } = address;
  if (response.status === 404 && repository !== undefined) {
    const place = { host: sources.hubUrl, repository: repository.name, revision: repository.revision };
    const offers = await fetchHubOffers(place, sources.hubDevice, signal);
    if (offers.length > 0) return offers;
  }
  throw await explainAbsence(address, response.status, signal);
}

async function request(url: string, signal: AbortSignal, method = "GET"): Promise<Response> {
  try {
    return await fetch(url, { method, cache: "no-cache", signal });
  } catch (cause) {
    if (signal.aborted) throw new RerankError("aborted", "The request was cancelled.", { cause });
    throw new RerankError("model-download", `${url} gave no answer.`, { cause, details: { url, status: 0 } });
  }
}

async function readJson(response: Response, url: string): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    throw new RerankError("model-invalid", `${url} is not JSON.`, { cause, details: { problem: "manifest.json" } });
  }
}

/** Why there is no manifest: on the hub that can be told apart. */
async function explainAbsence(
  { folder, repository }: PackageAddress,
  status: number,
  signal: AbortSignal,
): Promise<RerankError> {
  const url = `${folder}manifest.json`;
  if (repository === undefined) {
    return new RerankError("model-download", `${url} answered HTTP ${status}.`, { details: { url, status } });
  }
  const { name } = repository;
  if (status === 401 || status === 403) {
    return new RerankError("invalid-input", `${name} does not exist, is private, or asks for consent on its page.`, {
      details: { reason: "repository-closed", repository: name },
    });
  }
  if (status === 404 && (await holdsCheckpoint(folder, signal))) return checkpointError(name);
  return new RerankError("invalid-input", `${name} holds no model package: ${url} answered HTTP ${status}.`, {
    details: { reason: "repository-empty", url, status },
  });
}

async function holdsCheckpoint(folder: string, signal: AbortSignal): Promise<boolean> {
  const has = async (file: string): Promise<boolean> => (await request(folder + file, signal, "HEAD")).ok;
  const weights = await Promise.all(["model.safetensors", "model.safetensors.index.json"].map(has));
  return weights.includes(true) && (await has("config.json"));
}

function describePackage(manifest: ModelManifest, url: string): ModelDescription {
  return {
    url,
    name: manifest.name,
    licence: manifest.licence,
    source: manifest.source.repository,
    parameters: manifest.architecture.parameters,
    variants: manifest.variants.map((variant) => ({
      id: variant.id,
      device: variant.device,
      precision: variant.precision,
      bytes: variantBytes(manifest, variant),
    })),
  };
}
