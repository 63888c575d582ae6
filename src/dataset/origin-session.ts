import { nextMacrotask } from "../core/macrotask.ts";
import type { CandidateRequest, QuestionTask, ReadingProgress } from "../eval/dataset-protocol.ts";
import {
  childScore,
  judgeOrigin,
  originIndex,
  ORIGIN_POOL,
  piecesOf,
  type OriginIndex,
  type OriginJudgement,
  type OriginPiece,
} from "../eval/origin-protocol.ts";
import type { Resampling } from "../eval/significance.ts";
import type { ScoresByQuestion } from "../eval/systems.ts";
import type { EvaluationDataset } from "../eval/types.ts";
import { indexTexts } from "./index-texts.ts";
import { pairKey } from "./pair-key.ts";
import type { Bm25FirstStage } from "../retrieval/first-stage.ts";

interface Searchable {
  readonly index: OriginIndex;
  readonly firstStage: Bm25FirstStage;
}

/**
 * One data set by the rules of `origin-protocol.ts`. Its first stage is ours over the children: the origin's (an
 * embedding model that is no longer served, fused with BM25) cannot be had.
 */
export class OriginSession {
  readonly #dataset: EvaluationDataset;
  readonly #scores = new Map<string, ScoresByQuestion>();
  readonly #children = new Map<string, readonly number[]>();
  #searchable: Promise<Searchable> | undefined;

  constructor(dataset: EvaluationDataset) {
    this.#dataset = dataset;
  }

  /** Questions with the pieces of their children, in the file's order; cuts and indexes the documents first. */
  async tasks(
    { from, to }: Pick<CandidateRequest, "from" | "to">,
    onProgress?: (progress: ReadingProgress) => void,
  ): Promise<readonly QuestionTask[]> {
    const searchable = await this.#prepared(onProgress);
    return this.#dataset.questions.slice(from, to).map((question) => {
      const start = performance.now();
      const children = this.#childrenOf(searchable, question);
      const searchMs = performance.now() - start;
      const pieces = piecesOfEach(question.text, children, searchable.index).flat();
      const documents = pieces.map(({ text }) => text);
      const pairKeys = documents.map((document) => pairKey(question.text, document));
      return {
        questionId: question.id,
        query: question.text,
        documentIds: documents.map((_, at) => `${question.id}.${String(at)}`),
        documents,
        scores: [],
        pairKeys,
        searchMs,
      };
    });
  }

  putScores(model: string, scores: ScoresByQuestion): void {
    this.#scores.set(model, scores);
  }

  /** @param models keys of those to judge; one without scores keeps the first stage's order */
  async judge(models: readonly string[], resampling: Resampling): Promise<OriginJudgement> {
    const searchable = await this.#prepared();
    const { questions } = this.#dataset;
    const firstStage = new Map(questions.map((question) => [question.id, this.#childrenOf(searchable, question)]));
    const scores = models.map((model) => [model, this.#childScores(model, firstStage, searchable.index)] as const);
    return judgeOrigin({
      dataset: this.#dataset,
      index: searchable.index,
      firstStage,
      scores: new Map(scores),
      resampling,
    });
  }

  #childScores(
    model: string,
    firstStage: ReadonlyMap<string, readonly number[]>,
    index: OriginIndex,
  ): ReadonlyMap<string, readonly number[]> {
    const scored = this.#scores.get(model);
    const byQuestion = new Map<string, readonly number[]>();
    for (const { id, text } of this.#dataset.questions) {
      const logits = scored?.get(id)?.logits;
      if (logits === undefined) continue;
      let start = 0;
      const own = piecesOfEach(text, firstStage.get(id) ?? [], index).map((pieces) => {
        const end = start + pieces.length;
        const score = childScore(
          logits.subarray(start, end),
          pieces.map(({ tokens }) => tokens),
        );
        start = end;
        return score;
      });
      byQuestion.set(id, own);
    }
    return byQuestion;
  }

  #childrenOf({ firstStage }: Searchable, { id, text }: EvaluationDataset["questions"][number]): readonly number[] {
    const known = this.#children.get(id) ?? firstStage.search(text, ORIGIN_POOL).map(({ index }) => index);
    this.#children.set(id, known);
    return known;
  }

  #prepared(onProgress?: (progress: ReadingProgress) => void): Promise<Searchable> {
    this.#searchable ??= this.#prepare(onProgress);
    return this.#searchable;
  }

  async #prepare(onProgress?: (progress: ReadingProgress) => void): Promise<Searchable> {
    await nextMacrotask();
    const index = originIndex(this.#dataset.documents);
    const firstStage = await indexTexts(
      index.children.map(({ text }) => text),
      onProgress,
    );
    return { index, firstStage };
  }
}

function piecesOfEach(
  query: string,
  children: readonly number[],
  index: OriginIndex,
): readonly (readonly OriginPiece[])[] {
  return children.map((at) => piecesOf(query, index.children[at]?.text ?? ""));
}
