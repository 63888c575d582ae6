/** How a model of the Hugging Face hub is named where other models have the address of their folder. */

/** Precisions by the names that transformers.js gives them, and what each adds to the name of an ONNX file. */
export const DTYPE_SUFFIXES = {
  fp32: "",
  fp16: "_fp16",
  q8: "_quantized",
  int8: "_int8",
  uint8: "_uint8",
  q4: "_q4",
  q4f16: "_q4f16",
  bnb4: "_bnb4",
} as const;

export type HubDtype = keyof typeof DTYPE_SUFFIXES;

export interface HubModelAddress {
  /** Of the hub, ending in a slash: "https://huggingface.co/". */
  readonly host: string;
  /** "owner/name" */
  readonly repository: string;
  /** A commit, a branch or a tag; only what a commit names stays the same. */
  readonly revision: string;
  readonly dtype: HubDtype;
}

const ADDRESS =
  /^transformers:(?<dtype>\w+):(?<host>https?:\/\/.+\/)(?<repository>[\w.-]+\/[\w.-]+)\/resolve\/(?<revision>[^/]+)\/$/;

/** @returns `transformers:<dtype>:<root of the repository at a revision>` */
export function hubModelUrl(address: HubModelAddress): string {
  return `transformers:${address.dtype}:${repositoryRoot(address)}`;
}

/** The inverse of `hubModelUrl`; nothing for any other address. */
export function parseHubModelUrl(url: string): HubModelAddress | undefined {
  const { dtype = "", host = "", repository = "", revision = "" } = ADDRESS.exec(url)?.groups ?? {};
  if (!isHubDtype(dtype)) return undefined;
  return { host, repository, revision: decodeURIComponent(revision), dtype };
}

/** Where the repository's files lie, ending in a slash. */
export function repositoryRoot({ host, repository, revision }: Omit<HubModelAddress, "dtype">): string {
  return `${host}${repository}/resolve/${encodeURIComponent(revision)}/`;
}

/** Cache Storage in which the files of such models lie, by their URLs. */
export const HUB_CACHE = "sunwi-hub-models";

/** Answers what the hub knows of the repository at a revision: its commit, its licence. */
export function repositoryInfoUrl({ host, repository, revision }: Omit<HubModelAddress, "dtype">): string {
  return `${host}api/models/${repository}/revision/${encodeURIComponent(revision)}`;
}

/** Answers the repository's list of files. */
export function fileListUrl({ host, repository, revision }: Omit<HubModelAddress, "dtype">): string {
  return `${host}api/models/${repository}/tree/${encodeURIComponent(revision)}?recursive=1`;
}

function isHubDtype(name: string): name is HubDtype {
  return Object.hasOwn(DTYPE_SUFFIXES, name);
}
