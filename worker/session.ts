/** The one file that knows ONNX Runtime: which build to load, how to make a session, when its GPU is lost. */
import type * as Ort from "onnxruntime-web";
import { RerankError } from "../src/core/errors.ts";
import type { Device, LoadRequest, RuntimeName } from "../src/core/protocol.ts";
import type { PackedBatch } from "../src/model/batching.ts";
import { deviceWithoutNarrowSubgroups } from "./gpu-adapter.ts";
import { importRuntime } from "./runtime.ts";

export interface SessionRequest {
  readonly device: Device;
  readonly threads: number;
  readonly runtimeFiles?: LoadRequest["runtimeFiles"];
  readonly graph: Uint8Array;
  /**
   * ONNX external data, by the name the graph uses. The JSPI build reads a `Blob` piece by piece, tensor by tensor;
   * the others copy all of it into the JavaScript heap first, and let go when the session is made.
   */
  readonly weights: readonly { readonly path: string; readonly data: Blob }[];
}

/** A model ready to run. One run at a time. */
export interface ScoringSession {
  readonly runtime: RuntimeName;
  /** Of ONNX Runtime: "1.30.0". */
  readonly version: string;
  readonly threads: number;
  /** One fp32 logit per pair. @throws RerankError `inference`, or `device-lost` */
  run(batch: PackedBatch): Promise<Float32Array>;
  release(): Promise<void>;
}

/**
 * Loads the right build of ONNX Runtime and makes a session.
 * @throws RerankError `session-create`
 */
export async function createSession(request: SessionRequest): Promise<ScoringSession> {
  const runtime = runtimeFor(request.device);
  try {
    const ort = await startRuntime(request);
    const place = await chooseProvider(request.device, ort);
    const session = await ort.InferenceSession.create(request.graph, {
      executionProviders: [place.provider],
      externalData: request.weights.map(({ path, data }) => ({ path, data })),
      graphOptimizationLevel: "all",
    });
    const { lost } = await place.watch();
    return scoringSession(ort, session, runtime, lost);
  } catch (cause) {
    if (cause instanceof RerankError) throw cause;
    throw new RerankError("session-create", `ONNX Runtime could not load the model: ${String(cause)}`, {
      cause,
      details: { device: request.device, reason: String(cause) },
    });
  }
}

/** Where a session is to run. */
interface ChosenProvider {
  /** The string form would ignore options; see https://onnxruntime.ai/docs/tutorials/web/ep-webgpu.html */
  readonly provider: { readonly name: Device; readonly device?: GPUDevice };
  /** Once a session is made: `lost` never resolves, and rejects when its GPU goes away. */
  readonly watch: () => Promise<{ readonly lost: Promise<never> }>;
}

/** The execution provider for a device, on a GPU device that ONNX Runtime computes rightly with. */
export async function chooseProvider(name: Device, ort: typeof Ort): Promise<ChosenProvider> {
  const device = name === "webgpu" ? await deviceWithoutNarrowSubgroups() : undefined;
  return {
    provider: { name, ...(device && { device }) },
    watch: async () => ({
      lost: name === "webgpu" ? rejectWhenLost(device ?? (await ownDevice(ort))) : new Promise<never>(() => undefined),
    }),
  };
}

/** WebGPU through JSPI where the browser has it (smaller and faster), else through Asyncify; plain WASM otherwise. */
export function runtimeFor(device: Device): RuntimeName {
  if (device === "wasm") return "wasm";
  return "Suspending" in WebAssembly ? "jspi" : "asyncify";
}

/**
 * Threads that WASM gets: one without SharedArrayBuffer, which needs cross-origin isolation; else half the logical
 * cores, for two of them often share one arithmetic unit, but both of two, and never more than 4.
 */
export function threadsFor(wanted: number | undefined): number {
  if (!self.crossOriginIsolated) return 1;
  const cores = navigator.hardwareConcurrency;
  return wanted ?? Math.min(4, cores, Math.max(2, Math.ceil(cores / 2)));
}

const started = new Map<RuntimeName, Promise<typeof Ort>>();

/**
 * Fetches and starts the build of ONNX Runtime that a device needs, once. Called early, it does so beside the download
 * of the model.
 * @param threads counts the first time
 */
export function startRuntime({
  device,
  threads,
  runtimeFiles,
}: Pick<SessionRequest, "device" | "threads" | "runtimeFiles">): Promise<typeof Ort> {
  const runtime = runtimeFor(device);
  const running = started.get(runtime) ?? loadRuntime(runtime, threads, runtimeFiles);
  started.set(runtime, running);
  running.catch(() => started.delete(runtime));
  return running;
}

async function loadRuntime(
  runtime: RuntimeName,
  threads: number,
  files: LoadRequest["runtimeFiles"],
): Promise<typeof Ort> {
  const { ort, loader, wasm } = await importRuntime(runtime, files);
  ort.env.wasm.wasmPaths = { mjs: loader, wasm };
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.proxy = false;
  ort.env.logLevel = "error";
  // ONNX Runtime fetches its WASM with the first session and has no other call for that.
  const session = await ort.InferenceSession.create(IDENTITY_GRAPH, { executionProviders: ["wasm"] });
  await session.release();
  return ort;
}

/** The smallest ONNX model: y = Identity(x), one number. */
const IDENTITY_GRAPH = Uint8Array.from([
  ...[0x08, 0x08, 0x3a, 0x37, 0x0a, 0x10, 0x0a, 0x01, 0x78, 0x12, 0x01, 0x79, 0x22, 0x08],
  ...new TextEncoder().encode("Identity"),
  ...[0x12, 0x01, 0x67, 0x5a, 0x0f, 0x0a, 0x01, 0x78, 0x12, 0x0a, 0x0a, 0x08, 0x08, 0x01, 0x12, 0x04, 0x0a, 0x02, 0x08],
  ...[0x01, 0x62, 0x0f, 0x0a, 0x01, 0x79, 0x12, 0x0a, 0x0a, 0x08, 0x08, 0x01, 0x12, 0x04, 0x0a, 0x02, 0x08, 0x01],
  ...[0x42, 0x02, 0x10, 0x0d],
]);

/** The device that ONNX Runtime made for the session. */
async function ownDevice(ort: typeof Ort): Promise<GPUDevice> {
  return await ort.env.webgpu.device;
}

/** Never resolves; rejects when the GPU goes away, after which ONNX Runtime neither recovers nor answers. */
function rejectWhenLost(device: GPUDevice): Promise<never> {
  const lost = device.lost.then(({ reason, message }): never => {
    throw new RerankError("device-lost", `The GPU was lost (${reason}): ${message || "no reason given"}.`, {
      details: { reason },
    });
  });
  lost.catch(() => undefined);
  return lost;
}

function scoringSession(
  ort: typeof Ort,
  session: Ort.InferenceSession,
  runtime: RuntimeName,
  lost: Promise<never>,
): ScoringSession {
  return {
    runtime,
    version: ort.env.versions.web ?? ort.env.versions.common,
    threads: ort.env.wasm.numThreads ?? 1,
    async run(batch) {
      try {
        const outputs = await Promise.race([session.run(feeds(ort, batch)), lost]);
        const logits = outputs["logits"]?.data;
        if (!(logits instanceof Float32Array)) throw new Error("the graph has no fp32 output called logits");
        return Float32Array.from(logits);
      } catch (cause) {
        throw asRunError(cause);
      }
    },
    release: () => session.release(),
  };
}

/** What a run that failed rejects with: `inference`, or what says more already. */
export function asRunError(cause: unknown): RerankError {
  if (cause instanceof RerankError) return cause;
  return new RerankError("inference", `The model could not be run: ${String(cause)}`, {
    cause,
    details: { reason: String(cause) },
  });
}

function feeds(ort: typeof Ort, batch: PackedBatch): Record<string, Ort.Tensor> {
  const { pairs, tokens } = batch;
  return {
    input_ids: new ort.Tensor("int32", batch.inputIds, [pairs, tokens]),
    position_ids: new ort.Tensor("int32", batch.positionIds, [tokens]),
    key_bias: new ort.Tensor("float32", batch.keyBias, [pairs, 1, 1, tokens]),
    query_zeros: new ort.Tensor("float32", new Float32Array(tokens), [1, 1, tokens, 1]),
    ...(batch.tokenTypeIds && { token_type_ids: new ort.Tensor("int32", batch.tokenTypeIds, [pairs, tokens]) }),
  };
}
