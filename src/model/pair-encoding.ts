import type { ModelInput } from "./manifest.ts";

/** Turns text into token ids without special tokens. */
export interface TextTokenizer {
  encode(text: string): Int32Array;
}

/** One pair as the model reads it. */
export interface EncodedPair {
  /** [tokens], from `<s>` to the last `</s>`, without padding. */
  readonly inputIds: Int32Array;
  /** [tokens]; absent where the model has no token types. */
  readonly tokenTypeIds?: Int32Array;
  /** True where query or document lost tokens to the model's limits. */
  readonly truncated: boolean;
}

/**
 * Joins tokenized query and document: `<s> query </s> document </s>` (two separators in the middle for XLM-RoBERTa;
 * BERT calls these tokens `[CLS]` and `[SEP]`).
 * The query keeps its first `maxQueryTokens` tokens, the document what then fits into `maxTokens`.
 * @param maxDocumentTokens a further limit of the document's own. @default none
 */
export function encodePair(
  queryIds: Int32Array,
  documentIds: Int32Array,
  input: ModelInput,
  maxDocumentTokens = Number.POSITIVE_INFINITY,
): EncodedPair {
  const query = queryIds.subarray(0, input.maxQueryTokens);
  const room = Math.max(0, input.maxTokens - query.length - input.middleSeparators - 2);
  const document = documentIds.subarray(0, Math.min(room, maxDocumentTokens));
  const documentStart = 1 + query.length + input.middleSeparators;

  const inputIds = new Int32Array(documentStart + document.length + 1).fill(input.sepTokenId);
  inputIds[0] = input.clsTokenId;
  inputIds.set(query, 1);
  inputIds.set(document, documentStart);

  const truncated = query.length < queryIds.length || document.length < documentIds.length;
  if (input.tokenTypes === "none") return { inputIds, truncated };

  const tokenTypeIds = new Int32Array(inputIds.length);
  if (input.tokenTypes === "segments")
    return { inputIds, tokenTypeIds: tokenTypeIds.fill(1, documentStart), truncated };
  tokenTypeIds.set(matchMarks(query, document, 1), 1);
  tokenTypeIds.set(matchMarks(document, query, 3), documentStart);
  return { inputIds, tokenTypeIds, truncated };
}

/** [tokens]: `mark` for each token, `mark + 1` for those that `other` holds too. */
function matchMarks(tokens: Int32Array, other: Int32Array, mark: number): Int32Array {
  const others = new Set(other);
  return tokens.map((token) => (others.has(token) ? mark + 1 : mark));
}
