import { tokenizeKorean } from "../../retrieval/korean-tokenizer.ts";

export interface MatchingSentence {
  readonly before: string;
  readonly match: string;
  readonly after: string;
}

const LONGEST_CONTEXT = 120;

/**
 * The sentence of a document that shares most terms with a query, with some of what stands around it. It shows where the
 * words are, not what the model read: a cross-encoder gives no reasons.
 */
export function matchingSentence(document: string, query: string): MatchingSentence {
  const terms = new Set(tokenizeKorean(query));
  const sentences = document.match(/[^.!?。\n]+[.!?。]*\s*/gu) ?? [document];
  let best = 0;
  let most = -1;
  for (const [at, sentence] of sentences.entries()) {
    const own = new Set(tokenizeKorean(sentence));
    const shared = [...terms].filter((term) => own.has(term)).length;
    if (shared > most) [best, most] = [at, shared];
  }
  const before = sentences.slice(0, best).join("");
  const after = sentences.slice(best + 1).join("");
  return {
    before: before.length <= LONGEST_CONTEXT ? before : `…${before.slice(-LONGEST_CONTEXT)}`,
    match: sentences[best] ?? "",
    after: after.length <= LONGEST_CONTEXT ? after : `${after.slice(0, LONGEST_CONTEXT)}…`,
  };
}
