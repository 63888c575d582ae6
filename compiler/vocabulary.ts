/** Leaves out of a vocabulary what Korean and English text cannot reach. */
import { RerankError } from "../src/core/errors.ts";
import type { ModelInput } from "../src/model/manifest.ts";
import { isKoreanOrEnglish } from "./kept-characters.ts";
import { isUnigram, isWordPiece, tokenIds, type TokenizerJson, type UnigramModel } from "./tokenizer-json.ts";

/** `ko-en` keeps each piece made of Korean and English characters only, so that such text is cut as before. */
export type VocabularyChoice = "all" | "ko-en";

export interface TrimmedVocabulary {
  readonly tokenizer: TokenizerJson;
  /** Old ids of the rows that stay, ascending; a row's place is its new id. */
  readonly keptIds: Int32Array;
  /** The same model input under the new ids. */
  readonly input: ModelInput;
}

/**
 * @param rows of the embedding table; pieces beyond it do not exist for the model
 * @throws RerankError `invalid-input` where `ko-en` is asked of a tokenizer that is neither Unigram nor WordPiece
 */
export function trimVocabulary(
  choice: VocabularyChoice,
  tokenizer: TokenizerJson,
  input: ModelInput,
  rows: number,
): TrimmedVocabulary {
  if (choice === "all") return { tokenizer, input, keptIds: Int32Array.from({ length: rows }, (_, id) => id) };
  const kept = keptIdsOf(tokenizer, input).filter((id) => id < rows);
  const newIds = new Map(kept.map((id, index) => [id, index]));
  const renumber = (id: number): number => {
    const newId = newIds.get(id);
    if (newId === undefined) throw new RangeError(`token ${String(id)} was to stay`);
    return newId;
  };
  return {
    tokenizer: renumberTokenizer(tokenizer, newIds),
    keptIds: Int32Array.from(kept),
    input: {
      ...input,
      clsTokenId: renumber(input.clsTokenId),
      sepTokenId: renumber(input.sepTokenId),
      padTokenId: renumber(input.padTokenId),
    },
  };
}

/** Ascending. */
function keptIdsOf(tokenizer: TokenizerJson, input: ModelInput): number[] {
  const { model, added_tokens } = tokenizer;
  if (!isUnigram(model) && !isWordPiece(model)) {
    throw new RerankError(
      "invalid-input",
      `A vocabulary of the kind ${model.type} cannot be trimmed without cutting text in other ways. ` +
        "Compile with --vocabulary all.",
    );
  }
  const kept = new Set([input.clsTokenId, input.sepTokenId, input.padTokenId, ...added_tokens.map(({ id }) => id)]);
  for (const [token, id] of tokenIds(tokenizer)) if (isKoreanOrEnglish(token)) kept.add(id);
  const unknown = isUnigram(model) ? model.unk_id : tokenIds(tokenizer).get(String(model["unk_token"]));
  if (typeof unknown === "number") kept.add(unknown);
  const least = isUnigram(model) ? leastProbable(model) : undefined;
  if (least !== undefined) kept.add(least);
  return [...kept].sort((a, b) => a - b);
}

/**
 * An unknown character costs a fixed amount more than the vocabulary's least probable piece. That piece stays, for a
 * text with an unknown character could else be cut in another way.
 */
function leastProbable({ vocab }: UnigramModel): number | undefined {
  let least: number | undefined;
  vocab.forEach(([, score], id) => {
    if (least === undefined || score < (vocab[least]?.[1] ?? 0)) least = id;
  });
  return least;
}

function renumberTokenizer(
  { added_tokens, model, post_processor, ...rest }: TokenizerJson,
  newIds: ReadonlyMap<number, number>,
): TokenizerJson {
  return {
    ...rest,
    added_tokens: added_tokens.flatMap((token) => {
      const id = newIds.get(token.id);
      return id === undefined ? [] : [{ ...token, id }];
    }),
    // Special tokens are added by the pair encoding; the processor would add them by their old ids.
    post_processor: post_processor === undefined || post_processor === null ? post_processor : null,
    model: renumberModel(model, newIds),
  };
}

function renumberModel(model: TokenizerJson["model"], newIds: ReadonlyMap<number, number>): TokenizerJson["model"] {
  if (isUnigram(model)) {
    const unknown = newIds.get(model.unk_id ?? -1);
    return {
      ...model,
      ...(unknown !== undefined && { unk_id: unknown }),
      vocab: model.vocab.filter((_, id) => newIds.has(id)),
    };
  }
  if (!isWordPiece(model)) return model;
  const vocab = Object.entries(model.vocab).flatMap(([piece, id]) => {
    const newId = newIds.get(id);
    return newId === undefined ? [] : [[piece, newId] as const];
  });
  return { ...model, vocab: Object.fromEntries(vocab) };
}
