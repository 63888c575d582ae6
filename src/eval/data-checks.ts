/** What in a data set makes its numbers doubtful, whichever model is judged by it. */
import type { EvaluationDataset, Run } from "./types.ts";

/** One suspicion. Ids are of questions and documents. */
export type DataSuspicion =
  /** The same text under several ids: only some of them count as right. */
  | { readonly type: "duplicate-documents"; readonly documentIds: readonly string[] }
  /** The same question several times: it weighs more than others. */
  | { readonly type: "equal-questions"; readonly questionIds: readonly string[] }
  /** Most of the expected answer's words stand in none of the documents marked as right. */
  | { readonly type: "answer-not-in-document"; readonly questionId: string; readonly coverage: number }
  /** A candidate that is not marked as right says what a right one says. */
  | {
      readonly type: "likely-unlabelled";
      readonly questionId: string;
      readonly documentId: string;
      readonly coverage: number;
    };

/** Below this share of its terms an answer does not stand in a document. */
const LEAST_COVERAGE = 0.4;
/** From this share of terms on, two texts say the same. */
const SAME_TEXT = 0.85;
const FEWEST_TERMS = 8;
/** Candidates looked at for each question. */
const LOOKED_AT = 10;

export interface DataCheckInput {
  readonly dataset: EvaluationDataset;
  /** The first stage's rankings. */
  readonly run: Run;
  /** Splits text into the terms that are compared. */
  readonly tokenize: (text: string) => readonly string[];
}

/** All suspicions, by type in the order above. Time grows with the documents and with questions × 10 candidates. */
export function checkData({ dataset, run, tokenize }: DataCheckInput): readonly DataSuspicion[] {
  const texts = new Map(dataset.documents.map(({ id, text }) => [id, text]));
  const known = new Map<string, ReadonlySet<string>>();
  const termsOf = (documentId: string): ReadonlySet<string> => {
    const terms = known.get(documentId) ?? new Set(tokenize(texts.get(documentId) ?? ""));
    known.set(documentId, terms);
    return terms;
  };
  return [
    ...groupsOfEqual(dataset.documents).map((documentIds) => ({ type: "duplicate-documents", documentIds }) as const),
    ...groupsOfEqual(dataset.questions).map((questionIds) => ({ type: "equal-questions", questionIds }) as const),
    ...missingAnswers(dataset, tokenize, termsOf),
    ...unlabelledAnswers(dataset, run, termsOf),
  ];
}

/** Ids of texts that are equal but for blanks, punctuation and case; groups of two or more. */
function groupsOfEqual(
  texts: readonly { readonly id: string; readonly text: string }[],
): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const { id, text } of texts) {
    const letters = text
      .normalize("NFKC")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, "");
    if (letters !== "") groups.set(letters, [...(groups.get(letters) ?? []), id]);
  }
  return [...groups.values()].filter((ids) => ids.length > 1);
}

function* missingAnswers(
  { questions, qrels }: EvaluationDataset,
  tokenize: (text: string) => readonly string[],
  termsOf: (documentId: string) => ReadonlySet<string>,
): Iterable<DataSuspicion> {
  for (const { id, answer } of questions) {
    const terms = new Set(tokenize(answer));
    if (terms.size === 0) continue;
    const covered = rightDocuments(qrels.get(id)).map((documentId) => coverage(terms, termsOf(documentId)));
    const best = Math.max(0, ...covered);
    if (best < LEAST_COVERAGE) yield { type: "answer-not-in-document", questionId: id, coverage: best };
  }
}

function* unlabelledAnswers(
  { questions, qrels }: EvaluationDataset,
  run: Run,
  termsOf: (documentId: string) => ReadonlySet<string>,
): Iterable<DataSuspicion> {
  for (const { id } of questions) {
    const judged = qrels.get(id);
    const right = rightDocuments(judged);
    for (const documentId of (run.get(id) ?? []).slice(0, LOOKED_AT)) {
      if ((judged?.get(documentId) ?? 0) > 0) continue;
      const same = right.map((other) => likeness(termsOf(documentId), termsOf(other)));
      const most = Math.max(0, ...same);
      if (most >= SAME_TEXT) yield { type: "likely-unlabelled", questionId: id, documentId, coverage: most };
    }
  }
}

function rightDocuments(judged: ReadonlyMap<string, number> | undefined): readonly string[] {
  return [...(judged ?? [])].flatMap(([documentId, grade]) => (grade > 0 ? [documentId] : []));
}

/** Share of `terms` that `document` holds, 0 to 1. */
function coverage(terms: ReadonlySet<string>, document: ReadonlySet<string>): number {
  let shared = 0;
  for (const term of terms) if (document.has(term)) shared += 1;
  return terms.size === 0 ? 0 : shared / terms.size;
}

/** Share of the smaller set that the larger one holds; 0 for texts so short that they are alike by chance. */
function likeness(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const [smaller, larger] = one.size <= other.size ? [one, other] : [other, one];
  return smaller.size < FEWEST_TERMS ? 0 : coverage(smaller, larger);
}
