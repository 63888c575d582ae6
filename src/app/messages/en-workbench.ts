import { formatFor } from "../format.ts";
import type { Messages } from "./ko.ts";

const { count, decimal, duration } = formatFor("en");

const plural = (n: number, one: string): string => `${count(n)} ${one}${n === 1 ? "" : "s"}`;

export const workbench: Messages["workbench"] = {
  heading: "Workbench",
  intro:
    "Should you rerank on your own data, with what, and what does it cost? Nothing leaves this device unless you add a remote reranker.",
  data: "Data",
  chooseFiles: "Choose files…",
  chooseFolder: "Choose a folder…",
  formats: "Formats that can be read",
  formatList: [
    "CSV, TSV: question, answer, doc_id, doc",
    "CSV, TSV, JSON lines, Parquet: query, positive, negative…",
    "CSV, TSV, Parquet: query_id, query, doc_id, document, relevance, score or rank (the file’s order is the first stage)",
    "BEIR folder or ZIP: corpus.jsonl, queries.jsonl, qrels/*.tsv",
    "TREC: qrels and a run, with a file of documents and one of questions",
  ],
  firstStage: "First stage",
  withoutAnswer: (n) => `${plural(n, "question")} without a document marked as right left out.`,
  preview: (name) => `Preview of “${name}”`,
  missing: (missing) => `Say which column is: ${missing}.`,
  collection: (documents, questions, judgments, candidates) =>
    `${documents} documents, ${questions} questions and ${judgments} judgments will be read. ` +
    (candidates === undefined ? "The first stage is BM25." : `The run’s ${candidates} candidates are the first stage.`),
  shapes: {
    "question-document": (rows) =>
      `${rows} rows will be read as questions with the document that answers each. A row without a question is a document to search through.`,
    "positives-negatives": (rows) =>
      `${rows} rows will be read as questions with right and wrong texts. All texts are searched.`,
    "judged-candidates": (rows) =>
      `${rows} rows will be read as judged candidates. The file’s order is the first stage.`,
  },
  roles: {
    question: "question",
    questionId: "question id",
    answer: "answer",
    document: "document",
    documentId: "document id",
    title: "title",
    positive: "right document",
    negative: "wrong document",
    relevance: "relevance",
    score: "first-stage score",
    rank: "first-stage rank",
  },
  roleOf: (column) => `What “${column}” holds`,
  unused: "not used",
  accept: "Use these data",
  dismiss: "Cancel",
  unfinished: (name) => `The page was closed before the comparison on “${name}” was done. What was scored is kept.`,
  resume: "Go on with it",
  forget: "Forget it",
  runHeading: "Comparison",
  models: "Models to compare",
  moreModels: "For more models, see",
  metric: "Judge by",
  families: {
    MRR: "MRR: rank of the first right document",
    Hit: "Hit rate: is there a right one",
    nDCG: "nDCG: grades and ranks",
    MAP: "MAP: ranks of all right ones",
    Recall: "Recall: share of right ones found",
    P: "Precision: share of ranks that are right",
  },
  candidates: "Candidates per question",
  windows: "Read long documents in overlapping windows",
  origin: "Measure by the origin project's (ko-reranker's) protocol as well",
  originHelp: "Six and nine contexts, weighted means of pieces, answers found word by word. Needs a second scoring.",
  originPart: "origin's protocol",
  compare: "Compare",
  pause: "Pause",
  goOn: "Go on",
  loading: (name) => `Preparing “${name}”…`,
  judging: "Computing the results…",
  scoring: "Scoring",
  reused: (n) => `${plural(n, "question")} scored before`,
  remaining: (ms) => `about ${duration(ms)} left`,
  paused: "Paused. What was scored is kept; go on whenever you like.",
  failed: "The comparison could not be finished. What was scored is kept",
  result: "Result",
  caption: (name, questions, candidates, ceiling) =>
    `${name} · ${plural(questions, "question")} · ${plural(candidates, "candidate")} · ceiling ${decimal(ceiling, 3)}`,
  columns: {
    run: "Run",
    difference: (metric) => `Difference in ${metric}, 95 %`,
    outcome: "Win/tie/loss",
    latency: "Per question",
    cost: "Download · device",
  },
  allMetrics: "Show all metrics",
  fewerMetrics: "Show the main metrics only",
  outcomeLabel: (wins, ties, losses) =>
    `${plural(wins, "question")} better, ${count(ties)} unchanged, ${count(losses)} worse`,
  memory: (bytes) => `${bytes} of memory`,
  selfTest: (error, pairs) =>
    pairs === 0 ? "no reference scores" : `self-test of ${plural(pairs, "pair")}, error ${error}`,
  ceiling: (value) =>
    `Ceiling ${value}: the share of questions whose answer is among the candidates. No reranking can exceed it.`,
  needed: (needed, detectable) =>
    `The smallest difference these questions can show is about ${detectable}. A difference of 0.01 takes about ${needed[0] ?? ""} questions, 0.02 ${needed[1] ?? ""}, 0.05 ${needed[2] ?? ""}.`,
  ties: (n) => `In ${n} places scores are equal, and the first stage’s order decided.`,
  truncated: (share) => `${share} of the candidates were not read to their end.`,
  among: (ours, theirs, interval, p) => `“${ours}” against “${theirs}”: ${interval}, corrected p ${p}`,
  sweep: "How many candidates are worth reranking",
  sweepHelp: (metric) => `${metric} when only the first so many candidates are reranked.`,
  idealRow: "Best possible order",
  export: "Export",
  suspicionsHeading: (n) => `${plural(n, "suspicion")} about the data`,
  suspicions: {
    "duplicate-documents": (ids) => `The same text under several ids: ${ids}`,
    "equal-questions": (ids) => `The same question several times: ${ids}`,
    "answer-not-in-document": (question, share) =>
      `Question ${question}: hardly any word of its answer stands in its documents (${share}).`,
    "likely-unlabelled": (question, document) =>
      `Question ${question}: document ${document} says what a right one says, and is not marked.`,
  },
  earlier: "Earlier comparisons",
  drop: "Delete",
  dropEarlier: (name) => `Delete the comparison on “${name}”`,
  questions: "Question by question",
  questionsShown: (shown, all) => `${count(shown)} of ${count(all)}`,
  moreQuestions: "Show more",
  against: "Run to look at",
  filter: "Show",
  filters: { all: "all", gained: "better", lost: "worse", unreached: "answer not among the candidates" },
  ranks: (before, after) => `${before === 0 ? "none" : count(before)} → ${after === 0 ? "none" : count(after)}`,
  expected: "Expected answer:",
  right: "right",
  fromRank: (rank) => `first stage: ${count(rank)}`,
  score: (value) => `score ${value}`,
  unreached: (n) => `${plural(n, "right document")} not among the candidates`,
  plots: {
    cost: "Quality against time",
    differences: "Difference on each question",
    movement: "Where the right document went",
    ms: "milliseconds per question",
    question: "questions, by difference",
    rankBefore: "rank in the first stage",
    rankAfter: "rank after reranking",
    moved: (up, down) => `${plural(up, "question")} up, ${count(down)} down`,
  },
};
