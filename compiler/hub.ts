/** Checkpoints of the Hugging Face hub, as folders of this disk. */
import { mkdir, readFile, statfs } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { RerankError } from "../src/core/errors.ts";
import { familyOf } from "./checkpoint-config.ts";
import type { HubConnection } from "./hub/connection.ts";
import { downloadFile } from "./hub/download-file.ts";
import { findConfig, findNeeded, findShards } from "./hub/needed-files.ts";
import { bytesPresent } from "./hub/partial-file.ts";
import { readRepository, type HubFile, type HubRepository } from "./hub/repository.ts";

const HUB_URL = "https://huggingface.co";
const RETRY_DELAY_MS = 1000;
const STALL_MS = 60_000;

export interface HubProgress {
  /** The file that is being fetched. */
  readonly file: string;
  /** Bytes of all files that are here, those of earlier runs included. */
  readonly done: number;
  /** Bytes of all files. */
  readonly total: number;
}

export interface FetchCheckpointOptions {
  /** "owner/name" */
  readonly repository: string;
  /** Branch, tag or commit. @default "main" */
  readonly revision?: string;
  /** Where downloads lie and resume. @default `sunwi/hub` in XDG_CACHE_HOME or ~/.cache */
  readonly cacheFolder?: string;
  /** @default HF_ENDPOINT, else https://huggingface.co */
  readonly hubUrl?: string;
  /** @default HF_TOKEN, else HUGGING_FACE_HUB_TOKEN */
  readonly accessToken?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: HubProgress) => void;
  /** First wait before a failed request is tried again; it doubles with each. @default 1000 */
  readonly retryDelayMs?: number;
  /** Silence after which a connection is made anew. @default 60000 */
  readonly stallMs?: number;
}

export interface FetchedCheckpoint {
  /** Holds config.json, the tokenizer and the safetensors. */
  readonly folder: string;
  readonly repository: string;
  /** The commit, 40 hexadecimal digits. */
  readonly revision: string;
  /** SPDX expression as far as the model card gives one, else "NOASSERTION". */
  readonly licence: string;
}

/**
 * Fetches the files that the compiler reads from one commit, checks them, and keeps them; what is here already is not
 * fetched again, and a broken download goes on where it was.
 * @throws RerankError `invalid-input` for a repository or revision that does not exist, `model-invalid` for one that
 *   cannot be compiled, `model-download`, `model-integrity`, `storage-full`, `aborted`
 */
export async function fetchCheckpoint(options: FetchCheckpointOptions): Promise<FetchedCheckpoint> {
  const { repository, cacheFolder = defaultCacheFolder() } = options;
  const connection = connect(options);
  const content = await readRepository(connection, options.revision ?? "main");
  const folder = join(cacheFolder, repository.replace("/", "--"), content.commit);
  try {
    await mkdir(folder, { recursive: true });
    await fetchFiles(options, { connection, content, folder });
  } catch (error) {
    throw diskError(error, folder) ?? error;
  }
  return { folder, repository, revision: content.commit, licence: content.licence };
}

interface Fetching {
  readonly connection: HubConnection;
  readonly content: HubRepository;
  readonly folder: string;
}

/** Small files first: a model that cannot be compiled is refused before its weights are fetched. */
async function fetchFiles(options: FetchCheckpointOptions, fetching: Fetching): Promise<void> {
  const { content, folder } = fetching;
  const { repository } = options;
  const config = findConfig(repository, content);
  await fetchAll(options, fetching, [config]);
  familyOf(await readJsonObject(folder, config));
  const { tokenizer, weights, isIndex } = findNeeded(repository, content);
  if (!isIndex) {
    await fetchAll(options, fetching, [config, ...tokenizer, weights]);
    return;
  }
  await fetchAll(options, fetching, [config, weights]);
  const shards = findShards(repository, content, await readJsonObject(folder, weights));
  await fetchAll(options, fetching, [config, ...tokenizer, weights, ...shards]);
}

async function fetchAll(options: FetchCheckpointOptions, fetching: Fetching, files: readonly HubFile[]): Promise<void> {
  const { connection, content, folder } = fetching;
  await checkDiskSpace(folder, files);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  for (const file of files) {
    const path = join(folder, file.path);
    const onBytes = (bytes: number): void => options.onProgress?.({ file: file.path, done: before + bytes, total });
    await downloadFile({ connection, commit: content.commit, file, path, onBytes });
    before += file.bytes;
  }
}

async function checkDiskSpace(folder: string, files: readonly HubFile[]): Promise<void> {
  let missing = 0;
  for (const file of files) missing += file.bytes - (await bytesPresent(join(folder, file.path), file));
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (missing <= free) return;
  throw new RerankError(
    "storage-full",
    `The download needs ${megabytes(missing)} MB, and only ${megabytes(free)} MB are free where ${folder} lies. Free ` +
      "some space, or name a folder on another disk: --cache DIR.",
    { details: { folder, missing, free } },
  );
}

async function readJsonObject(folder: string, { path }: HubFile): Promise<object> {
  try {
    const json: unknown = JSON.parse(await readFile(join(folder, path), "utf8"));
    if (typeof json === "object" && json !== null) return json;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  const problem = `${path} of the repository is not a JSON object; its upload went wrong. Take another revision.`;
  throw new RerankError("model-invalid", problem, { details: { file: path, problem } });
}

function connect(options: FetchCheckpointOptions): HubConnection {
  const { repository, signal, retryDelayMs = RETRY_DELAY_MS, stallMs = STALL_MS } = options;
  if (!/^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(repository) || repository.includes("..")) {
    throw new RerankError("invalid-input", `"${repository}" does not name a repository of a hub: "owner/name" does.`);
  }
  const hubUrl = options.hubUrl ?? fromEnvironment("HF_ENDPOINT") ?? HUB_URL;
  if (!URL.canParse(hubUrl) || !/^https?:/.test(hubUrl)) {
    throw new RerankError("invalid-input", `"${hubUrl}" is not the address of a hub. Correct or unset HF_ENDPOINT.`);
  }
  const accessToken = options.accessToken ?? fromEnvironment("HF_TOKEN") ?? fromEnvironment("HUGGING_FACE_HUB_TOKEN");
  return { hubUrl: hubUrl.replace(/\/+$/, ""), repository, accessToken, signal, retryDelayMs, stallMs };
}

function defaultCacheFolder(): string {
  return join(fromEnvironment("XDG_CACHE_HOME") ?? join(homedir(), ".cache"), "sunwi", "hub");
}

/** Without white space around it: tokens are pasted. An empty variable is one that is not set. */
function fromEnvironment(name: string): string | undefined {
  const value = process.env[name]?.trim();
  return value === "" ? undefined : value;
}

/** What the disk's refusals mean; undefined for any other error. */
function diskError(cause: unknown, folder: string): RerankError | undefined {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new RerankError(
      "storage-full",
      `The disk that holds ${folder} is full. Free some space and start again: the download goes on where it was.`,
      { cause, details: { folder } },
    );
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS" || code === "ENOTDIR") {
    return new RerankError(
      "invalid-input",
      `${folder} cannot be written (${code}). Name a folder of your own: --cache DIR.`,
      { cause, details: { folder } },
    );
  }
  return undefined;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
