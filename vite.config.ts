import { readFileSync } from "node:fs";
import { defaultClientConditions } from "vite";
import { defineConfig } from "vitest/config";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as { version: string };

/** Without these, browsers withhold SharedArrayBuffer and WASM runs on one thread. */
const isolationHeaders = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  // Relative, so that one build serves a domain's root and a sub-path alike.
  base: "./",
  define: { __SUNWI_VERSION__: JSON.stringify(version) },
  build: { target: "es2022", assetsInlineLimit: 0 },
  // ONNX Runtime's loader stays a file of its own: its threads start from it (see worker/session.ts).
  resolve: { conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions] },
  worker: { format: "es" },
  server: { headers: isolationHeaders },
  preview: { headers: isolationHeaders, port: 4173 },
  test: { include: ["{src,worker,compiler}/**/*.test.ts"] },
});
