// The finer layers of the design; borders between threads are tsconfig's (see src/README.md).
const only = (name, from, allowed) => ({
  name,
  severity: "error",
  from: { path: from, pathNot: "\\.test\\.ts$" },
  to: { pathNot: [from, ...allowed, "node_modules", "\\?url$"], dependencyTypesNot: ["core"] },
});

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true, pathNot: "\\?url$" } },
    only("core-is-a-leaf", "^src/core/", []),
    only("model-sees-core", "^src/model/", ["^src/core/"]),
    only("retrieval-sees-core", "^src/retrieval/", ["^src/core/"]),
    only("eval-sees-core", "^src/eval/", ["^src/core/"]),
    only("dataset-sees-pure-code", "^src/dataset/", ["^src/(core|eval|retrieval)/"]),
    only("endpoint-sees-core", "^src/endpoint/", ["^src/core/"]),
    only("client-sees-core", "^src/client/", ["^src/core/"]),
    only("remote-sees-core", "^src/remote/", ["^src/core/"]),
    only("library-sees-client", "^src/library/", ["^src/(core|client|remote|retrieval)/"]),
    only("adapters-see-library", "^src/adapters/", ["^src/(core|library)/"]),
    only("widget-sees-library", "^src/widget/", ["^src/(core|client|library)/"]),
    only("package-sees-library", "^src/package/", ["^src/(core|client|library|remote|adapters|endpoint|widget)/"]),
    only("worker-sees-pure-code", "^worker/", ["^src/(core|model|retrieval|eval|dataset|endpoint)/"]),
    only("compiler-sees-core-and-model", "^compiler/", ["^src/(core|model)/"]),
    {
      name: "core-has-no-packages",
      severity: "error",
      from: { path: "^src/core/", pathNot: "\\.test\\.ts$" },
      to: { path: "node_modules" },
    },
    {
      name: "onnxruntime-in-one-place",
      severity: "error",
      from: {
        path: "^(src|worker)/",
        pathNot: "^worker/(session|runtime|packaged-runtime|transformers-encoder)\\.ts$",
      },
      to: { path: "onnxruntime" },
    },
    {
      name: "transformers-in-one-place",
      severity: "error",
      from: { path: "^(src|worker|compiler)/", pathNot: "^worker/transformers-encoder\\.ts$" },
      to: { path: "@huggingface/transformers" },
    },
    {
      name: "comlink-in-two-files",
      severity: "error",
      from: { path: "^(src|worker)/", pathNot: "^(worker/serve-api|src/client/worker-life)\\.ts$" },
      to: { path: "comlink" },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.base.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|e2e/sites/bundlers/[^/]+)/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
