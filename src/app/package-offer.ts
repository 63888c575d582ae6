/** Loaded when the user names a model package of their own. */
import { RerankError } from "../core/errors.ts";
import type { Device } from "../core/protocol.ts";
import { parseManifest, variantBytes, type ModelManifest } from "../model/manifest.ts";
import type { ModelChoice } from "./models.ts";

/** What a package says of itself, for the user to agree to before anything larger is downloaded. */
export interface PackageOffer {
  readonly choice: ModelChoice;
  readonly name: string;
  readonly licence: string;
  readonly source: string;
  readonly parameters: number;
  /** The first variant of each device. */
  readonly downloads: readonly { readonly device: Device; readonly bytes: number; readonly precision: string }[];
}

/**
 * Fetches and checks a package's manifest, and nothing else.
 * @param address the package's folder, or its `manifest.json`; relative to `baseUrl`
 * @throws RerankError `model-download` or `model-invalid`
 */
export async function fetchPackageOffer(address: string, baseUrl: string, signal: AbortSignal): Promise<PackageOffer> {
  const folder = packageFolder(address, baseUrl);
  const url = `${folder}manifest.json`;
  let response: Response;
  try {
    response = await fetch(url, { cache: "no-cache", signal });
  } catch (cause) {
    if (signal.aborted) throw new RerankError("aborted", "The request was cancelled.", { cause });
    throw new RerankError("model-download", `${url} gave no answer.`, { cause, details: { url, status: 0 } });
  }
  if (!response.ok) {
    throw new RerankError("model-download", `${url} answered HTTP ${response.status}.`, {
      details: { url, status: response.status },
    });
  }
  return describePackage(parseManifest(await readJson(response, url)), folder);
}

async function readJson(response: Response, url: string): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    throw new RerankError("model-invalid", `${url} is not JSON.`, { cause, details: { problem: "manifest.json" } });
  }
}

function describePackage(manifest: ModelManifest, folder: string): PackageOffer {
  const devices: readonly Device[] = ["webgpu", "wasm"];
  const downloads = devices.flatMap((device) => {
    const variant = manifest.variants.find((candidate) => candidate.device === device);
    return variant ? [{ device, bytes: variantBytes(manifest, variant), precision: variant.precision }] : [];
  });
  return {
    // Packages from two places may bear one name.
    choice: { id: folder, name: `${manifest.name} (${new URL(folder).host})`, url: folder },
    name: manifest.name,
    licence: manifest.licence,
    source: manifest.source.repository,
    parameters: manifest.architecture.parameters,
    downloads,
  };
}

/**
 * The package's folder as an absolute URL that ends in a slash.
 * @throws RerankError `invalid-input` for what is no web address
 */
function packageFolder(address: string, baseUrl: string): string {
  const url = address.trim() === "" ? undefined : parseUrl(address.trim(), baseUrl);
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new RerankError("invalid-input", `"${address}" is not a web address.`, { details: { reason: "address" } });
  }
  url.search = "";
  url.hash = "";
  url.pathname = url.pathname.replace(/\/manifest\.json$/, "/").replace(/\/?$/, "/");
  return url.href;
}

function parseUrl(address: string, baseUrl: string): URL | undefined {
  try {
    return new URL(address, baseUrl);
  } catch {
    return undefined;
  }
}
