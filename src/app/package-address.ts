import { RerankError } from "../core/errors.ts";

/** Where to look for a package. */
export interface PackageAddress {
  /** The package's folder: an absolute URL that ends in a slash. */
  readonly folder: string;
  /** Present where the user named a repository of the hub. */
  readonly repository?: HubRepository;
}

interface HubRepository {
  /** "owner/name" */
  readonly name: string;
  readonly revision: string;
}

/** owner/name, perhaps with @revision, perhaps with a folder. */
const REPOSITORY = /^(?<name>[\w.-]*\w[\w.-]*\/[\w.-]*\w[\w.-]*)(?:@(?<revision>[^/\s]+))?(?:\/(?<folder>\S+))?$/;
/** The same in the address of one of the hub's pages. */
const HUB_PATH = /^\/(?<name>[\w.-]+\/[\w.-]+)(?:\/(?:tree|blob|resolve)\/(?<revision>[^/]+)(?:\/(?<folder>.+))?)?\/?$/;

/**
 * Reads what a user typed: a web address, one of the hub's pages, or a repository such as `owner/name@revision/folder`.
 * @param base `pageUrl`: what an address with a leading dot or slash is relative to; `hubUrl` ends in a slash
 * @throws RerankError `invalid-input` for anything else
 */
export function parsePackageAddress(
  typed: string,
  { pageUrl, hubUrl }: { readonly pageUrl: string; readonly hubUrl: string },
): PackageAddress {
  const address = typed.trim();
  const repository = REPOSITORY.exec(address)?.groups;
  if (repository !== undefined && !address.startsWith(".")) return onHub(repository, hubUrl);
  const url = address === "" || !/^(https?:|\.{0,2}\/)/i.test(address) ? undefined : parseUrl(address, pageUrl);
  if (url === undefined) {
    throw new RerankError("invalid-input", `"${typed}" is neither a web address nor a repository.`, {
      details: { reason: "address" },
    });
  }
  const page = url.origin === new URL(hubUrl).origin ? HUB_PATH.exec(url.pathname)?.groups : undefined;
  if (page !== undefined) return onHub(page, hubUrl);
  url.search = "";
  url.hash = "";
  url.pathname = folderOf(url.pathname);
  return { folder: url.href };
}

function onHub(named: Readonly<Record<string, string | undefined>>, hubUrl: string): PackageAddress {
  const { name = "", revision = "main", folder = "" } = named;
  return {
    folder: new URL(folderOf(`${name}/resolve/${revision}/${folder}`), hubUrl).href,
    repository: { name, revision: decodeURIComponent(revision) },
  };
}

/** Without `manifest.json`, with one slash at the end. */
function folderOf(path: string): string {
  return path.replace(/\/manifest\.json$/, "/").replace(/\/*$/, "/");
}

function parseUrl(address: string, base: string): URL | undefined {
  try {
    return new URL(address, base);
  } catch {
    return undefined;
  }
}
