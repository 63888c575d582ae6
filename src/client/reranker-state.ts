import type { RerankError } from "../core/errors.ts";
import type { LoadEvent, LoadedModel } from "../core/protocol.ts";

/** Where a reranker stands. A failed one tries again on the next call. */
export type RerankerState =
  | { readonly type: "idle" }
  | { readonly type: "loading"; readonly event?: LoadEvent }
  | { readonly type: "ready"; readonly model: LoadedModel }
  | { readonly type: "failed"; readonly error: RerankError }
  | { readonly type: "disposed" };
