/** What the workbench says. */
import type { ColumnRole, TableShape } from "../../eval/columns.ts";
import type { MetricFamily } from "../../eval/types.ts";
import { formatFor } from "../format.ts";

const { count, decimal, duration } = formatFor("ko");

const roles: Readonly<Record<ColumnRole, string>> = {
  question: "질문",
  questionId: "질문 ID",
  answer: "답",
  document: "문서",
  documentId: "문서 ID",
  title: "제목",
  positive: "맞는 문서",
  negative: "틀린 문서",
  relevance: "관련도",
  score: "1차 검색 점수",
  rank: "1차 검색 순위",
};

const shapes: Readonly<Record<TableShape, (rows: string) => string>> = {
  "question-document": (rows) =>
    `행 ${rows}개를 ‘질문과 그 답이 있는 문서’로 읽습니다. 질문이 없는 행은 검색할 문서가 됩니다.`,
  "positives-negatives": (rows) =>
    `행 ${rows}개를 ‘질문, 맞는 문서, 틀린 문서’로 읽습니다. 모든 글을 검색 대상으로 삼습니다.`,
  "judged-candidates": (rows) =>
    `행 ${rows}개를 ‘질문마다 판정된 후보’로 읽습니다. 파일의 순서가 1차 검색 결과가 됩니다.`,
};

const families: Readonly<Record<MetricFamily, string>> = {
  MRR: "MRR: 첫 정답의 순위",
  Hit: "적중률: 정답이 하나라도 있는가",
  nDCG: "nDCG: 등급과 순위",
  MAP: "MAP: 모든 정답의 순위",
  Recall: "재현율: 찾은 정답의 비율",
  P: "정밀도: 앞자리 중 정답의 비율",
};

export const workbench = {
  heading: "평가 작업대",
  intro:
    "내 데이터에서 리랭킹을 해야 하는지, 한다면 무엇으로 할지, 값은 얼마인지 봅니다. 원격 리랭커를 더하지 않으면 아무것도 이 기기를 떠나지 않습니다.",
  data: "데이터",
  chooseFiles: "파일 고르기…",
  chooseFolder: "폴더 고르기…",
  formats: "읽을 수 있는 형식",
  formatList: [
    "CSV·TSV: question, answer, doc_id, doc",
    "CSV·TSV·JSON Lines·Parquet: query, positive, negative…",
    "CSV·TSV·Parquet: query_id, query, doc_id, document, relevance, score 또는 rank (파일의 순서가 1차 검색)",
    "BEIR 폴더나 ZIP: corpus.jsonl, queries.jsonl, qrels/*.tsv",
    "TREC: qrels와 run, 그리고 문서 파일과 질문 파일",
  ],
  firstStage: "1차 검색",
  withoutAnswer: (n: number) => `맞는 문서가 표시되지 않은 질문 ${count(n)}개는 뺐습니다.`,
  preview: (name: string) => `‘${name}’ 미리 보기`,
  missing: (missing: string) => `이 열이 무엇인지 골라 주세요: ${missing}.`,
  collection: (documents: string, questions: string, judgments: string, candidates: string | undefined) =>
    `문서 ${documents}개, 질문 ${questions}개, 판정 ${judgments}개를 읽습니다. ` +
    (candidates === undefined ? "1차 검색은 BM25로 합니다." : `run 파일의 후보 ${candidates}개가 1차 검색 결과입니다.`),
  shapes,
  roles,
  roleOf: (column: string) => `‘${column}’ 열의 뜻`,
  unused: "쓰지 않음",
  accept: "이 데이터 쓰기",
  dismiss: "그만두기",
  unfinished: (name: string) => `‘${name}’ 평가가 끝나기 전에 페이지가 닫혔습니다. 채점한 만큼은 남아 있습니다.`,
  resume: "이어서 하기",
  forget: "버리기",
  runHeading: "비교",
  models: "견줄 모델",
  moreModels: "다른 모델을 더하려면:",
  metric: "기준 지표",
  families,
  candidates: "질문마다 후보 수",
  windows: "긴 문서는 겹치는 창으로 나누어 읽기",
  origin: "원본 프로젝트(ko-reranker)의 절차로도 재기",
  originHelp: "문맥 6개와 9개, 조각 점수의 가중 평균, 글자 그대로의 포함 여부. 채점이 한 번 더 필요합니다.",
  originPart: "원본 절차",
  compare: "비교 시작",
  pause: "잠시 멈추기",
  goOn: "이어서 하기",
  loading: (name: string) => `‘${name}’ 모델을 준비하는 중…`,
  judging: "결과를 셈하는 중…",
  scoring: "채점 진행",
  reused: (n: number) => `전에 채점한 질문 ${count(n)}개`,
  remaining: (ms: number) => `약 ${duration(ms)} 남음`,
  paused: "멈췄습니다. 채점한 만큼은 남아 있어서 이어서 할 수 있습니다.",
  failed: "비교를 끝내지 못했습니다. 채점한 만큼은 남아 있습니다",
  result: "결과",
  caption: (name: string, questions: number, candidates: number, ceiling: number) =>
    `${name} · 질문 ${count(questions)}개 · 후보 ${count(candidates)}개 · 상한 ${decimal(ceiling, 3)}`,
  columns: {
    run: "방식",
    difference: (metric: string) => `${metric} 차이, 95 % 구간`,
    outcome: "승/무/패",
    latency: "질문당",
    cost: "내려받기 · 장치",
  },
  allMetrics: "모든 지표 보기",
  fewerMetrics: "주요 지표만 보기",
  outcomeLabel: (wins: number, ties: number, losses: number) =>
    `나아진 질문 ${count(wins)}개, 그대로 ${count(ties)}개, 나빠진 질문 ${count(losses)}개`,
  memory: (bytes: string) => `메모리 ${bytes}`,
  selfTest: (error: string, pairs: number) =>
    pairs === 0 ? "맞춰 볼 기준 점수 없음" : `자체 점검 ${count(pairs)}쌍, 오차 ${error}`,
  ceiling: (value: string) => `상한 ${value}: 정답이 후보 안에 있는 질문의 비율입니다. 리랭킹으로는 넘을 수 없습니다.`,
  needed: (needed: readonly string[], detectable: string) =>
    `이 데이터로 찾아낼 수 있는 가장 작은 차이는 ${detectable}쯤입니다. 0.01 차이를 찾으려면 질문이 ${needed[0] ?? ""}개, 0.02는 ${needed[1] ?? ""}개, 0.05는 ${needed[2] ?? ""}개쯤 필요합니다.`,
  ties: (n: string) => `점수가 같아 1차 검색의 순서를 따른 자리가 ${n}곳 있습니다.`,
  truncated: (share: string) => `후보 문서의 ${share}는 모델이 끝까지 읽지 못했습니다.`,
  among: (ours: string, theirs: string, interval: string, p: string) =>
    `‘${ours}’와 ‘${theirs}’의 차이: ${interval}, 보정한 p ${p}`,
  sweep: "후보를 몇 개까지 다시 매기면 좋을까",
  sweepHelp: (metric: string) => `앞의 후보 몇 개만 다시 매겼을 때의 ${metric}입니다.`,
  idealRow: "가장 좋은 순서",
  export: "내보내기",
  suspicionsHeading: (n: number) => `의심스러운 데이터 ${count(n)}건`,
  suspicions: {
    "duplicate-documents": (ids: string) => `같은 글이 여러 ID로 있습니다: ${ids}`,
    "equal-questions": (ids: string) => `같은 질문이 여러 번 있습니다: ${ids}`,
    "answer-not-in-document": (question: string, share: string) =>
      `질문 ${question}의 답에 나온 말이 맞는 문서에 거의 없습니다 (${share}).`,
    "likely-unlabelled": (question: string, document: string) =>
      `질문 ${question}: 문서 ${document}도 정답과 같은 말을 하지만 정답으로 표시되지 않았습니다.`,
  },
  earlier: "지난 비교",
  drop: "지우기",
  dropEarlier: (name: string) => `‘${name}’ 비교 지우기`,
  questions: "질문마다 보기",
  questionsShown: (shown: number, all: number) => `${count(all)}개 가운데 ${count(shown)}개`,
  moreQuestions: "더 보기",
  against: "견줄 방식",
  filter: "거르기",
  filters: { all: "모두", gained: "나아진 질문", lost: "나빠진 질문", unreached: "정답이 후보에 없는 질문" },
  ranks: (before: number, after: number) =>
    `${before === 0 ? "없음" : `${count(before)}위`} → ${after === 0 ? "없음" : `${count(after)}위`}`,
  expected: "기대한 답:",
  right: "정답",
  fromRank: (rank: number) => `1차 ${count(rank)}위`,
  score: (value: string) => `점수 ${value}`,
  unreached: (n: number) => `후보에 없는 정답 문서 ${count(n)}개`,
  plots: {
    cost: "값과 속도",
    differences: "질문마다의 차이",
    movement: "정답의 자리 이동",
    ms: "질문당 밀리초",
    question: "질문 (차이가 큰 순서)",
    rankBefore: "1차 검색 순위",
    rankAfter: "리랭킹 뒤 순위",
    moved: (up: number, down: number) => `오른 질문 ${count(up)}개, 내린 질문 ${count(down)}개`,
  },
};
