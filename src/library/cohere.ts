/** The shape of Cohere's `POST /v2/rerank`: https://docs.cohere.com/reference/rerank */
import { RerankError } from "../core/errors.ts";
import type { DeviceChoice, LoadedModel } from "../core/protocol.ts";
import type { RankedDocument, RerankDocument } from "../core/types.ts";
import type { LoadRerankerOptions } from "./load-options.ts";
import type { LibraryRerankOptions } from "./loaded-reranker.ts";

/** Cohere's names, and each of them in camel case. */
export interface RerankRequest {
  readonly query: string;
  readonly documents: readonly (string | RerankDocument)[];
  /** URL of a model package's folder. @default the model that comes with the package */
  readonly model?: string;
  /** @default all */
  readonly top_n?: number;
  readonly topN?: number;
  /** Whether results hold their documents. @default false, as in Cohere's v2 */
  readonly return_documents?: boolean;
  readonly returnDocuments?: boolean;
  /** @default as many as the model reads */
  readonly max_tokens_per_doc?: number;
  readonly maxTokensPerDoc?: number;
  readonly signal?: AbortSignal;
  /** @default "auto" */
  readonly device?: DeviceChoice;
  /** See `LibraryRerankOptions`. */
  readonly blend?: LibraryRerankOptions["blend"];
}

export interface RerankResult {
  /** Position in `documents`, from 0. */
  readonly index: number;
  /** Sigmoid of the logit, 0 to 1. */
  readonly relevance_score: number;
  /** What the order goes by: the logit, or the logit blended with a first stage; see `blend`. */
  readonly order_score: number;
  /** The model's raw output, which is what tells documents apart where `relevance_score` saturates. */
  readonly logit: number;
  /** True where the end of the query or document was not read. */
  readonly truncated: boolean;
  /** Where it was asked for. */
  readonly document?: RerankDocument;
}

export interface RerankResponse {
  /** Of this call. */
  readonly id: string;
  /** Best first. */
  readonly results: readonly RerankResult[];
  readonly meta: {
    readonly api_version: { readonly version: "2" };
    readonly model: string;
    readonly device: string;
    readonly variant: string;
    /** Milliseconds of the reranking, without loading. */
    readonly elapsed_ms: number;
  };
}

interface ReadRequest {
  readonly query: string;
  readonly documents: readonly RerankDocument[];
  readonly load: LoadRerankerOptions;
  readonly options: LibraryRerankOptions;
  readonly returnDocuments: boolean;
}

/** @throws RerankError `invalid-input` for documents or a query of another kind */
export function readCohereRequest(request: RerankRequest): ReadRequest {
  const { query, documents, model, signal, device, blend } = request;
  // Whoever writes JavaScript may pass anything.
  if (typeof (query as unknown) !== "string" || !Array.isArray(documents)) {
    const problem = "query must be a string and documents an array";
    throw new RerankError("invalid-input", `Nothing was reranked: ${problem}.`, { details: { problem } });
  }
  return {
    query,
    documents: documents.map((document: string | RerankDocument) =>
      typeof document === "string" ? { text: document } : document,
    ),
    load: { ...(model !== undefined && { model }), ...(device && { device }), ...(signal && { signal }) },
    options: { ...limitsOf(request), ...(signal && { signal }), ...(blend && { blend }) },
    returnDocuments: request.return_documents ?? request.returnDocuments ?? false,
  };
}

function limitsOf(request: RerankRequest): Pick<LibraryRerankOptions, "topN" | "maxTokensPerDoc"> {
  const topN = request.top_n ?? request.topN;
  const maxTokensPerDoc = request.max_tokens_per_doc ?? request.maxTokensPerDoc;
  return { ...(topN !== undefined && { topN }), ...(maxTokensPerDoc !== undefined && { maxTokensPerDoc }) };
}

export function cohereResponse(
  ranked: readonly RankedDocument[],
  {
    documents,
    returnDocuments,
    model,
    ms,
  }: {
    readonly documents: readonly RerankDocument[];
    readonly returnDocuments: boolean;
    readonly model: LoadedModel;
    readonly ms: number;
  },
): RerankResponse {
  return {
    id: Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16).padStart(8, "0")).join(""),
    results: ranked.map(({ index, relevanceScore, orderScore, logit, truncated }) => {
      const document = returnDocuments ? documents[index] : undefined;
      return {
        index,
        relevance_score: relevanceScore,
        order_score: orderScore,
        logit,
        truncated,
        ...(document && { document }),
      };
    }),
    meta: {
      api_version: { version: "2" },
      model: model.id,
      device: model.device,
      variant: model.variant,
      elapsed_ms: ms,
    },
  };
}
