import { RerankError } from "../src/core/errors.ts";
import type { DownloadProgress, LoadedModel, LoadEvent, LoadRequest } from "../src/core/protocol.ts";
import type { BatchLimits } from "../src/model/batching.ts";
import { variantBytes, variantFiles, type ModelManifest, type ModelVariant } from "../src/model/manifest.ts";
import { variantsToTry } from "../src/model/variants.ts";
import { CompiledCrossEncoder, type CrossEncoder } from "./cross-encoder.ts";
import { firstRight } from "./first-right.ts";
import { probeGpuAdapter, type GpuAdapter } from "./gpu-adapter.ts";
import { runSelfTest } from "./self-test.ts";
import { createSession, startRuntime, threadsFor, type ScoringSession, type SessionRequest } from "./session.ts";
import type { BlobStore } from "./store/blob-store.ts";
import { createMemoryStore } from "./store/memory-store.ts";
import { expectedFiles, openPackage } from "./store/open-package.ts";
import { openBlobStore } from "./store/open-store.ts";
import { withDefaults } from "./store/retry.ts";
import { listFiles } from "./store/stored-files.ts";
import { withVariantFiles, type SuppliedFiles } from "./store/variant-files.ts";
import { createTokenizer } from "./tokenizer.ts";

export interface ReadyModel {
  readonly encoder: CrossEncoder;
  readonly info: LoadedModel;
}

interface Loading {
  readonly request: LoadRequest;
  readonly manifest: ModelManifest;
  readonly blobs: BlobStore;
  /** Keeps for this load what the browser has no room for. */
  readonly overflow: BlobStore;
  readonly threads: number;
  readonly adapter: GpuAdapter | undefined;
  readonly startedAt: number;
  /** Over the network, for refused variants too. */
  readonly transferred: { bytes: number };
  readonly onEvent: (event: LoadEvent) => void;
}

/**
 * Loads a model package on the best device it runs right on: each variant that fits is tried in the manifest's order
 * until one passes its self-test.
 * @throws RerankError `model-download`, `model-invalid`, `model-integrity`, `not-on-device`, `webgpu-unavailable`, or
 *   the error of the last variant tried
 */
export async function loadModel(request: LoadRequest, onEvent: (event: LoadEvent) => void): Promise<ReadyModel> {
  const startedAt = performance.now();
  const adapterFound = request.device === "wasm" ? undefined : probeGpuAdapter();
  const blobs = await openBlobStore();
  const { manifest, variants } = await openPackage(blobs, request.modelUrl, {
    patience: withDefaults(request.patience),
    ...(request.modelFiles && { files: request.modelFiles }),
  });
  const adapter = await adapterFound;
  const candidates = variantsToTry({ variants }, request.device, adapter);
  const [first] = candidates;
  if (first) onEvent({ type: "manifest", modelName: manifest.name, downloadBytes: variantBytes(manifest, first) });
  const overflow = createMemoryStore();
  const threads = threadsFor(request.threads);
  const transferred = { bytes: 0 };
  const loading = { request, manifest, blobs, overflow, threads, adapter, startedAt, transferred, onEvent };
  return firstRight(candidates, onEvent, (variant, downgrades) => loadVariant(variant, loading, downgrades));
}

async function loadVariant(
  variant: ModelVariant,
  loading: Loading,
  downgrades: LoadedModel["downgrades"],
): Promise<ReadyModel> {
  const { manifest, request, blobs, overflow, onEvent } = loading;
  await checkDownload(variant, loading);
  onEvent({ type: "device", device: variant.device, variant: variant.id });
  // Beside the download; a failure is told by the session that needs it.
  startRuntime(runtimeOf(variant, loading)).catch(() => undefined);
  const supply = {
    blobs,
    overflow,
    manifest,
    variant,
    modelUrl: request.modelUrl,
    ...(request.modelFiles && { files: request.modelFiles }),
    patience: withDefaults(request.patience),
    onProgress: (progress: DownloadProgress) => {
      onEvent({ type: "download", ...progress });
    },
  };
  return withVariantFiles(supply, (files) => startVariant(variant, files, loading, downgrades));
}

async function startVariant(
  variant: ModelVariant,
  files: SuppliedFiles,
  loading: Loading,
  downgrades: LoadedModel["downgrades"],
): Promise<ReadyModel> {
  const { manifest, request, onEvent, adapter } = loading;
  loading.transferred.bytes += files.transferredBytes;
  onEvent({ type: "session" });
  // First, for ONNX Runtime may still be on its way.
  const tokenizer = createTokenizer(await bytesOf(files.get(manifest.tokenizer)));
  const session = await createSession({
    ...runtimeOf(variant, loading),
    graph: await bytesOf(files.get(variant.graph)),
    weights: variant.weights.map((path) => ({ path, data: files.get(path) })),
  });
  const software = variant.device === "webgpu" && adapter?.software === true;
  const encoder = new CompiledCrossEncoder(session, tokenizer, manifest.input, batchLimits(variant, software));
  try {
    const key = selfTestKey(loading, variant, session);
    const selfTest = await runSelfTest(encoder, manifest, variant, {
      key,
      // A software adapter needs a minute for all pairs, and is used for tests and curiosity only.
      full: !software && !request.passedSelfTests.includes(key),
      onProgress: (scoredPairs, totalPairs) => {
        onEvent({ type: "self-test", scoredPairs, totalPairs });
      },
    });
    return { encoder, info: { ...describe(variant, loading, session, files), downgrades, selfTest } };
  } catch (error) {
    await encoder.dispose().catch(() => undefined);
    throw error;
  }
}

/** @throws RerankError `consent-needed` where more is missing than the page agreed to download */
async function checkDownload(
  variant: ModelVariant,
  { manifest, blobs, request: { maxDownloadBytes } }: Loading,
): Promise<void> {
  if (maxDownloadBytes === undefined) return;
  const stored = await listFiles(blobs);
  const missing = expectedFiles(manifest, variant).filter(({ sha256 }) => stored.get(sha256)?.isComplete !== true);
  const bytes = missing.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes <= maxDownloadBytes) return;
  throw new RerankError("consent-needed", `The model needs ${String(bytes)} bytes. Ask the user, then load again.`, {
    details: { bytes, limit: maxDownloadBytes, name: manifest.name },
  });
}

function runtimeOf(
  { device }: ModelVariant,
  { threads, request: { runtimeFiles } }: Loading,
): Pick<SessionRequest, "device" | "threads" | "runtimeFiles"> {
  return { device, threads, ...(runtimeFiles && { runtimeFiles }) };
}

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer());
}

/**
 * WASM gains nothing from large batches, and small ones cancel sooner; rows of a multiple of 4 tokens make its scores
 * the same to the last bit in any batch. A GPU wants its cores full, and rows of a few lengths only.
 */
function batchLimits({ device }: ModelVariant, software: boolean): BatchLimits {
  if (device === "wasm") return { tokenBudget: 512, maxPairs: 16, lengthMultiple: 4 };
  return { tokenBudget: software ? 512 : 8192, maxPairs: 64, lengthMultiple: 16 };
}

/** Scores can only change with one of these. */
function selfTestKey(
  { manifest, adapter }: Loading,
  variant: ModelVariant,
  { runtime, version }: ScoringSession,
): string {
  const files = variantFiles(manifest, variant).map((file) => manifest.files[file]?.sha256.slice(0, 12) ?? "");
  const where = variant.device === "webgpu" ? (adapter?.label ?? "") : "cpu";
  return [manifest.id, variant.id, ...files, runtime, version, where, navigator.userAgent].join("|");
}

function describe(
  variant: ModelVariant,
  { manifest, adapter, startedAt, transferred }: Loading,
  session: ScoringSession,
  { storage }: SuppliedFiles,
): Omit<LoadedModel, "selfTest" | "downgrades"> {
  const onGpu = variant.device === "webgpu";
  return {
    id: manifest.id,
    name: manifest.name,
    licence: manifest.licence,
    device: variant.device,
    variant: variant.id,
    runtime: session.runtime,
    threads: onGpu ? 1 : session.threads,
    adapter: onGpu ? (adapter?.label ?? "") : "",
    softwareAdapter: onGpu && adapter?.software === true,
    downloadBytes: variantBytes(manifest, variant),
    transferredBytes: transferred.bytes,
    storage,
    maxTokens: manifest.input.maxTokens,
    ...(manifest.blend && { blendWeight: manifest.blend.weight }),
    loadMs: performance.now() - startedAt,
  };
}
