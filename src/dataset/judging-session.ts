import { RerankError } from "../core/errors.ts";
import type {
  JudgeRequest,
  JudgementSummary,
  PlacedDocument,
  QuestionLine,
  QuestionOrders,
} from "../eval/dataset-protocol.ts";
import { judge, sweepDepths, type Judgement, type JudgingInput } from "../eval/judging.ts";
import { resamplingFor } from "../eval/compare.ts";
import { metricNamed } from "../eval/metrics.ts";
import type { CandidateList, RankedSystem, ScoresByQuestion } from "../eval/systems.ts";
import { writeRun } from "../eval/trec.ts";
import type { EvaluationDataset } from "../eval/types.ts";

/** What is judged: a data set and its candidates. */
export interface Judged {
  readonly dataset: EvaluationDataset;
  readonly texts: ReadonlyMap<string, string>;
  candidateLists(limit: number): readonly CandidateList[];
}

interface LastJudged {
  readonly judgement: Judgement;
  readonly lists: readonly CandidateList[];
}

/** Judges models on one data set as often as the user changes what to look at. */
export class JudgingSession {
  readonly #judged: Judged;
  readonly #scores = new Map<string, ScoresByQuestion>();
  #last: LastJudged | undefined;

  constructor(judged: Judged) {
    this.#judged = judged;
  }

  putScores(model: string, scores: ScoresByQuestion): void {
    this.#scores.set(model, scores);
  }

  /** @throws RerankError `invalid-input` for a metric that does not exist; `inference` for a logit that is no number */
  judge({ candidates, metric: name, recipes, resampling }: JudgeRequest): JudgementSummary {
    const metric = metricNamed(name);
    if (metric === undefined) {
      throw new RerankError("invalid-input", `There is no metric ${name}.`, { details: { problem: name } });
    }
    const lists = this.#judged.candidateLists(candidates);
    const input: JudgingInput = {
      qrels: this.#judged.dataset.qrels,
      lists,
      scores: this.#scores,
      recipes: [{ kind: "first-stage" }, ...recipes],
      metric,
      resampling: { ...resamplingFor(this.#judged.dataset.qrels.size), ...resampling },
    };
    const judgement = judge(input);
    this.#last = { judgement, lists };
    return {
      ...judgement,
      systems: judgement.systems.map(({ ranked, ...system }) => ({
        ...system,
        sweep: ranked.recipe.kind === "first-stage" ? [] : sweepDepths(input, ranked.recipe),
      })),
    };
  }

  questions(candidates: number): readonly QuestionLine[] {
    const lists = this.#judged.candidateLists(candidates);
    return lists.map((list, at) => this.#lineOf(list, at));
  }

  orders(question: number): QuestionOrders {
    const { judgement, lists } = this.#lastJudged();
    const list = lists[question];
    if (list === undefined) throw new RerankError("invalid-input", `There is no question ${String(question)}.`);
    const line = this.#lineOf(list, question);
    const judged = this.#judged.dataset.qrels.get(list.questionId);
    const relevant = [...(judged ?? [])].flatMap(([id, grade]) => (grade > 0 ? [id] : []));
    const reached = new Set(list.documentIds);
    return {
      question: line,
      orders: judgement.systems.map(({ key, ranked }) => ({ key, documents: this.#placed(ranked, list) })),
      unreached: relevant
        .filter((id) => !reached.has(id))
        .map((id) => ({ id, text: this.#judged.texts.get(id) ?? "" })),
    };
  }

  /** Where a system has no scores, ranks stand in for them. */
  trecRun(key: string, tag: string): string {
    const { judgement, lists } = this.#lastJudged();
    const system = judgement.systems.find((each) => each.key === key);
    if (system === undefined) throw new RerankError("invalid-input", `There is no system ${key}.`);
    const { run, scores } = system.ranked;
    return writeRun(
      lists.map(({ questionId }) => {
        const [ranking, own] = [run.get(questionId) ?? [], scores.get(questionId) ?? []];
        return [questionId, ranking.map((documentId, at) => ({ documentId, score: own[at] ?? -at }))] as const;
      }),
      tag,
    );
  }

  #lineOf({ documentIds }: CandidateList, at: number): QuestionLine {
    const { questions, qrels } = this.#judged.dataset;
    const { id, text, answer } = questions[at] ?? { id: "", text: "", answer: "" };
    const relevant = [...(qrels.get(id) ?? [])].flatMap(([name, grade]) => (grade > 0 ? [name] : []));
    const found = relevant.filter((name) => documentIds.includes(name)).length;
    return { id, text, answer, relevant: relevant.length, found };
  }

  #placed({ run, scores }: RankedSystem, { questionId, documentIds }: CandidateList): readonly PlacedDocument[] {
    const own = scores.get(questionId) ?? [];
    const judged = this.#judged.dataset.qrels.get(questionId);
    return (run.get(questionId) ?? []).map((id, at) => {
      const score = own[at];
      return {
        id,
        text: this.#judged.texts.get(id) ?? "",
        grade: judged?.get(id) ?? 0,
        firstRank: documentIds.indexOf(id) + 1,
        ...(score !== undefined && { score }),
      };
    });
  }

  #lastJudged(): LastJudged {
    if (this.#last === undefined) throw new RerankError("invalid-input", "Nothing has been judged yet.");
    return this.#last;
  }
}
