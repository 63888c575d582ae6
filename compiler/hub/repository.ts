/** What a repository of a hub holds, at one commit. */
import { listFiles, modelInfo } from "@huggingface/hub";
import { RerankError } from "../../src/core/errors.ts";
import { libraryFetch, type HubConnection } from "./connection.ts";

/** What the bytes of a file must hash to: large files are known by SHA-256, small ones as git knows them. */
interface Digest {
  readonly algorithm: "sha256" | "git-blob";
  /** Lower-case hexadecimal. */
  readonly hex: string;
}

export interface HubFile {
  /** Relative to the repository's root, with "/". */
  readonly path: string;
  readonly bytes: number;
  readonly digest: Digest;
}

export interface HubRepository {
  /** The commit, 40 hexadecimal digits. */
  readonly commit: string;
  /** SPDX expression as far as the model card gives one, else "NOASSERTION". */
  readonly licence: string;
  readonly files: readonly HubFile[];
}

/**
 * Resolves a revision to its commit and lists that commit's files.
 * @param revision branch, tag or commit
 * @throws RerankError `model-download`, `invalid-input`, `aborted`
 */
export async function readRepository(connection: HubConnection, revision: string): Promise<HubRepository> {
  const { hubUrl, repository } = connection;
  const fetch = libraryFetch(connection);
  const info = await understood(connection, () =>
    modelInfo({ name: repository, revision, hubUrl, fetch, additionalFields: ["sha", "cardData"] }),
  );
  // From outside, whatever the library's types say.
  const commit: unknown = info.sha;
  if (typeof commit !== "string" || !/^[0-9a-f]{40}$/.test(commit)) throw unlikeAHub(connection, "it names no commit");
  const files: HubFile[] = [];
  await understood(connection, async () => {
    const repo = { type: "model", name: repository } as const;
    for await (const entry of listFiles({ repo, revision: commit, hubUrl, fetch, recursive: true })) {
      if (entry.type === "file") files.push(describeFile(entry));
    }
  });
  return { commit, licence: licenceOf(info.cardData), files };
}

function describeFile(entry: {
  readonly path: string;
  readonly size: number;
  readonly oid?: string;
  readonly lfs?: { readonly oid: string; readonly size: number };
}): HubFile {
  const { path, lfs } = entry;
  if (lfs !== undefined) return { path, bytes: lfs.size, digest: { algorithm: "sha256", hex: lfs.oid } };
  return { path, bytes: entry.size, digest: { algorithm: "git-blob", hex: entry.oid ?? "" } };
}

/** The library's own failures come from answers that no hub gives: a page of a proxy, a list in another form. */
async function understood<T>(connection: HubConnection, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof RerankError) throw error;
    throw unlikeAHub(connection, error instanceof Error ? error.message : String(error), error);
  }
}

function unlikeAHub({ hubUrl }: HubConnection, problem: string, cause?: unknown): RerankError {
  return new RerankError(
    "model-download",
    `${hubUrl} does not answer as a Hugging Face hub does: ${problem}. Check HF_ENDPOINT, and whether a proxy or a ` +
      "sign-in page answers in its place.",
    { cause, details: { hubUrl, problem } },
  );
}

/** Licences whose SPDX identifier is not the hub's in capitals. */
const SPDX: Readonly<Record<string, string>> = {
  "apache-2.0": "Apache-2.0",
  "bsd-2-clause": "BSD-2-Clause",
  "bsd-3-clause": "BSD-3-Clause",
  "gpl-3.0": "GPL-3.0-only",
  "agpl-3.0": "AGPL-3.0-only",
  "lgpl-3.0": "LGPL-3.0-only",
};
const SAME_IN_CAPITALS = /^(mit|isc|cc0-1\.0|cc-by(-nc)?(-sa|-nd)?-[\d.]+)$/;
const NO_LICENCE = "NOASSERTION";

function licenceOf(card: unknown): string {
  if (typeof card !== "object" || card === null || !("license" in card)) return NO_LICENCE;
  const names: unknown[] = Array.isArray(card.license) ? card.license : [card.license];
  const custom: unknown = "license_name" in card ? card.license_name : undefined;
  const licences = names.flatMap((name) => (typeof name === "string" ? [spdxOf(name, custom)] : []));
  return licences.length === 0 ? NO_LICENCE : licences.join(" OR ");
}

/** @param custom the model card's name for a licence that is "other" */
function spdxOf(name: string, custom: unknown): string {
  if (SAME_IN_CAPITALS.test(name)) return name.toUpperCase();
  if (name === "unknown" || (name === "other" && typeof custom !== "string")) return NO_LICENCE;
  if (name === "other" && typeof custom === "string") return `LicenseRef-${custom.replace(/[^\w.-]+/g, "-")}`;
  return SPDX[name] ?? name;
}
