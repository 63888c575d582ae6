/** For the AI SDK (https://ai-sdk.dev). Tested with `ai` 6.0.326; its versions 6 and 7 both take this interface. */
import type { RerankingModel } from "ai";
import {
  checkedList,
  checkedText,
  rankTexts,
  type DocumentReranker,
  type ReadingOptions,
} from "./document-reranker.ts";

/** `RerankingModelV3` of `@ai-sdk/provider`, by way of the package that its users have installed themselves. */
export type RerankingModelV3 = Extract<RerankingModel, { readonly specificationVersion: "v3" }>;
type RerankCall = Parameters<RerankingModelV3["doRerank"]>[0];
type RerankAnswer = Awaited<ReturnType<RerankingModelV3["doRerank"]>>;

export interface RerankingModelOptions extends Pick<ReadingOptions, "maxTokensPerDoc"> {
  /** The field of object documents that holds their text. @default the whole object as JSON, with a warning */
  readonly textField?: string;
  /**
   * `order` where the documents come in the order of a search that has ranked them: a small model's logits are then
   * blended with it. The ranking can then differ from that by `score`.
   * @default "none"
   */
  readonly blend?: Exclude<ReadingOptions["blend"], "scores">;
  /** The name until the loaded model has told its own. @default "sunwi" */
  readonly modelId?: string;
}

/**
 * A model for the AI SDK's `rerank()`. `score` is the sigmoid of the logit; the logits themselves, and which documents
 * were not read to their end, are in `providerMetadata.sunwi`, both in the order of the ranking. An aborted call rejects
 * with the signal's own reason, as the SDK's other providers do.
 * @example
 * ```ts
 * import { rerank } from "ai";
 *
 * const { rerankedDocuments } = await rerank({
 *   model: createRerankingModel(await loadReranker()),
 *   query: "환불은 며칠 안에 되나요?",
 *   documents: ["배송은 이틀 걸립니다.", "환불은 7일 안에 됩니다."],
 *   topN: 1,
 * });
 * ```
 */
export function createRerankingModel(
  reranker: DocumentReranker,
  { textField, blend, maxTokensPerDoc, modelId = "sunwi" }: RerankingModelOptions = {},
): RerankingModelV3 {
  return {
    specificationVersion: "v3",
    provider: "sunwi",
    modelId,
    doRerank: async (call): Promise<RerankAnswer> => {
      const { query, topN, abortSignal: signal } = call;
      const timestamp = new Date();
      try {
        const documents = textsOf(call, textField).map((text) => ({ text }));
        const ranked = await rankTexts(reranker, query, documents, { topN, signal, blend, maxTokensPerDoc });
        return {
          ranking: ranked.map(({ index, relevanceScore }) => ({ index, relevanceScore })),
          providerMetadata: {
            sunwi: {
              logits: ranked.map(({ logit }) => logit),
              truncated: ranked.map(({ truncated }) => truncated),
            },
          },
          warnings: warningsOf(call, textField),
          response: { timestamp, modelId: reranker.model?.id ?? modelId },
        };
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      }
    },
  };
}

function textsOf({ documents }: RerankCall, textField: string | undefined): readonly string[] {
  const values = checkedList<unknown>(documents.values, "documents");
  return values.map((value, at) => {
    const name = `document ${String(at)}`;
    if (documents.type === "text") return checkedText(value, name);
    if (textField === undefined) return checkedText(JSON.stringify(value), name);
    const field = (value as Readonly<Record<string, unknown>> | null)?.[textField];
    return checkedText(field, `the field "${textField}" of ${name}`);
  });
}

function warningsOf({ documents, headers, providerOptions }: RerankCall, textField: string | undefined): Warnings {
  const warnings: Warnings = [];
  if (documents.type === "object" && textField === undefined) {
    const details = "Objects are read as JSON; name the field that holds their text in textField.";
    warnings.push({ type: "compatibility", feature: "object documents", details });
  }
  if (headers !== undefined) {
    warnings.push({
      type: "unsupported",
      feature: "headers",
      details: "The model runs in the page: no request is made.",
    });
  }
  if (providerOptions?.["sunwi"] !== undefined) {
    const details = "Pass options to createRerankingModel.";
    warnings.push({ type: "unsupported", feature: "providerOptions.sunwi", details });
  }
  return warnings;
}

type Warnings = NonNullable<RerankAnswer["warnings"]>;
