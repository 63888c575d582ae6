/** `import { rerank, loadReranker } from "sunwi"`. Importing does nothing, on a server neither. */
import { createLibrary } from "../library/library.ts";
import { packagedModel, packagedRuntimes } from "./package-files.ts";

export { rerankInCascade, type CascadeOptions, type CascadeStep } from "../core/cascade.ts";
export { RerankError, type RerankErrorCode } from "../core/errors.ts";
export type { Device, DeviceChoice, LoadedModel, LoadEvent } from "../core/protocol.ts";
export type { RankedDocument, RerankDocument } from "../core/types.ts";
export type { RerankerState } from "../client/reranker-state.ts";
export type { RerankRequest, RerankResponse, RerankResult } from "../library/cohere.ts";
export type { LoadedReranker, LibraryRerankOptions as RerankOptions } from "../library/loaded-reranker.ts";
export type { LoadRerankerOptions } from "../library/load-options.ts";

const library = /* @__PURE__ */ createLibrary({
  defaultModel: packagedModel,
  runtimeFiles: packagedRuntimes,
});

/**
 * Loads a model, or joins those who have loaded it: one worker per page, model and device.
 * @throws RerankError
 */
export const loadReranker: typeof library.loadReranker = (options) => library.loadReranker(options);

/**
 * Reranks documents in one call, in the shape of Cohere's `POST /v2/rerank`; the model is loaded by the first.
 * @throws RerankError
 */
export const rerank: typeof library.rerank = (request) => library.rerank(request);
