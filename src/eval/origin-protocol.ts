/**
 * The evaluation of the origin project (ko-reranker) by its own rules: small chunks are found and reranked, the large
 * ones they were cut from are the contexts, and a context is right where a relevant document stands in it word by word.
 */
import { RerankError } from "../core/errors.ts";
import { orderByScore, sigmoid } from "../core/ranking.ts";
import { compareSystems, type Difference, type System } from "./compare.ts";
import { mean, meanMetrics, metric } from "./metrics.ts";
import { splitRecursively, stripped, type SplitSettings } from "./recursive-splitter.ts";
import type { Resampling } from "./significance.ts";
import type { EvaluationDataset, Qrels, Run } from "./types.ts";

/** The origin's: its chunks often begin with the full stop that ended the sentence before. */
const SEPARATORS = ["\n\n", "\n", ".", " ", ""];
const PARENT: SplitSettings = { size: 4096, overlap: 0, separators: SEPARATORS };
const CHILD: SplitSettings = { size: 1024, overlap: 256, separators: SEPARATORS };
const PIECE: SplitSettings = { size: 512, overlap: 0, separators: SEPARATORS };
const MOST_TOKENS = 300;

/** Children that a first stage finds for a reranker. */
export const ORIGIN_POOL = 9;
/** Children that are left after reranking, and that are found where there is none. */
const KEPT = 6;

/** What a language model would be given. */
interface OriginParent {
  readonly documentId: string;
  /** Up to 4,096 characters. */
  readonly text: string;
}

/** What is searched and reranked. */
interface OriginChild {
  /** Position in `parents`. */
  readonly parent: number;
  /** Up to 1,024 characters. */
  readonly text: string;
}

export interface OriginIndex {
  readonly parents: readonly OriginParent[];
  readonly children: readonly OriginChild[];
}

/**
 * Cuts documents into parents of 4,096 characters, and each parent into children of 1,024 that overlap by up to 256. A
 * document of up to 1,024 characters is its own parent and its own child; one of white space only has none.
 */
export function originIndex(documents: EvaluationDataset["documents"]): OriginIndex {
  const parents = documents.flatMap(({ id, text }) =>
    splitRecursively(text, PARENT).map((part) => ({ documentId: id, text: part })),
  );
  const children = parents.flatMap(({ text }, parent) =>
    splitRecursively(text, CHILD).map((part) => ({ parent, text: part })),
  );
  return { parents, children };
}

/** UTF-8 bytes / 3, rounded up: about one token for a Hangul syllable, and one for three Latin letters. */
export function estimatedTokens(text: string): number {
  return Math.ceil(new TextEncoder().encode(text).length / 3);
}

/** What a model reads of a child at a time. */
export interface OriginPiece {
  readonly text: string;
  /** Estimated, without the query; 1 or more. What `childScore` weighs by. */
  readonly tokens: number;
}

/**
 * The whole child; where it has more than 300 tokens together with the query, its pieces of up to 512 characters.
 *
 * Tokens are `estimatedTokens`: which tokenizer the origin counted with is not known. Any of those it may have been puts
 * Korean of more than 512 characters above 300 tokens, and a text of up to 512 is one piece either way; only for other
 * languages may the estimate decide otherwise than the origin did.
 */
export function piecesOf(query: string, child: string): readonly OriginPiece[] {
  const texts = estimatedTokens(query + child) > MOST_TOKENS ? splitRecursively(child, PIECE) : [child];
  return texts.map((text) => ({ text, tokens: estimatedTokens(text) }));
}

/**
 * The mean of the pieces' sigmoids, each weighed by its tokens; in [0, 1].
 * @param pieceLogits one per piece, 1 or more
 * @param pieceTokens one per piece, 1 or more each
 * @throws RerankError `inference` where counts differ, there is no piece, or a logit is not finite
 */
export function childScore(pieceLogits: ArrayLike<number>, pieceTokens: ArrayLike<number>): number {
  const logits = Array.from(pieceLogits);
  if (logits.length === 0 || logits.length !== pieceTokens.length || !logits.every(Number.isFinite)) {
    throw new RerankError(
      "inference",
      `Got the scores [${logits.join(", ")}] for ${String(pieceTokens.length)} pieces; each needs one that is finite.`,
    );
  }
  let sum = 0;
  let tokens = 0;
  for (const [at, logit] of logits.entries()) {
    sum += sigmoid(logit) * (pieceTokens[at] ?? 0);
    tokens += pieceTokens[at] ?? 0;
  }
  return sum / tokens;
}

/**
 * Whether a relevant document's text, without white space around it, stands in a context word by word. A document that
 * is longer than a parent never does.
 * @param golds texts of the relevant documents
 */
export function isRight(context: string, golds: readonly string[]): boolean {
  return golds.map(stripped).some((gold) => gold !== "" && context.includes(gold));
}

/** Contexts of one question, best first: positions of parents, none twice. */
export interface OriginContexts {
  /** Of the first six children: the origin's row without a reranker. */
  readonly six: readonly number[];
  /** Of the first nine, which is all that a reranker may choose from. The origin's table lacks this row. */
  readonly nine: readonly number[];
  /** By model: of the six of these nine that it scores highest. */
  readonly reranked: ReadonlyMap<string, readonly number[]>;
}

/**
 * @param children positions in `index.children`, best first; the first nine count
 * @param scores by model: a `childScore` for each of these nine, or for each where there are fewer. Children with equal
 * scores stay in the first stage's order
 * @throws RerankError `inference` where a model's scores are too few, too many or not finite; `invalid-input` for a
 * child that the index lacks
 */
export function rankOrigin(
  index: OriginIndex,
  children: readonly number[],
  scores: ReadonlyMap<string, readonly number[]>,
): OriginContexts {
  const pool = children.slice(0, ORIGIN_POOL);
  const parents = pool.map((position) => {
    const child = index.children[position];
    if (child === undefined) throw new RerankError("invalid-input", `The index has no child ${String(position)}.`);
    return child.parent;
  });
  // A set keeps the order in which its members came, so that a parent stands where its best child does.
  const reranked = Array.from(scores, ([model, own]) => {
    if (own.length !== pool.length) {
      throw new RerankError("inference", `Got ${String(own.length)} scores for ${String(pool.length)} children.`);
    }
    const kept = orderByScore(own).slice(0, KEPT);
    return [model, [...new Set(kept.flatMap((at) => parents[at] ?? []))]] as const;
  });
  return {
    six: [...new Set(parents.slice(0, KEPT))],
    nine: [...new Set(parents)],
    reranked: new Map(reranked),
  };
}

export interface OriginInput {
  readonly dataset: Pick<EvaluationDataset, "questions" | "documents" | "qrels">;
  /** Of the dataset's documents. */
  readonly index: OriginIndex;
  /** By question id: positions of children, best first, see `rankOrigin`. A question without is a miss in every row. */
  readonly firstStage: ReadonlyMap<string, readonly number[]>;
  /**
   * By model, then by question id: scores of its first nine children. A question that the model has not scored keeps
   * the first stage's order.
   */
  readonly scores: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;
  /** @default as many draws as are quick */
  readonly resampling?: Resampling;
}

/** Means over all questions. */
export interface OriginRow {
  /** "six", "nine", or "reranked" and the model's key. */
  readonly key: string;
  /** See `OriginContexts`. */
  readonly kind: "six" | "nine" | "reranked";
  /** Of a reranked row. */
  readonly model?: string;
  /** Share of questions with a right context, 0 to 1. */
  readonly rightContext: number;
  /** 1 / rank of the first right context, counting contexts, not children; 0 where there is none. No cut. */
  readonly mrr: number;
  /** Contexts per question, 0 to 9. */
  readonly contexts: number;
  /** Of a reranked row: its MRR against that of the six, corrected over all models. */
  readonly againstSix?: Difference;
  /** Of a reranked row: its MRR against that of the nine, corrected over all models. */
  readonly againstNine?: Difference;
}

export interface OriginJudgement {
  /** "six", "nine", then the models in the order of their scores. */
  readonly rows: readonly OriginRow[];
  readonly questions: number;
  /** Questions whose relevant documents no parent holds whole, as they are too long: misses in every row. */
  readonly unmatchable: number;
}

interface OriginSystem extends System, Pick<OriginRow, "kind" | "model"> {}

type Rankings = ReadonlyMap<string, OriginContexts>;

// No list is longer than the pool, so that this cut cuts nothing.
const MRR = metric("MRR", ORIGIN_POOL);
const HIT = metric("Hit", ORIGIN_POOL);

/**
 * The rows of the origin's table, and the nine, on any dataset. Differences and their p values are `compareSystems`'.
 * @throws RerankError as `rankOrigin`
 */
export function judgeOrigin(input: OriginInput): OriginJudgement {
  const { dataset, scores, resampling } = input;
  const rankings = new Map(dataset.questions.map(({ id }) => [id, rankQuestion(input, id)]));
  const { qrels, unmatchable } = judgedContexts(input, rankings);
  const [six, nine, ...reranked] = systemsOf(rankings, [...scores.keys()]);
  // The six are not compared with the nine: of two lists that begin alike, the longer can't have the lower MRR.
  const [fromSix = [], fromNine = []] = [six, nine].map(
    (baseline) => compareSystems(qrels, [baseline, ...reranked], MRR, resampling).againstFirst,
  );
  const rows = [six, nine, ...reranked].map(({ key, kind, model, run }): OriginRow => {
    const { [HIT.name]: rightContext = 0, [MRR.name]: mrr = 0 } = meanMetrics(qrels, run, [HIT, MRR]);
    const contexts = mean(Array.from(run.values(), ({ length }) => length));
    const [againstSix, againstNine] = [fromSix, fromNine].map((family) => family.find((each) => each.key === key));
    return {
      ...{ key, kind, rightContext, mrr, contexts },
      ...(model !== undefined && { model }),
      ...(againstSix && { againstSix }),
      ...(againstNine && { againstNine }),
    };
  });
  return { rows, questions: rankings.size, unmatchable };
}

function rankQuestion({ index, firstStage, scores }: OriginInput, id: string): OriginContexts {
  const own = new Map<string, readonly number[]>();
  for (const [model, byQuestion] of scores) {
    const scored = byQuestion.get(id);
    if (scored !== undefined) own.set(model, scored);
  }
  return rankOrigin(index, firstStage.get(id) ?? [], own);
}

function systemsOf(
  rankings: Rankings,
  models: readonly string[],
): readonly [OriginSystem, OriginSystem, ...OriginSystem[]] {
  const runOf = (contexts: (ranking: OriginContexts) => readonly number[]): Run =>
    new Map(Array.from(rankings, ([id, ranking]) => [id, contexts(ranking).map(String)]));
  return [
    { key: "six", kind: "six", run: runOf(({ six }) => six) },
    { key: "nine", kind: "nine", run: runOf(({ nine }) => nine) },
    ...models.map((model): OriginSystem => {
      const run = runOf(({ six, reranked }) => reranked.get(model) ?? six);
      return { key: `reranked ${model}`, kind: "reranked", model, run };
    }),
  ];
}

/** Judges only the contexts that some row shows: all parents times all questions would be far too many. */
function judgedContexts(
  { dataset, index }: OriginInput,
  rankings: Rankings,
): { readonly qrels: Qrels; readonly unmatchable: number } {
  const texts = new Map(dataset.documents.map(({ id, text }) => [id, text]));
  const parentsOf = new Map<string, string[]>();
  for (const { documentId, text } of index.parents) {
    const own = parentsOf.get(documentId);
    if (own === undefined) parentsOf.set(documentId, [text]);
    else own.push(text);
  }
  const qrels = new Map<string, ReadonlyMap<string, number>>();
  let unmatchable = 0;
  for (const [id, { nine }] of rankings) {
    const relevant = Array.from(dataset.qrels.get(id) ?? []).flatMap(([document, grade]) =>
      grade > 0 ? document : [],
    );
    const golds = relevant.map((document) => texts.get(document) ?? "");
    const right = nine.filter((at) => isRight(index.parents[at]?.text ?? "", golds));
    qrels.set(id, new Map(right.map((at) => [String(at), 1])));
    const own = relevant.flatMap((document) => parentsOf.get(document) ?? []);
    if (right.length === 0 && !own.some((parent) => isRight(parent, golds))) unmatchable += 1;
  }
  return { qrels, unmatchable };
}

/** A row of the origin's table. */
interface OriginClaim extends Pick<OriginRow, "model" | "rightContext" | "mrr"> {
  readonly kind: "six" | "reranked";
}

/** Counted from the printed output of one of the origin's notebooks. */
interface OriginTally {
  /** Its name for the fine-tuned model. */
  readonly model: string;
  /** Questions with the first right context at rank 1, 2, and so on; the rest have none. */
  readonly ranks: readonly number[];
  readonly rightContext: number;
  readonly mrr: number;
}

/**
 * What the origin says of itself, on 135 questions and an index of its own whose documents are not all known. With so
 * few questions a share of 0.95 is sure to ± 0.037 (95 %), and no two shares of its table differ by as much.
 */
export const ORIGIN_CLAIMS: {
  readonly questions: number;
  /** Its README's table, to two digits. Neither the row without a reranker nor the base model's was counted again. */
  readonly claimed: readonly OriginClaim[];
  /** What two stored runs of the fine-tuned model show: less than the table claims. */
  readonly tallied: readonly OriginTally[];
} = {
  questions: 135,
  claimed: [
    { kind: "six", rightContext: 0.93, mrr: 0.8 },
    { kind: "reranked", model: "bge-reranker-large", rightContext: 0.95, mrr: 0.84 },
    { kind: "reranked", model: "ko-reranker", rightContext: 0.96, mrr: 0.87 },
  ],
  tallied: [
    { model: "g3_b1_gas32", ranks: [103, 12, 9, 2, 2], rightContext: 128 / 135, mrr: 0.8363 },
    { model: "g3_b2_gas5", ranks: [103, 13, 8, 3, 1], rightContext: 128 / 135, mrr: 0.8379 },
  ],
};
