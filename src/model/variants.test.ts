import { describe, expect, it } from "vitest";
import type { ModelVariant } from "./manifest.ts";
import { variantsToTry } from "./variants.ts";

const variant = (id: string, device: "webgpu" | "wasm", requires: string[] = []): ModelVariant => ({
  id,
  device,
  requires,
  precision: "",
  graph: "graph.onnx",
  weights: [],
  expectedLogits: [],
  tolerance: 0,
});
const MANIFEST = {
  variants: [variant("wasm", "wasm"), variant("webgpu-f16", "webgpu", ["shader-f16"]), variant("webgpu", "webgpu")],
};
const gpu = (software: boolean, ...features: string[]) => ({ software, features: new Set(features) });
const ids = (...args: Parameters<typeof variantsToTry<ModelVariant>>) => variantsToTry(...args).map(({ id }) => id);

describe("variantsToTry", () => {
  it("takes a hardware GPU first and keeps WASM in reserve", () => {
    expect(ids(MANIFEST, "auto", gpu(false, "shader-f16"))).toEqual(["webgpu-f16", "webgpu", "wasm"]);
  });

  it("leaves out variants whose features the GPU lacks", () => {
    expect(ids(MANIFEST, "auto", gpu(false))).toEqual(["webgpu", "wasm"]);
  });

  it("counts a software adapter as no GPU, unless WebGPU is demanded", () => {
    expect(ids(MANIFEST, "auto", gpu(true))).toEqual(["wasm"]);
    expect(ids(MANIFEST, "webgpu", gpu(true))).toEqual(["webgpu", "wasm"]);
  });

  it("stays off the GPU where WASM is demanded", () => {
    expect(ids(MANIFEST, "wasm", gpu(false))).toEqual(["wasm"]);
  });

  it("says so where WebGPU is demanded and there is none", () => {
    expect(() => variantsToTry(MANIFEST, "webgpu", undefined)).toThrow(
      expect.objectContaining({ code: "webgpu-unavailable" }) as Error,
    );
    expect(ids(MANIFEST, "auto", undefined)).toEqual(["wasm"]);
  });
});
