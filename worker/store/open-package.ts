import { RerankError, throwIfAborted } from "../../src/core/errors.ts";
import type { DownloadPatience } from "../../src/core/protocol.ts";
import { parseManifest, variantFiles, type ModelManifest, type ModelVariant } from "../../src/model/manifest.ts";
import type { BlobStore } from "./blob-store.ts";
import { downloadError } from "./file-download.ts";
import { fileUrl, type FileUrls } from "./file-url.ts";
import { readRecord } from "./package-records.ts";
import type { Failure } from "./range-answer.ts";
import { isPassing, pauseMs, retryAfterMs, sleep } from "./retry.ts";
import { StallWatch } from "./stall-watch.ts";
import { listFiles, type ExpectedFile, type FilePresence } from "./stored-files.ts";

export interface OpenPackage {
  readonly manifest: ModelManifest;
  /** Variants that can be had now: of a package whose server cannot be reached, only those that lie here. */
  readonly variants: readonly ModelVariant[];
}

export interface OpenOptions {
  readonly patience: Required<DownloadPatience>;
  readonly signal?: AbortSignal;
  readonly files?: FileUrls;
}

/**
 * Reads a package's manifest, from its server where that answers, else from this device.
 * @throws RerankError `model-download`, `model-invalid`, `not-on-device` for an imported package that is gone
 */
export async function openPackage(blobs: BlobStore, modelUrl: string, options: OpenOptions): Promise<OpenPackage> {
  const record = await readRecord(blobs, modelUrl);
  const complete = record ? completeVariants(record.manifest, await listFiles(blobs)) : [];
  if (modelUrl.startsWith("local:")) {
    if (record && complete.length > 0) return { manifest: record.manifest, variants: complete };
    throw new RerankError("not-on-device", "This model no longer lies on this device. Import its package again.");
  }
  try {
    // A package that works without its server does not wait for it.
    const tries = complete.length > 0 ? 1 : options.patience.tries;
    const manifest = parseManifest(
      await fetchJson(fileUrl(modelUrl, "manifest.json", options.files), {
        ...options,
        patience: { ...options.patience, tries },
      }),
    );
    return { manifest, variants: manifest.variants };
  } catch (error) {
    if (record && complete.length > 0 && isUnreachable(error)) return { manifest: record.manifest, variants: complete };
    throw error;
  }
}

/** Variants of which every file lies here, unchecked. */
function completeVariants(manifest: ModelManifest, stored: ReadonlyMap<string, FilePresence>): readonly ModelVariant[] {
  return manifest.variants.filter((variant) =>
    expectedFiles(manifest, variant).every(({ sha256 }) => stored.get(sha256)?.isComplete === true),
  );
}

/** The files of a variant; two of the same content count once. */
export function expectedFiles(manifest: ModelManifest, variant: ModelVariant): readonly ExpectedFile[] {
  const files = new Map<string, ExpectedFile>();
  for (const name of variantFiles(manifest, variant)) {
    const { bytes, sha256 } = factsOf(manifest, name);
    if (!files.has(sha256)) files.set(sha256, { name, bytes, sha256 });
  }
  return [...files.values()];
}

/** @throws RerankError `model-invalid` */
export function factsOf(manifest: ModelManifest, name: string): ModelManifest["files"][string] {
  const facts = manifest.files[name];
  if (facts === undefined) {
    throw new RerankError("model-invalid", `The manifest does not list "${name}".`, { details: { problem: name } });
  }
  return facts;
}

function isUnreachable(error: unknown): boolean {
  return (
    error instanceof RerankError && error.code === "model-download" && isPassing(Number(error.details["status"] ?? 0))
  );
}

async function fetchJson(url: string, { patience, signal }: OpenOptions): Promise<unknown> {
  for (let failures = 1; ; failures++) {
    const answer = await fetchText(url, patience.stallMs, signal);
    if (typeof answer === "string") return parseJson(url, answer);
    if (!answer.isPassing || failures >= patience.tries) throw downloadError(url, answer);
    await sleep(pauseMs(patience.firstPauseMs, failures, answer.retryAfterMs), signal);
  }
}

async function fetchText(url: string, stallMs: number, signal: AbortSignal | undefined): Promise<string | Failure> {
  const watch = new StallWatch(stallMs, signal);
  try {
    const response = await fetch(url, { cache: "no-cache", signal: watch.signal });
    const { ok, status, headers } = response;
    if (ok) return await response.text();
    return {
      type: "failed",
      status,
      isPassing: isPassing(status),
      retryAfterMs: retryAfterMs(headers.get("Retry-After")),
    };
  } catch (cause) {
    throwIfAborted(signal);
    return { type: "failed", status: 0, isPassing: true, cause, ...(watch.isStalled && { problem: "stalled" }) };
  } finally {
    watch.stop();
  }
}

function parseJson(url: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const found = text.trimStart().startsWith("<") ? "a web page" : "not JSON";
    throw new RerankError("model-invalid", `${url} is ${found}. Is it the folder of a model package?`, {
      cause,
      details: { problem: "manifest.json" },
    });
  }
}
