import type { Device, DeviceChoice } from "../core/protocol.ts";
import type { StoredPackage } from "../core/store-protocol.ts";

/** The GPU as a page meets it: `software` is one that the CPU plays. */
export type GpuKind = "none" | "software" | "hardware";

async function requestAdapter(): Promise<GPUAdapter | null | undefined> {
  // Typed as always there; in an insecure context, and in older browsers, it is not.
  const gpu = navigator.gpu as GPU | undefined;
  return gpu?.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
}

/** What of WebGPU this page's GPU offers; empty without one. */
export async function gpuFeatures(): Promise<ReadonlySet<string>> {
  return (await requestAdapter())?.features ?? new Set();
}

/** What kind of GPU this page could compute on. */
export async function detectGpu(): Promise<GpuKind> {
  const adapter = await requestAdapter();
  if (!adapter) return "none";
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const label = [vendor, architecture, device, description].join(" ");
  return isFallbackAdapter || /swiftshader|llvmpipe|basic render/i.test(label) ? "software" : "hardware";
}

/** The device that a load would try first. */
export function likelyDevice(choice: DeviceChoice, gpu: GpuKind): Device {
  if (choice !== "auto") return choice;
  return gpu === "hardware" ? "webgpu" : "wasm";
}

/** The variant that a load on `device` would try first; WASM's stands in where the package has none for the GPU. */
export function likelyVariant<T extends { readonly device: Device }>(
  variants: readonly T[],
  device: Device,
): T | undefined {
  return variants.find((variant) => variant.device === device) ?? variants.find((variant) => variant.device === "wasm");
}

/** Whether a load on `device` finds all it needs here: the GPU's features decide between variants of one device. */
export function isReadyOn({ variants }: Pick<StoredPackage, "variants">, device: Device): boolean {
  const wanted = likelyVariant(variants, device)?.device;
  return variants.some((variant) => variant.device === wanted && variant.storedBytes >= variant.bytes);
}
