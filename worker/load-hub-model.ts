/** Loads models of the Hugging Face hub that are no package of ours. Comes only where one is asked for. */
import { RerankError } from "../src/core/errors.ts";
import type { Device, LoadedModel, LoadEvent, LoadRequest } from "../src/core/protocol.ts";
import type { BatchLimits } from "../src/model/batching.ts";
import { devicesOf, type DtypeOption } from "../src/model/hub-files.ts";
import { repositoryRoot, type HubModelAddress } from "../src/model/hub-model-url.ts";
import { variantsToTry } from "../src/model/variants.ts";
import { CompiledCrossEncoder } from "./cross-encoder.ts";
import { firstRight } from "./first-right.ts";
import { probeGpuAdapter, type GpuAdapter } from "./gpu-adapter.ts";
import { checkedFetch } from "./hub-files.ts";
import { checkConsent, openRepository, type HubRepository } from "./hub-repository.ts";
import type { ReadyModel } from "./load-model.ts";
import { checkSanity, SANITY_PAIRS } from "./sanity-check.ts";
import { runtimeFor, startRuntime, threadsFor, type ScoringSession } from "./session.ts";
import { ProgressSum } from "./store/progress.ts";
import { openTransformersModel } from "./transformers-encoder.ts";

interface Loading extends HubRepository {
  readonly request: LoadRequest;
  readonly threads: number;
  /** The device of the first candidate: its runtime serves the others too. */
  readonly runtimeDevice: Device;
  readonly adapter: GpuAdapter | undefined;
  readonly startedAt: number;
  readonly onEvent: (event: LoadEvent) => void;
}

type Variant = ReturnType<typeof devicesOf>[number] & { readonly id: string };

/**
 * Loads the model of a hub repository in one precision.
 * @throws RerankError `model-download`, `model-integrity`, `model-invalid`, `consent-needed`, `webgpu-unavailable`,
 *   `session-create`, `self-test-failed`
 */
export async function loadHubModel(
  address: HubModelAddress,
  request: LoadRequest,
  onEvent: (event: LoadEvent) => void,
): Promise<ReadyModel> {
  const startedAt = performance.now();
  const adapter = request.device === "wasm" ? undefined : await probeGpuAdapter();
  const repository = await openRepository(address);
  const { option } = repository;
  const variants: readonly Variant[] = devicesOf(option.dtype).map((place) => ({ ...place, id: option.dtype }));
  const candidates = variantsToTry({ variants }, request.device, adapter);
  const [first] = candidates;
  if (first === undefined) throw unfit(option);
  onEvent({ type: "manifest", modelName: address.repository, downloadBytes: option.bytes });
  checkConsent(repository, request.maxDownloadBytes);
  const threads = threadsFor(request.threads);
  const loading = { ...repository, request, threads, runtimeDevice: first.device, adapter, startedAt, onEvent };
  return firstRight(candidates, onEvent, (variant, downgrades) => loadOn(variant.device, loading, downgrades));
}

function unfit({ dtype }: DtypeOption): RerankError {
  return new RerankError("session-create", `Precision "${dtype}" cannot run on this device. Choose another.`, {
    details: { reason: dtype },
  });
}

async function loadOn(device: Device, loading: Loading, downgrades: LoadedModel["downgrades"]): Promise<ReadyModel> {
  const { option, references, onEvent } = loading;
  onEvent({ type: "device", device, variant: option.dtype });
  const { progress, onFile } = watchDownload(loading);
  const onCpu = device === "webgpu" ? await progress.over(() => scoreOnCpu(loading, onFile)) : undefined;
  const { encoder, session, maxTokens } = await progress.over(() => open(device, loading, onFile));
  try {
    const key = selfTestKey(device, loading, session);
    const selfTest = await checkSanity(encoder, {
      key,
      variant: option.dtype,
      ...(references && { references }),
      ...(onCpu && { onCpu }),
      onProgress: (scoredPairs, totalPairs) => {
        onEvent({ type: "self-test", scoredPairs, totalPairs });
      },
    });
    if (onCpu !== undefined) await rememberCheck(loading);
    const { transferredBytes } = progress;
    const info = { ...describe(device, loading, session), transferredBytes, maxTokens, downgrades, selfTest };
    return { encoder, info };
  } catch (error) {
    await encoder.dispose().catch(() => undefined);
    throw error;
  }
}

async function open(device: Device, loading: Loading, onFile: (path: string, loadedBytes: number) => void) {
  const { address, option, config, request, threads, runtimeDevice, onEvent } = loading;
  const { runtimeFiles } = request;
  const ort = await startRuntime({ device: runtimeDevice, threads, ...(runtimeFiles && { runtimeFiles }) });
  const { session, tokenizer, input } = await openTransformersModel({
    address,
    option,
    config,
    device,
    runtime: runtimeFor(runtimeDevice),
    ort,
    fetch: checkedFetch(new Map(option.files.map((file) => [repositoryRoot(address) + file.path, file]))),
    onFile,
    onSession: () => {
      onEvent({ type: "session" });
    },
  });
  const encoder = new CompiledCrossEncoder(session, tokenizer, input, batchLimits(option, device, loading));
  return { encoder, session, maxTokens: input.maxTokens };
}

/**
 * What the same files give on the CPU, to hold against a GPU that this was not done for yet: exporters' graphs have
 * come out of it with other numbers and no error. A model that the CPU cannot run goes without, and so does one that would
 * have to be downloaded twice.
 */
async function scoreOnCpu(
  loading: Loading,
  onFile: (path: string, loadedBytes: number) => void,
): Promise<Float32Array | undefined> {
  const { cache } = loading;
  if (cache === undefined || (await cache.match(checkUrl(loading))) !== undefined) return undefined;
  try {
    const { encoder } = await open("wasm", loading, onFile);
    try {
      return (await encoder.score(SANITY_PAIRS)).logits;
    } finally {
      await encoder.dispose();
    }
  } catch (error) {
    if (error instanceof RerankError && (error.code === "session-create" || error.code === "inference"))
      return undefined;
    throw error;
  }
}

async function rememberCheck(loading: Loading): Promise<void> {
  await loading.cache?.put(checkUrl(loading), new Response("")).catch(() => undefined);
}

/** Beside the repository's files, so that it goes with them. */
function checkUrl({ address, runtimeDevice, adapter }: Loading): string {
  const on = [address.dtype, runtimeFor(runtimeDevice), adapter?.label, navigator.userAgent].join("|");
  return `${repositoryRoot(address)}sunwi-gpu-check?${encodeURIComponent(on)}`;
}

function watchDownload({ option, kept, onEvent }: Loading) {
  const progress = new ProgressSum(option.bytes, (sum) => {
    onEvent({ type: "download", ...sum });
  });
  for (const { path, bytes } of option.files) if (kept.has(path)) progress.update(path, { storedBytes: bytes });
  const paths = new Set(option.files.map(({ path }) => path));
  const most = new Map<string, number>();
  const onFile = (path: string, loadedBytes: number): void => {
    if (!paths.has(path) || kept.has(path)) return;
    // A second session reads the files again, which by then are here.
    const transferredBytes = Math.max(loadedBytes, most.get(path) ?? 0);
    most.set(path, transferredBytes);
    progress.update(path, { transferredBytes });
  };
  return { progress, onFile };
}

/**
 * Exporters' 8-bit graphs scale activations over the whole batch, so that a pair's score would depend on what else is
 * in it: such pairs are run one by one.
 */
function batchLimits({ dtype }: DtypeOption, device: Device, { adapter }: Loading): BatchLimits {
  if (dtype === "q8" || dtype === "int8" || dtype === "uint8") return { tokenBudget: 1, maxPairs: 1 };
  if (device === "wasm") return { tokenBudget: 512, maxPairs: 16 };
  return { tokenBudget: adapter?.software === true ? 512 : 4096, maxPairs: 32, lengthMultiple: 16 };
}

/** Scores can only change with one of these. */
function selfTestKey(device: Device, { address, adapter }: Loading, { runtime, version }: ScoringSession): string {
  const { repository, revision, dtype } = address;
  const where = device === "webgpu" ? (adapter?.label ?? "") : "cpu";
  return ["transformers", repository, revision, dtype, runtime, version, where, navigator.userAgent].join("|");
}

function describe(
  device: Device,
  { address, option, licence, cache, adapter, startedAt }: Loading,
  session: ScoringSession,
): Omit<LoadedModel, "selfTest" | "downgrades" | "transferredBytes" | "maxTokens"> {
  const onGpu = device === "webgpu";
  return {
    id: `${address.repository}@${address.revision}`,
    name: `${address.repository} (${address.dtype})`,
    licence,
    device,
    variant: option.dtype,
    runtime: session.runtime,
    threads: onGpu ? 1 : session.threads,
    adapter: onGpu ? (adapter?.label ?? "") : "",
    softwareAdapter: onGpu && adapter?.software === true,
    downloadBytes: option.bytes,
    storage: cache === undefined ? "memory" : "cache",
    loadMs: performance.now() - startedAt,
  };
}
