import type { GpuTraits } from "../src/model/variants.ts";

/** The GPU that a session would get. */
export interface GpuAdapter extends GpuTraits {
  /** As WebGPU names it: vendor, architecture, description. */
  readonly label: string;
}

/** The adapter, or undefined where this worker has no WebGPU. */
export async function probeGpuAdapter(): Promise<GpuAdapter | undefined> {
  const adapter = await requestAdapter();
  if (!adapter) return undefined;
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const label = [vendor, architecture, device, description].filter(Boolean).join(" ");
  // Some builds do not set `isFallbackAdapter` for their own software renderers.
  const software = isFallbackAdapter || /swiftshader|llvmpipe|basic render/i.test(label);
  return { label, software, features: new Set(adapter.features) };
}

/**
 * Fewer lanes than this, and the attention kernel of ONNX Runtime 1.30 goes wrong without a word: from 32 tokens on it
 * loads as many keys per step as there are lanes, and computes with eight.
 */
const FEWEST_LANES = 8;

/**
 * A device without subgroups where this GPU's are too narrow for ONNX Runtime, which then takes another kernel; else
 * undefined, and ONNX Runtime makes its own.
 */
export async function deviceWithoutNarrowSubgroups(): Promise<GPUDevice | undefined> {
  const adapter = await requestAdapter();
  if (!adapter?.features.has("subgroups") || adapter.info.subgroupMinSize >= FEWEST_LANES) return undefined;
  return adapter.requestDevice({
    requiredFeatures: adapter.features.has("shader-f16") ? ["shader-f16"] : [],
    // A device gets the least that the standard allows unless it asks for more.
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
  });
}

/** Those that ONNX Runtime raises on a device of its own. */
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupsPerDimension",
] as const satisfies readonly (keyof GPUSupportedLimits)[];

async function requestAdapter(): Promise<GPUAdapter | null | undefined> {
  // Typed as always there; in an insecure context, and in older browsers, it is not.
  const gpu = navigator.gpu as GPU | undefined;
  return gpu?.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
}
