export interface GpuAdapter {
  /** As WebGPU names it: vendor, architecture, description. */
  readonly label: string;
  /** True where the CPU plays the GPU: about 100 times slower than WASM. */
  readonly software: boolean;
  readonly features: ReadonlySet<string>;
}

/** The adapter a session would get, or undefined where this worker has no WebGPU. */
export async function probeGpuAdapter(): Promise<GpuAdapter | undefined> {
  // Typed as always there; in an insecure context, and in older browsers, it is not.
  const gpu = navigator.gpu as GPU | undefined;
  const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  if (!adapter) return undefined;
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const label = [vendor, architecture, device, description].filter(Boolean).join(" ");
  // Some builds do not set `isFallbackAdapter` for their own software renderers.
  const software = isFallbackAdapter || /swiftshader|llvmpipe|basic render/i.test(label);
  return { label, software, features: new Set(adapter.features) };
}
