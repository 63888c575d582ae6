import { RerankError, toWireError } from "../src/core/errors.ts";
import type { LoadedModel, LoadEvent, LoadRequest } from "../src/core/protocol.ts";
import type { BatchLimits } from "../src/model/batching.ts";
import {
  parseManifest,
  variantBytes,
  variantFiles,
  type ModelManifest,
  type ModelVariant,
} from "../src/model/manifest.ts";
import { variantsToTry } from "../src/model/variants.ts";
import { CompiledCrossEncoder, type CrossEncoder } from "./cross-encoder.ts";
import { probeGpuAdapter, type GpuAdapter } from "./gpu-adapter.ts";
import { fetchJson, PackageFiles } from "./package-files.ts";
import { runSelfTest } from "./self-test.ts";
import { createSession, threadsFor, type ScoringSession } from "./session.ts";
import { createTokenizer } from "./tokenizer.ts";

export interface ReadyModel {
  readonly encoder: CrossEncoder;
  readonly info: LoadedModel;
}

interface Loading {
  readonly request: LoadRequest;
  readonly manifest: ModelManifest;
  readonly files: PackageFiles;
  readonly adapter: GpuAdapter | undefined;
  readonly startedAt: number;
  readonly onEvent: (event: LoadEvent) => void;
}

/**
 * Loads a model package on the best device it runs right on: each variant that fits is tried in the manifest's order
 * until one passes its self-test.
 * @throws RerankError `model-download`, `model-invalid`, `model-integrity`, `webgpu-unavailable`, or the error of the
 *   last variant tried
 */
export async function loadModel(request: LoadRequest, onEvent: (event: LoadEvent) => void): Promise<ReadyModel> {
  const startedAt = performance.now();
  const [json, adapter] = await Promise.all([
    fetchJson(new URL("manifest.json", request.modelUrl).href),
    request.device === "wasm" ? undefined : probeGpuAdapter(),
  ]);
  const manifest = parseManifest(json);
  const variants = variantsToTry(manifest, request.device, adapter);
  const files = new PackageFiles(request.modelUrl, manifest);
  const loading: Loading = { request, manifest, files, adapter, startedAt, onEvent };
  const [first] = variants;
  if (first) onEvent({ type: "manifest", modelName: manifest.name, downloadBytes: variantBytes(manifest, first) });
  try {
    return await loadFirstRight(variants, loading);
  } finally {
    files.clear();
  }
}

async function loadFirstRight(variants: readonly ModelVariant[], loading: Loading): Promise<ReadyModel> {
  const downgrades: { from: string; reason: string }[] = [];
  let failure = new RerankError("model-invalid", "The package has no variant for this device.", {
    details: { problem: "variants" },
  });
  for (const variant of variants) {
    try {
      return await loadVariant(variant, loading, downgrades);
    } catch (error) {
      if (!(error instanceof RerankError) || !DOWNGRADING.has(error.code)) throw error;
      failure = error;
      const downgrade = { from: variant.id, reason: toWireError(error, "session-create").message };
      downgrades.push(downgrade);
      loading.onEvent({ type: "downgrade", ...downgrade });
    }
  }
  throw failure;
}

/** Failures that another variant may not have; a broken download would fail for all of them. */
const DOWNGRADING: ReadonlySet<string> = new Set(["session-create", "self-test-failed", "inference", "device-lost"]);

async function loadVariant(
  variant: ModelVariant,
  loading: Loading,
  downgrades: LoadedModel["downgrades"],
): Promise<ReadyModel> {
  const { manifest, request, onEvent, adapter } = loading;
  onEvent({ type: "device", device: variant.device, variant: variant.id });
  const files = await downloadVariant(variant, loading);
  onEvent({ type: "session" });
  const session = await createSession({
    device: variant.device,
    threads: threadsFor(request.threads),
    graph: fileOf(files, variant.graph),
    weights: variant.weights.map((path) => ({ path, data: fileOf(files, path) })),
  });
  const software = variant.device === "webgpu" && adapter?.software === true;
  const tokenizer = createTokenizer(fileOf(files, manifest.tokenizer));
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
    return { encoder, info: { ...describe(variant, loading, session), downgrades, selfTest } };
  } catch (error) {
    await encoder.dispose().catch(() => undefined);
    throw error;
  }
}

async function downloadVariant(
  variant: ModelVariant,
  { manifest, files, onEvent }: Loading,
): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
  const totalBytes = variantBytes(manifest, variant);
  let transferredBytes = 0;
  const onBytes = (bytes: number): void => {
    transferredBytes += bytes;
    onEvent({ type: "download", totalBytes, storedBytes: 0, transferredBytes, isWaiting: false });
  };
  const names = variantFiles(manifest, variant);
  const contents = await Promise.all(names.map(async (name) => [name, await files.get(name, onBytes)] as const));
  return new Map(contents);
}

function fileOf(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>, name: string): Uint8Array<ArrayBuffer> {
  const bytes = files.get(name);
  if (bytes === undefined) throw new RerankError("model-invalid", `The package lacks "${name}".`);
  return bytes;
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
  { manifest, adapter, startedAt }: Loading,
  session: ScoringSession,
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
    transferredBytes: variantBytes(manifest, variant),
    storage: "memory",
    maxTokens: manifest.input.maxTokens,
    ...(manifest.blend && { blendWeight: manifest.blend.weight }),
    loadMs: performance.now() - startedAt,
  };
}
