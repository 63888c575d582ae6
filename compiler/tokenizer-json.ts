/** The parts of a tokenizer.json that hold token ids: https://github.com/huggingface/tokenizers */
import * as v from "valibot";
import { RerankError } from "../src/core/errors.ts";

const tokenId = v.pipe(v.number(), v.integer(), v.minValue(0));

const unigramSchema = v.looseObject({
  type: v.literal("Unigram"),
  unk_id: v.optional(v.nullable(tokenId)),
  /** Piece and logarithm of its probability; its place is its id. */
  vocab: v.array(v.tuple([v.string(), v.number()])),
});
const wordPieceSchema = v.looseObject({
  type: v.literal("WordPiece"),
  vocab: v.record(v.string(), tokenId),
});
const otherSchema = v.looseObject({ type: v.string() });

const tokenizerSchema = v.looseObject({
  added_tokens: v.optional(v.array(v.looseObject({ id: tokenId, content: v.string() })), []),
  model: v.union([unigramSchema, wordPieceSchema, otherSchema]),
  post_processor: v.optional(v.unknown()),
});

export type UnigramModel = v.InferOutput<typeof unigramSchema>;
export type WordPieceModel = v.InferOutput<typeof wordPieceSchema>;
/** Of other kinds of models (BPE, WordLevel) only the type is looked at. */
export type TokenizerJson = v.InferOutput<typeof tokenizerSchema>;

/** @throws RerankError `model-invalid` */
export function parseTokenizerJson(json: object): TokenizerJson {
  const result = v.safeParse(tokenizerSchema, json);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const problem = `tokenizer.json does not fit: ${v.getDotPath(issue) ?? "the file"}: ${issue.message}.`;
  throw new RerankError("model-invalid", problem, { details: { problem } });
}

export function isUnigram(model: TokenizerJson["model"]): model is UnigramModel {
  return model.type === "Unigram";
}

export function isWordPiece(model: TokenizerJson["model"]): model is WordPieceModel {
  return model.type === "WordPiece";
}

/** Id of each token, added ones included; empty for kinds of models that are not looked into. */
export function tokenIds({ added_tokens, model }: TokenizerJson): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  if (isUnigram(model)) model.vocab.forEach(([piece], id) => ids.set(piece, id));
  if (isWordPiece(model)) for (const [piece, id] of Object.entries(model.vocab)) ids.set(piece, id);
  for (const { id, content } of added_tokens) ids.set(content, id);
  return ids;
}
