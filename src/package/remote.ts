/** `import { remoteReranker } from "sunwi/remote"`. Importing does nothing, on a server neither. */
import { RemoteReranker, type RemoteRerankerOptions } from "../remote/remote-reranker.ts";

export { RerankError, type RerankErrorCode } from "../core/errors.ts";
export type { RankedDocument, RerankDocument, RerankOptions } from "../core/types.ts";
export type { RemoteKind, ScoreScale } from "../remote/services.ts";
export { RemoteReranker, type RemoteRerankerOptions };

/**
 * A reranker behind an HTTP API, with the interface of those that run in the page.
 * @example
 * ```ts
 * import { remoteReranker } from "sunwi/remote";
 *
 * const reranker = remoteReranker({ kind: "tei", url: "http://localhost:8080" });
 * const ranked = await reranker.rerank("환불은 며칠 안에 되나요?", [
 *   { text: "배송은 이틀 걸립니다." },
 *   { text: "환불은 7일 안에 됩니다." },
 * ]);
 * ```
 * @throws RerankError `invalid-input`, `remote-insecure`
 */
export function remoteReranker(options: RemoteRerankerOptions): RemoteReranker {
  return new RemoteReranker(options);
}
