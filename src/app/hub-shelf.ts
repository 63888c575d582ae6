/** Models of the hub on this device: their files lie in Cache Storage, where transformers.js puts them. */
import type { StoredPackage } from "../core/store-protocol.ts";
import { dtypeOptions, parseFileList, type DtypeOption } from "../model/hub-files.ts";
import {
  fileListUrl,
  HUB_CACHE,
  parseHubModelUrl,
  repositoryInfoUrl,
  repositoryRoot,
  type HubModelAddress,
} from "../model/hub-model-url.ts";
import type { ModelDescription } from "./added-models.ts";

/** Those of which some of the model itself is here. */
export async function storedHubModels(described: readonly ModelDescription[]): Promise<readonly StoredPackage[]> {
  const cache = await openCache();
  if (cache === undefined) return [];
  const kept = new Set((await cache.keys()).map(({ url }) => url));
  const stored = await Promise.all(
    described.map(async (description) => {
      const address = parseHubModelUrl(description.url);
      const option = address && (await readOption(address, cache));
      return address && option ? describeStored(description, keptBytes(address, option, kept)) : undefined;
    }),
  );
  return stored.filter((model) => model !== undefined);
}

/** Deletes what only this precision needs, and the rest with the last of its repository. */
export async function removeHubModel(modelUrl: string): Promise<void> {
  const cache = await openCache();
  const address = parseHubModelUrl(modelUrl);
  if (cache === undefined || address === undefined) return;
  const root = repositoryRoot(address);
  for (const { path } of (await readOption(address, cache))?.files.filter(isOfModel) ?? [])
    await cache.delete(root + path);
  const rest = (await cache.keys()).map(({ url }) => url).filter((url) => url.startsWith(root));
  if (rest.some((url) => url.endsWith(".onnx"))) return;
  for (const url of [...rest, fileListUrl(address), repositoryInfoUrl(address)]) await cache.delete(url);
}

/** Missing outside secure contexts, and refused in some private windows. */
async function openCache(): Promise<Cache | undefined> {
  // Typed as always there; it is not.
  const storage = globalThis.caches as CacheStorage | undefined;
  return storage?.open(HUB_CACHE).catch(() => undefined);
}

/** From the list of files that the last load left. */
async function readOption(address: HubModelAddress, cache: Cache): Promise<DtypeOption | undefined> {
  const answer: unknown = await (await cache.match(fileListUrl(address)))?.json();
  return dtypeOptions(parseFileList(answer) ?? []).find(({ dtype }) => dtype === address.dtype);
}

/** The graph or its weights; the other files serve all precisions. */
function isOfModel({ path }: { readonly path: string }): boolean {
  return /\.onnx(_data\w*)?$/.test(path);
}

function keptBytes(address: HubModelAddress, { files }: DtypeOption, kept: ReadonlySet<string>): number {
  const here = files.filter(({ path }) => kept.has(repositoryRoot(address) + path));
  return here.some(isOfModel) ? here.reduce((sum, { bytes }) => sum + bytes, 0) : 0;
}

function describeStored(description: ModelDescription, storedBytes: number): StoredPackage | undefined {
  const { url: modelUrl, name, licence, source, parameters } = description;
  if (storedBytes === 0) return undefined;
  const variants = description.variants.map((variant) => ({ ...variant, storedBytes }));
  return { modelUrl, id: source, name, licence, source, parameters, variants, storedBytes };
}
