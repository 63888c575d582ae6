import { RerankError } from "../core/errors.ts";
import type { Device, DeviceChoice } from "../core/protocol.ts";

/** What choosing a variant needs to know of a GPU. */
export interface GpuTraits {
  /** True where the CPU plays the GPU. */
  readonly software: boolean;
  /** WebGPU features, "shader-f16" for one. */
  readonly features: ReadonlySet<string>;
}

/** What of a variant decides where it runs. */
interface Requiring {
  readonly device: Device;
  /** WebGPU features. */
  readonly requires: readonly string[];
}

/**
 * The variants that may run on a device, best first: those for the GPU in the manifest's order, then those for WASM,
 * which stand in where the GPU scores wrongly.
 * @param gpu undefined where there is no WebGPU
 * @throws RerankError `webgpu-unavailable` where WebGPU is demanded and there is none
 */
export function variantsToTry<T extends Requiring>(
  { variants }: { readonly variants: readonly T[] },
  choice: DeviceChoice,
  gpu: GpuTraits | undefined,
): readonly T[] {
  if (choice === "webgpu" && gpu === undefined) {
    throw new RerankError("webgpu-unavailable", "This browser offers no WebGPU adapter. Choose WASM instead.");
  }
  const useGpu = choice === "webgpu" || (choice === "auto" && gpu?.software === false);
  const forGpu = variants.filter(
    ({ device, requires }) =>
      useGpu && device === "webgpu" && requires.every((feature) => gpu?.features.has(feature) === true),
  );
  return [...forGpu, ...variants.filter(({ device }) => device === "wasm")];
}
