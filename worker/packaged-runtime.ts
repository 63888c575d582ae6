/** ONNX Runtime as the npm package ships it: files beside the worker, whose URLs the page knows (see `package-files.ts`). */
import type * as Ort from "onnxruntime-web";
import { RerankError } from "../src/core/errors.ts";
import type { loadHubModel as LoadHubModel } from "./load-hub-model.ts";
import type { ImportRuntime } from "./runtime.ts";

export const importRuntime: ImportRuntime = async (name, files) => {
  const own = files?.[name];
  if (own === undefined) throw new RerankError("session-create", `The page did not say where runtime "${name}" lies.`);
  const { module, loader, wasm } = own;
  // Known at run time only, which is no bundler's business; `build-package.ts` checks that this still says so.
  const ort = (await import(
    /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ module
  )) as typeof Ort;
  return { ort, loader, wasm };
};

/** The package goes without transformers.js, which is larger than all else in it. */
export const loadHubModel: typeof LoadHubModel = ({ repository }) =>
  Promise.reject(
    new RerankError("model-invalid", `${repository} is no model package, and the npm package loads nothing else.`, {
      details: { problem: repository },
    }),
  );
