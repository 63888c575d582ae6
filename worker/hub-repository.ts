/** What a load needs to know of a repository of the hub before any weights are fetched. */
import * as v from "valibot";
import { RerankError } from "../src/core/errors.ts";
import { readClassifierConfig, type ClassifierConfig } from "../src/model/classifier.ts";
import {
  dtypeOptions,
  missingCompanions,
  parseFileList,
  parseRepositoryInfo,
  type DtypeOption,
  type HubFile,
} from "../src/model/hub-files.ts";
import {
  DTYPE_SUFFIXES,
  fileListUrl,
  repositoryInfoUrl,
  repositoryRoot,
  type HubModelAddress,
} from "../src/model/hub-model-url.ts";
import { openHubCache, readHubJson } from "./hub-files.ts";
import type { References } from "./sanity-check.ts";

export interface HubRepository {
  readonly address: HubModelAddress;
  readonly option: DtypeOption;
  readonly config: ClassifierConfig;
  /** Absent where the repository brings none. */
  readonly references?: References;
  /** Empty where the hub does not say. */
  readonly licence: string;
  /** Undefined where the browser keeps nothing. */
  readonly cache: Cache | undefined;
  /** Paths of the files that were on this device before. */
  readonly kept: ReadonlySet<string>;
}

/** @throws RerankError `model-download`, `model-invalid` */
export async function openRepository(address: HubModelAddress): Promise<HubRepository> {
  const cache = await openHubCache();
  const files = await listFiles(address, cache);
  const option = findOption(address, files);
  const config = readClassifierConfig(await readHubJson(`${repositoryRoot(address)}config.json`, cache));
  const references = await readReferences(address, files, cache);
  const licence = await readLicence(address, cache);
  const kept = await keptFiles(address, option, cache);
  return { address, option, config, ...(references && { references }), licence, cache, kept };
}

/** @throws RerankError `consent-needed` where more is missing than the page agreed to download */
export function checkConsent({ address, option, kept }: HubRepository, limit: number | undefined): void {
  const bytes = option.files.reduce((sum, file) => sum + (kept.has(file.path) ? 0 : file.bytes), 0);
  if (limit === undefined || bytes <= limit) return;
  throw new RerankError("consent-needed", `The model needs ${bytes} bytes. Ask the user, then load again.`, {
    details: { bytes, limit, name: address.repository },
  });
}

async function listFiles(address: HubModelAddress, cache: Cache | undefined): Promise<readonly HubFile[]> {
  const files = parseFileList(await readHubJson(fileListUrl(address), cache));
  if (files !== undefined) return files;
  throw new RerankError("model-invalid", "The hub's list of files cannot be read.", { details: { problem: "tree" } });
}

function findOption(address: HubModelAddress, files: readonly HubFile[]): DtypeOption {
  const [missing] = missingCompanions(files);
  const option = dtypeOptions(files).find(({ dtype }) => dtype === address.dtype);
  if (option !== undefined && missing === undefined) return option;
  const problem = missing ?? `onnx/model${DTYPE_SUFFIXES[address.dtype]}.onnx`;
  throw new RerankError("model-invalid", `${address.repository} has no ${problem}.`, { details: { problem } });
}

async function keptFiles(
  address: HubModelAddress,
  { files }: DtypeOption,
  cache: Cache | undefined,
): Promise<ReadonlySet<string>> {
  const urls = new Set((await cache?.keys())?.map(({ url }) => url));
  const root = repositoryRoot(address);
  return new Set(files.filter(({ path }) => urls.has(root + path)).map(({ path }) => path));
}

const REFERENCES = "sunwi-references.json";
const referencesSchema = v.object({
  pairs: v.array(v.object({ query: v.string(), document: v.string(), logit: v.number() })),
  tolerance: v.number(),
});

async function readReferences(
  address: HubModelAddress,
  files: readonly HubFile[],
  cache: Cache | undefined,
): Promise<References | undefined> {
  if (!files.some(({ path }) => path === REFERENCES)) return undefined;
  const read = v.safeParse(referencesSchema, await readHubJson(repositoryRoot(address) + REFERENCES, cache));
  if (read.success) return read.output;
  throw new RerankError("model-invalid", `${REFERENCES} cannot be read.`, { details: { problem: REFERENCES } });
}

/** Empty where the hub does not say. */
async function readLicence(address: HubModelAddress, cache: Cache | undefined): Promise<string> {
  const answer = await readHubJson(repositoryInfoUrl(address), cache).catch(() => undefined);
  return parseRepositoryInfo(answer)?.licence ?? "";
}
