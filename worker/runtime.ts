/** ONNX Runtime as this build bundles it. The npm package has `packaged-runtime.ts` in this module's place. */
import type * as Ort from "onnxruntime-web";
import asyncifyMjsUrl from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url";
import asyncifyWasmUrl from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import jspiMjsUrl from "onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url";
import jspiWasmUrl from "onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url";
import wasmMjsUrl from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import wasmUrl from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import type { LoadRequest, RuntimeFiles, RuntimeName } from "../src/core/protocol.ts";

interface ImportedRuntime extends Pick<RuntimeFiles, "loader" | "wasm"> {
  readonly ort: typeof Ort;
}

export type ImportRuntime = (name: RuntimeName, files: LoadRequest["runtimeFiles"]) => Promise<ImportedRuntime>;

export const importRuntime: ImportRuntime = async (name) => {
  switch (name) {
    case "jspi":
      return { ort: await import("onnxruntime-web/jspi"), ...absolute(jspiMjsUrl, jspiWasmUrl) };
    case "asyncify":
      return { ort: await import("onnxruntime-web/webgpu"), ...absolute(asyncifyMjsUrl, asyncifyWasmUrl) };
    case "wasm":
      return { ort: await import("onnxruntime-web/wasm"), ...absolute(wasmMjsUrl, wasmUrl) };
  }
};

function absolute(loader: string, wasm: string): Pick<RuntimeFiles, "loader" | "wasm"> {
  return { loader: new URL(loader, import.meta.url).href, wasm: new URL(wasm, import.meta.url).href };
}
