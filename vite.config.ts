import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { defaultClientConditions, type Plugin } from "vite";
import { defineConfig } from "vitest/config";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as { version: string };

/** Without these, browsers withhold SharedArrayBuffer and WASM runs on one thread. */
const isolationHeaders = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** transformers.js takes the ONNX Runtime that the worker has started, and so must not bring its own. */
const oneRuntime = (): Plugin => ({
  name: "one-runtime",
  enforce: "pre",
  resolveId: (id, importer) =>
    id === "onnxruntime-web/webgpu" && importer?.includes("@huggingface/transformers") === true
      ? "\0no-runtime"
      : undefined,
  load: (id) => (id === "\0no-runtime" ? "export {};" : undefined),
});

/** A service worker must be one file, of an unchanging name, above all that it is to see. */
const serviceWorker = (): Plugin => {
  const input = fileURLToPath(new URL("./worker/service-worker.ts", import.meta.url));
  const bundle = async (): Promise<string> => {
    const built = await rolldown({ input, tsconfig: false, platform: "browser" });
    const { output } = await built.generate({ format: "iife", minify: true });
    await built.close();
    return output[0].code;
  };
  return {
    name: "service-worker",
    configureServer({ middlewares }) {
      middlewares.use("/sw.js", (_, response) => {
        void bundle().then((code) => response.setHeader("Content-Type", "text/javascript").end(code));
      });
    },
    async generateBundle() {
      this.emitFile({ type: "asset", fileName: "sw.js", source: await bundle() });
    },
  };
};

export default defineConfig({
  // Relative, so that one build serves a domain's root and a sub-path alike.
  base: "./",
  define: { __SUNWI_VERSION__: JSON.stringify(version) },
  build: { target: "es2022", assetsInlineLimit: 0 },
  // ONNX Runtime's loader stays a file of its own: its threads start from it (see worker/session.ts).
  resolve: { conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions] },
  plugins: [oneRuntime(), serviceWorker()],
  worker: { format: "es", plugins: () => [oneRuntime()] },
  // Prebundled, it would come with its runtime.
  optimizeDeps: { exclude: ["@huggingface/transformers"] },
  server: { headers: isolationHeaders },
  preview: { headers: isolationHeaders, port: 4173 },
  test: { include: ["{src,worker,compiler}/**/*.test.ts"] },
});
