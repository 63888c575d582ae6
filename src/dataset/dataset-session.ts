import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { RerankError } from "../core/errors.ts";
import type { Candidate } from "../core/types.ts";
import { checkData, type DataSuspicion } from "../eval/data-checks.ts";
import type {
  CandidateRequest,
  DatasetFacts,
  FoundDocument,
  InputSummary,
  JudgementSummary,
  JudgeRequest,
  QuestionTask,
  ReadingProgress,
  UseRequest,
} from "../eval/dataset-protocol.ts";
import { readPlan, recogniseInput, type InputFile, type InputPlan, type LazyReaders } from "../eval/input-files.ts";
import { firstRelevantRank } from "../eval/metrics.ts";
import type { CandidateList } from "../eval/systems.ts";
import type { TableReading } from "../eval/table-dataset.ts";
import type { Bm25FirstStage } from "../retrieval/first-stage.ts";
import { tokenizeKorean } from "../retrieval/korean-tokenizer.ts";
import { indexTexts } from "./index-texts.ts";
import { summaryOf } from "./input-summary.ts";
import { JudgingSession } from "./judging-session.ts";
import { OriginSession } from "./origin-session.ts";
import { pairKey } from "./pair-key.ts";

const MOST_PROBLEMS = 1000;

/** A data set that can be searched. */
interface ReadyDataset {
  readonly reading: TableReading;
  readonly texts: ReadonlyMap<string, string>;
  /** Absent where the file brought the candidates. */
  readonly firstStage: Bm25FirstStage | undefined;
  readonly answersOf: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Candidates by question, as many as were ever asked for. */
  readonly found: Map<string, FoundCandidates>;
  readonly judging: JudgingSession;
  readonly origin: OriginSession;
}

interface FoundCandidates {
  readonly limit: number;
  readonly documentIds: readonly string[];
  readonly scores: readonly number[];
  readonly searchMs: number;
}

/** One data set from files to candidates; a failed reading leaves the former one in use. */
export class DatasetSession {
  readonly #readers: LazyReaders;
  #opened: InputPlan | undefined;
  #ready: ReadyDataset | undefined;

  constructor(readers: LazyReaders) {
    this.#readers = readers;
  }

  /** @throws RerankError `invalid-input`, see `recogniseInput` */
  async open(files: readonly InputFile[]): Promise<InputSummary> {
    this.#opened = undefined;
    this.#opened = await recogniseInput(files, this.#readers);
    return summaryOf(this.#opened);
  }

  /**
   * Reads and indexes what was opened last.
   * @throws RerankError `invalid-input`, see `readPlan`; or where nothing was opened
   */
  async use(
    { mapping, limit }: UseRequest = {},
    onProgress: (progress: ReadingProgress) => void = () => undefined,
  ): Promise<DatasetFacts> {
    const plan = this.#opened;
    if (plan === undefined) throw nothingThere();
    onProgress({ step: "reading", done: 0, total: 1 });
    const reading = limited(readPlan(plan, mapping), limit);
    const { dataset } = reading;
    const firstStage =
      dataset.candidates === undefined
        ? await indexTexts(
            dataset.documents.map(({ text }) => text),
            onProgress,
          )
        : undefined;
    const texts = new Map(dataset.documents.map(({ id, text }) => [id, text]));
    const ready: ReadyDataset = {
      reading,
      texts,
      firstStage,
      answersOf: new Map(dataset.questions.map(({ id, text }) => [text, dataset.qrels.get(id) ?? new Map()])),
      found: new Map(),
      judging: new JudgingSession({ dataset, texts, candidateLists: (limit) => candidateLists(ready, limit) }),
      origin: new OriginSession(dataset),
    };
    this.#ready = ready;
    return factsOf(ready, plan);
  }

  /** The best `limit` documents for any query. Without an index of our own, only questions of the file find something. */
  search(query: string, limit: number): readonly FoundDocument[] {
    const ready = this.#current();
    const { dataset } = ready.reading;
    const answers = ready.answersOf.get(query);
    const known = dataset.questions.find(({ text }) => text === query);
    const found =
      ready.firstStage === undefined && known ? candidatesOf(ready, known, limit) : searched(ready, query, limit);
    return found.documentIds.map((id, at) => {
      const score = found.scores[at];
      const isAnswer = (answers?.get(id) ?? 0) > 0;
      return { id, text: ready.texts.get(id) ?? "", isAnswer, ...(score !== undefined && { score }) };
    });
  }

  /** Questions with their candidates, in the file's order. */
  tasks({ from, to, limit }: CandidateRequest): readonly QuestionTask[] {
    const ready = this.#current();
    return ready.reading.dataset.questions.slice(from, to).map((question) => {
      const { documentIds, scores, searchMs } = candidatesOf(ready, question, limit);
      const documents = documentIds.map((id) => ready.texts.get(id) ?? "");
      const pairKeys = documents.map((document) => pairKey(question.text, document));
      return { questionId: question.id, query: question.text, documentIds, documents, scores, pairKeys, searchMs };
    });
  }

  /** All questions' candidates, without texts. */
  candidateLists(limit: number): readonly CandidateList[] {
    return candidateLists(this.#current(), limit);
  }

  /** Of the data set in use. */
  get judging(): JudgingSession {
    return this.#current().judging;
  }

  /** By our rules, and by the origin's where it is asked for. @throws RerankError, see `JudgingSession.judge` */
  async judge(request: JudgeRequest): Promise<JudgementSummary> {
    const { judging, origin } = this.#current();
    const judgement = judging.judge(request);
    if (request.origin === undefined) return judgement;
    return { ...judgement, origin: await origin.judge(request.origin, judgement.comparison.resampling) };
  }

  /** The same data set by the rules of the origin project. */
  get origin(): OriginSession {
    return this.#current().origin;
  }

  /** What makes this data set's numbers doubtful; looks at the first ten candidates of each question. */
  check(): readonly DataSuspicion[] {
    const { dataset } = this.#current().reading;
    const run = new Map(this.candidateLists(10).map(({ questionId, documentIds }) => [questionId, documentIds]));
    return checkData({ dataset, run, tokenize: tokenizeKorean });
  }

  #current(): ReadyDataset {
    if (this.#ready === undefined) throw nothingThere();
    return this.#ready;
  }
}

/** The first so many questions, against all documents. */
function limited(reading: TableReading, limit: number | undefined): TableReading {
  if (limit === undefined) return reading;
  const questions = reading.dataset.questions.slice(0, limit);
  const qrels = new Map(questions.map(({ id }) => [id, reading.dataset.qrels.get(id) ?? new Map<string, number>()]));
  return { ...reading, dataset: { ...reading.dataset, questions, qrels } };
}

function candidateLists(ready: ReadyDataset, limit: number): readonly CandidateList[] {
  return ready.reading.dataset.questions.map((question) => {
    const { documentIds, scores } = candidatesOf(ready, question, limit);
    return { questionId: question.id, documentIds, scores };
  });
}

function candidatesOf(
  ready: ReadyDataset,
  question: { readonly id: string; readonly text: string },
  limit: number,
): FoundCandidates {
  const known = ready.found.get(question.id);
  // A longer list begins with the shorter one.
  if (known !== undefined && known.limit >= limit) return cut(known, limit);
  const own = ready.reading.dataset.candidates?.get(question.id);
  const found = own === undefined ? searched(ready, question.text, limit) : brought(own, limit);
  ready.found.set(question.id, found);
  return found;
}

function searched({ reading, firstStage }: ReadyDataset, query: string, limit: number): FoundCandidates {
  const start = performance.now();
  const found: readonly Candidate[] = firstStage?.search(query, limit) ?? [];
  const searchMs = performance.now() - start;
  const documentIds = found.map(({ index }) => reading.dataset.documents[index]?.id ?? "");
  return { limit, documentIds, scores: found.map(({ score }) => score), searchMs };
}

/** Scores of the file's own first stage serve a blend only where all of a question's candidates have one, of 0 or more. */
function brought(
  own: readonly { readonly documentId: string; readonly score?: number }[],
  limit: number,
): FoundCandidates {
  const scores = own.flatMap(({ score }) => (score === undefined || score < 0 ? [] : [score]));
  const all = {
    limit,
    documentIds: own.map(({ documentId }) => documentId),
    scores: scores.length === own.length ? scores : [],
    searchMs: 0,
  };
  return cut(all, limit);
}

function cut({ documentIds, scores, searchMs }: FoundCandidates, limit: number): FoundCandidates {
  return { limit, documentIds: documentIds.slice(0, limit), scores: scores.slice(0, limit), searchMs };
}

function factsOf(ready: ReadyDataset, plan: InputPlan): DatasetFacts {
  const { dataset, problems, rows, skipped, withoutAnswer } = ready.reading;
  return {
    name: dataset.name,
    hash: datasetHash(ready.reading),
    ...(plan.type === "table" && plan.encoding !== undefined && { encoding: plan.encoding }),
    questions: dataset.questions.length,
    documents: dataset.documents.length,
    rows,
    skipped,
    withoutAnswer,
    problems: problems.slice(0, MOST_PROBLEMS),
    problemCount: problems.length,
    ...(ready.firstStage && { firstStage: ready.firstStage.name }),
    examples: examplesOf(ready),
  };
}

/** Of all that is evaluated; the same file read in another way is another data set. */
function datasetHash({ dataset: { questions, documents, qrels, candidates } }: TableReading): string {
  const hash = sha256.create();
  const add = (value: unknown): void => {
    hash.update(utf8ToBytes(`${JSON.stringify(value)}\n`));
  };
  for (const { id, text } of documents) add([id, text]);
  for (const { id, text } of questions) add([id, text, [...(qrels.get(id) ?? [])], candidates?.get(id) ?? null]);
  return bytesToHex(hash.digest());
}

const EXAMPLES = 5;
const LONGEST_EXAMPLE = 32;
/** Questions looked at per example: each costs a search. */
const MOST_TRIED = 12;
const EXAMPLE_CANDIDATES = 20;

/**
 * Questions to try, the same ones each time: one from each equal part of the data set, the first there that is short
 * and whose answer is among the candidates, for of the others no reranker can make anything. How a model ranks them
 * plays no part.
 */
function examplesOf(ready: ReadyDataset): readonly string[] {
  const { questions, qrels } = ready.reading.dataset;
  const isReachable = (question: { readonly id: string; readonly text: string }): boolean => {
    const { documentIds } = candidatesOf(ready, question, EXAMPLE_CANDIDATES);
    return firstRelevantRank(documentIds, qrels.get(question.id) ?? new Map()) > 0;
  };
  const border = (part: number): number => Math.ceil((part * questions.length) / EXAMPLES);
  const chosen = Array.from({ length: EXAMPLES }, (_, part) => {
    const all = questions.slice(border(part), border(part + 1));
    const short = all.filter(({ text }) => text.length <= LONGEST_EXAMPLE).slice(0, MOST_TRIED);
    return short.find(isReachable) ?? short[0] ?? all[0];
  });
  return [...new Set(chosen.flatMap((question) => (question === undefined ? [] : [question.text])))];
}

function nothingThere(): RerankError {
  return new RerankError("invalid-input", "No data set has been opened. Give a file first.", {
    details: { reason: "no-table" },
  });
}
