/**
 * Where the package's own files lie. Each is named in a `new URL` of its own, for that is what bundlers look for: they
 * copy the file and put its new address here. From a CDN the addresses are right as they stand.
 */
import type { LoadRequest } from "../core/protocol.ts";

/** In the place of `client/spawn-worker.ts`, whose paths are the sources'. */
export function spawnScoringWorker(): Worker {
  // Not inside `new Worker()`, where bundlers would make a worker of their own from it and keep its address to
  // themselves: this one needs nothing more, and its address is needed below where the bundle lies on a CDN.
  const script = new URL("./scoring-worker.js", import.meta.url);
  try {
    return startWorker(script.href);
  } catch (error) {
    // Browsers start no worker from another origin, but one that imports its code from there.
    if (!(error instanceof DOMException && error.name === "SecurityError")) throw error;
    return spawnFromElsewhere(script);
  }
}

function spawnFromElsewhere(script: URL): Worker {
  const code = `import ${JSON.stringify(script.href)};`;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const worker = startWorker(url);
  // The first message is an answer of the loaded code.
  const revoke = (): void => {
    URL.revokeObjectURL(url);
  };
  worker.addEventListener("message", revoke, { once: true });
  return worker;
}

/** A page that demands trusted types must allow the policy "sunwi". */
function startWorker(url: string): Worker {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  policy ??= trustedTypes?.createPolicy("sunwi", { createScriptURL: (own) => own });
  return new Worker((policy?.createScriptURL(url) ?? url) as string, { type: "module", name: "sunwi" });
}

/** As https://w3c.github.io/trusted-types has it. */
interface TrustedTypes {
  createPolicy(name: string, rules: { readonly createScriptURL: (url: string) => string }): ScriptUrlPolicy;
}
interface ScriptUrlPolicy {
  createScriptURL(url: string): object;
}
let policy: ScriptUrlPolicy | undefined;

/** The model that comes with the package: not a folder any more once a bundler has been at it. */
export function packagedModel(): { readonly modelUrl: string; readonly modelFiles: Readonly<Record<string, string>> } {
  return {
    modelUrl: "package:sunwi-mini/",
    modelFiles: {
      "manifest.json": new URL("./models/mini/manifest.json", import.meta.url).href,
      "tokenizer.json": new URL("./models/mini/tokenizer.json", import.meta.url).href,
      "shared.bin": new URL("./models/mini/shared.bin", import.meta.url).href,
      "wasm.bin": new URL("./models/mini/wasm.bin", import.meta.url).href,
      "wasm.onnx": new URL("./models/mini/wasm.onnx", import.meta.url).href,
      "webgpu.bin": new URL("./models/mini/webgpu.bin", import.meta.url).href,
      "webgpu.onnx": new URL("./models/mini/webgpu.onnx", import.meta.url).href,
    },
  };
}

export function packagedRuntimes(): NonNullable<LoadRequest["runtimeFiles"]> {
  return {
    jspi: {
      module: new URL("./runtime/ort.jspi.min.mjs", import.meta.url).href,
      loader: new URL("./runtime/ort-wasm-simd-threaded.jspi.mjs", import.meta.url).href,
      wasm: new URL("./runtime/ort-wasm-simd-threaded.jspi.wasm", import.meta.url).href,
    },
    asyncify: {
      module: new URL("./runtime/ort.webgpu.min.mjs", import.meta.url).href,
      loader: new URL("./runtime/ort-wasm-simd-threaded.asyncify.mjs", import.meta.url).href,
      wasm: new URL("./runtime/ort-wasm-simd-threaded.asyncify.wasm", import.meta.url).href,
    },
    wasm: {
      module: new URL("./runtime/ort.wasm.min.mjs", import.meta.url).href,
      loader: new URL("./runtime/ort-wasm-simd-threaded.mjs", import.meta.url).href,
      wasm: new URL("./runtime/ort-wasm-simd-threaded.wasm", import.meta.url).href,
    },
  };
}
