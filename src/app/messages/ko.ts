import { embed } from "./ko-embed.ts";
import { endpoint } from "./ko-endpoint.ts";
import type { ErrorDetails, RerankErrorCode } from "../../core/errors.ts";
import { formatFor, type Locale } from "../format.ts";
import { inputReasons, problems } from "./ko-input.ts";
import { models } from "./ko-models.ts";
import { remote, remoteErrors, remoteReasons } from "./ko-remote.ts";
import { workbench } from "./ko-workbench.ts";

const { count, decimal, percent, bytes, elapsed } = formatFor("ko");
type Details = ErrorDetails;

/** A detail that may be missing, as an aside. */
const inBrackets = (detail: string | number | undefined): string => (detail === undefined ? "" : ` (${detail})`);

const errors: Readonly<Record<RerankErrorCode, (details: Details) => string>> = {
  "invalid-input": () => "입력을 쓸 수 없습니다.",
  aborted: () => "작업을 멈췄습니다.",
  superseded: () => "더 새로운 요청으로 바뀌었습니다.",
  disposed: () => "모델을 내렸습니다.",
  "worker-crashed": () => "점수를 계산하던 작업 스레드가 멈췄습니다. 다시 시도하면 새로 시작합니다.",
  "webgpu-unavailable": () =>
    "이 브라우저에서는 WebGPU를 쓸 수 없습니다. 실행 장치를 ‘자동’이나 ‘WASM’으로 바꿔 주세요.",
  "consent-needed": ({ bytes: size }) => `모델 ${bytes(Number(size ?? 0))}를 내려받으려면 동의가 필요합니다.`,
  "model-download": ({ url, status }) =>
    status === 0 || status === undefined
      ? `모델 파일을 내려받지 못했습니다. 네트워크 연결을 확인하고 다시 시도해 주세요${inBrackets(url)}.`
      : `모델 파일을 내려받지 못했습니다. 서버 응답 ${status}${inBrackets(url)}`,
  "model-integrity": ({ file }) =>
    `내려받은 파일이 패키지에 적힌 것과 달라 쓰지 않았습니다${inBrackets(file)}. 잠시 뒤 다시 시도해 주세요.`,
  "model-invalid": ({ problem }) => `순위 모델 패키지가 아니거나 형식이 다릅니다${inBrackets(problem)}.`,
  "storage-full": ({ neededBytes, freeBytes }) =>
    typeof neededBytes === "number" && typeof freeBytes === "number"
      ? `이 브라우저에 모델을 둘 자리가 없습니다. ${bytes(neededBytes)}가 필요한데 ${bytes(freeBytes)}만 남았습니다. 다른 모델을 지우거나 디스크를 비워 주세요.`
      : "이 브라우저에 모델을 둘 자리가 없습니다. 다른 모델을 지우거나 디스크를 비워 주세요.",
  "not-on-device": () => "이 모델이 더는 이 기기에 없습니다. 다시 추가해 주세요.",
  "session-create": () => "모델을 실행할 준비를 하지 못했습니다. 다른 실행 장치를 골라 보세요.",
  "self-test-failed": ({ variant }) =>
    `자체 점검에서 점수가 기준과 달라 이 방식${variant === undefined ? "" : `(${variant})`}을 쓰지 않았습니다. 다른 실행 장치를 골라 보세요.`,
  "device-lost": () => "GPU 연결이 끊어졌습니다. 다시 시도하면 새로 연결합니다.",
  inference: () => "점수를 계산하지 못했습니다. 다시 시도해 주세요.",
  ...remoteErrors,
};

const search = {
  heading: "문서 검색",
  label: "검색어",
  placeholder: "문서에서 찾을 내용을 적어 주세요",
  submit: "검색",
  examples: "예시 질문",
  blend: "1차 검색 점수 함께 쓰기(혼합)",
  blendHelp: (weight: number) => `모델의 로짓에 1차 검색 점수를 최대 ${decimal(weight, 1)}까지 더해 순서를 정합니다.`,
  blendHelpLoading: "모델의 로짓에 1차 검색 점수를 더해 순서를 정합니다.",
  blendUnavailable: "이 모델은 점수만으로 순서를 정합니다.",
  emptyTitle: "검색하면 두 순서를 나란히 보여 드립니다",
  emptyText: (documents: number, candidates: number) =>
    `문서 ${count(documents)}개에서 낱말이 겹치는 후보를 ${candidates}개까지 먼저 찾고, 모델이 질문과 후보를 하나씩 함께 읽어 순서를 다시 정합니다.`,
  datasetLoading: "문서를 읽는 중입니다…",
  datasetFailed: "문서를 불러오지 못했습니다",
  noResultsTitle: "낱말이 겹치는 문서가 없습니다",
  noResults: (query: string) => `‘${query}’에 맞는 후보가 없어 다시 정렬할 것도 없습니다. 다른 말로 찾아 보세요.`,
  onlyItsQuestions: "이 파일은 질문마다 후보가 정해져 있어 파일에 있는 질문만 찾을 수 있습니다.",
  firstStageFailed: "검색하지 못했습니다",
  before: "리랭킹 전",
  after: "리랭킹 후",
  shown: "보여 줄 순서",
  candidates: (n: number) => `후보 ${n}개`,
  firstStage: "1차 검색",
  stillFirstStage: "아직 1차 검색 순서입니다.",
  scoring: (scored: number, total: number) => `점수 계산 중 ${scored}/${total}`,
  failed: "다시 정렬하지 못했습니다",
  announceFound: (n: number) => `후보 ${n}개를 찾았습니다. 다시 정렬하는 중입니다.`,
  announceDone: (n: number, ms: number, moved: number) =>
    `후보 ${n}개를 ${elapsed(ms)} 만에 다시 정렬했습니다. 순위가 바뀐 문서 ${moved}개.`,
  rank: (n: number) => `${n}위`,
  wasRank: (n: number) => `이전 ${n}위`,
  movedUp: (n: number) => `${n}계단 올라감`,
  movedDown: (n: number) => `${n}계단 내려감`,
  unmoved: "순위 그대로",
  relevance: "관련도",
  logit: "로짓",
  combined: "혼합",
  answer: "정답 문서",
  truncated: "일부만 읽음",
  truncatedHelp: "모델이 읽는 길이보다 길어 문서 뒷부분을 보지 못했습니다.",
  more: "더 보기",
  less: "접기",
  moreOf: (rank: number) => `더 보기: ${rank}위 문서`,
  lessOf: (rank: number) => `접기: ${rank}위 문서`,
};

const passages = {
  heading: "질문 하나, 문단 여럿",
  intro: "질문과 문단을 한 쌍씩 모델에 넣어 관련성 점수를 바로 봅니다. 1차 검색 점수는 섞지 않습니다.",
  question: "질문",
  passage: (n: number) => `문단 ${n}`,
  add: "문단 추가",
  remove: "삭제",
  removeOf: (n: number) => `삭제: 문단 ${n}`,
  score: "점수 매기기",
  scoring: "점수 계산 중…",
  missingQuestion: "질문을 적어 주세요.",
  missingPassage: "문단을 하나 이상 적어 주세요.",
  failed: "점수를 매기지 못했습니다",
  results: "점수",
  elapsed: (n: number, ms: number) => `문단 ${n}개, ${elapsed(ms)}`,
  columns: { rank: "순위", passage: "문단", logit: "로짓", relevance: "관련도" },
  note: "관련도는 로짓에 시그모이드를 씌운 0–1 값입니다. 로짓은 범위가 정해져 있지 않고, 같은 질문 안에서만 견줄 수 있습니다.",
  exampleQuestion: "전기 자전거 배터리는 겨울에 어떻게 보관하나요?",
  examplePassages: [
    "리튬이온 배터리는 영하에서 충전하면 수명이 크게 줍니다. 추운 계절에 오래 타지 않을 때는 본체에서 빼어 10–20도의 마른 실내에 두고, 잔량을 절반쯤 유지하며 한 달에 한 번 확인하세요.",
    "겨울철 전기 자전거를 탈 때는 노면이 미끄러우므로 타이어 공기압을 조금 낮추고 앞 브레이크를 부드럽게 쓰는 편이 안전합니다.",
    "여름 휴가철에는 자전거 보관소 이용 시간이 밤 열 시까지 늘어납니다. 예약은 앱에서 할 수 있습니다.",
  ],
};

const model = {
  heading: "모델",
  model: "모델",
  device: "실행 장치",
  devices: { auto: "자동", webgpu: "WebGPU", wasm: "WASM" },
  licence: "라이선스",
  source: "출처",
  parameters: "매개변수",
  download: "내려받는 크기",
  idle: "곧 불러옵니다.",
  starting: "작업 스레드를 시작하는 중",
  preparing: (size: number) => `모델 정보를 읽는 중 (${bytes(size)})`,
  choosing: (variant: string) => `${variant} 방식을 준비하는 중`,
  downloading: (loaded: number, total: number) =>
    `내려받는 중 ${bytes(loaded)} / ${bytes(total)} (${percent(total === 0 ? 1 : loaded / total)})`,
  creating: "모델을 메모리에 올리는 중",
  selfTest: (scored: number, total: number) => `자체 점검 중 ${scored}/${total}`,
  downgrading: (from: string) => `${from} 방식을 쓸 수 없어 다음 방식을 시도하는 중`,
  loading: "모델을 불러오는 중",
  loadingStored: (size: number) => `이 기기에서 읽는 중 (${bytes(size)})`,
  loadingElsewhere: "다른 탭에서 내려받는 중입니다. 끝나면 함께 씁니다.",
  more: "모델 내려받기·추가·삭제",
  ready: "준비됨",
  failed: "모델을 불러오지 못했습니다",
  retry: "다시 시도",
  facts: { device: "장치", variant: "변형", runtime: "실행기", files: "모델 파일", test: "자체 점검" },
  threads: (n: number) => `스레드 ${n}개`,
  fromDevice: (size: number) => `${bytes(size)}, 모두 이 기기에서`,
  fromNetwork: (size: number) => `${bytes(size)}, 모두 내려받음`,
  fromBoth: (device: number, network: number) => `이 기기에서 ${bytes(device)}, 내려받음 ${bytes(network)}`,
  selfTestResult: (pairs: number, maxError: number, tolerance: number, ms: number) =>
    `${pairs}쌍 통과, 최대 오차 ${decimal(maxError, 4)} (허용 ${decimal(tolerance, 4)}), ${elapsed(ms)}`,
  downgraded: (from: string) => `${from} 방식은 이 기기에서 쓸 수 없어 건너뛰었습니다.`,
  reason: "이유",
  softwareAdapter: "GPU를 CPU로 흉내 내고 있습니다. 점수는 맞지만 매우 느립니다. ‘자동’이나 ‘WASM’이 훨씬 빠릅니다.",
  singleThread: "페이지가 교차 출처 격리(COOP·COEP) 상태가 아니어서 WASM을 스레드 하나로 돌립니다.",
};

const dataset = {
  heading: "데이터",
  choose: "파일 고르기",
  evaluate: "이 데이터로 평가하기",
  mapColumns: "작업대에서 열 지정하기",
  dropHint: "또는 이 페이지 어디에나 끌어다 놓으세요. 파일은 이 기기에서만 읽습니다.",
  drop: "여기에 놓으면 파일은 데이터로, 패키지 폴더는 모델로 씁니다",
  format:
    "CSV·TSV·JSON Lines·Parquet·BEIR 폴더나 ZIP. CSV의 열은 question, answer, doc_id, doc 또는 그에 맞는 이름이면 됩니다.",
  useSample: "예시 데이터로 돌아가기",
  reading: (name: string) => `‘${name}’ 읽는 중…`,
  loading: "예시 데이터를 읽는 중…",
  failed: "데이터를 불러오지 못했습니다",
  sample: "예시",
  facts: { questions: "질문", documents: "문서", encoding: "인코딩", skipped: "제외한 행" },
  skippedOf: (skipped: number, rows: number) => `${count(skipped)} / ${count(rows)}`,
  rejected: (name: string) => `‘${name}’ 파일을 읽지 못했습니다`,
  kept: "지금 쓰던 데이터는 그대로입니다.",
  expected: "필요한 열",
  found: "파일의 첫 줄",
  firstProblem: "첫 문제",
  problems: (n: number) => `살펴볼 행 ${count(n)}개`,
  line: (n: number) => `${count(n)}행`,
  showAll: (n: number) => `모두 보기 (${count(n)})`,
  showLess: "처음 20개만",
  downloadProblems: "목록 내려받기",
};

export const ko = {
  locale: "ko" as Locale,
  title: "순위 — 페이지 안에서 돌아가는 한국어 리랭커",
  brand: "순위",
  tagline: "한국어 검색 결과를 이 페이지 안에서 다시 정렬합니다. 질문도 문서도 기기 밖으로 나가지 않습니다.",
  skip: "본문으로 건너뛰기",
  views: {
    label: "화면",
    search: "문서 검색",
    passages: "문단 점수",
    workbench: "작업대",
    embed: "달기",
    models: "모델",
    panel: "데이터",
  },
  panel: "모델과 데이터",
  language: "English",
  theme: "테마",
  themes: { system: "자동 테마", light: "밝은 테마", dark: "어두운 테마" },
  retry: "다시 시도",
  errors,
  problems,
  inputReasons: { ...inputReasons, ...remoteReasons },
  search,
  passages,
  model,
  models,
  dataset,
  workbench,
  embed,
  endpoint,
  remote,
};

/** What every language must say; a missing entry does not compile. */
export type Messages = typeof ko;
