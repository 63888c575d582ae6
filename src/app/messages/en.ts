import { embed } from "./en-embed.ts";
import { endpoint } from "./en-endpoint.ts";
import { formatFor } from "../format.ts";
import { inputReasons, problems } from "./en-input.ts";
import { models } from "./en-models.ts";
import { remote, remoteErrors, remoteReasons } from "./en-remote.ts";
import { workbench } from "./en-workbench.ts";
import type { Messages } from "./ko.ts";

const { count, decimal, percent, bytes, elapsed } = formatFor("en");

/** "1 row", "2 rows" */
const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

/** A detail that may be missing, as an aside. */
const inBrackets = (detail: string | number | undefined): string => (detail === undefined ? "" : ` (${detail})`);

const errors: Messages["errors"] = {
  "invalid-input": () => "The input cannot be used.",
  aborted: () => "The work was stopped.",
  superseded: () => "A newer request took its place.",
  disposed: () => "The model was unloaded.",
  "worker-crashed": () => "The thread that computes scores stopped. Trying again starts a new one.",
  "webgpu-unavailable": () => "This browser offers no WebGPU. Choose “Automatic” or “WASM” as the device.",
  "consent-needed": ({ bytes: size }) =>
    `The model needs a download of ${bytes(Number(size ?? 0))}, which was not agreed to.`,
  "model-download": ({ url, status }) =>
    status === 0 || status === undefined
      ? `A model file could not be downloaded. Check the connection and try again${inBrackets(url)}.`
      : `A model file could not be downloaded: the server answered ${status}${inBrackets(url)}.`,
  "model-integrity": ({ file }) =>
    `The downloaded file is not the one the package describes and was not used${inBrackets(file)}. Try again in a while.`,
  "model-invalid": ({ problem }) => `This is no Sunwi model package, or of another format${inBrackets(problem)}.`,
  "storage-full": ({ neededBytes, freeBytes }) =>
    typeof neededBytes === "number" && typeof freeBytes === "number"
      ? `This browser has no room for the model: ${bytes(neededBytes)} are needed, ${bytes(freeBytes)} are free. Delete another model or free some disk space.`
      : "This browser has no room for the model. Delete another model or free some disk space.",
  "not-on-device": () => "This model no longer lies on this device. Add it again.",
  "session-create": () => "The model could not be made ready to run. Try another device.",
  "self-test-failed": ({ variant }) =>
    `The self-test got wrong scores, so this variant${inBrackets(variant)} is not used. Try another device.`,
  "device-lost": () => "The connection to the GPU was lost. Trying again makes a new one.",
  inference: () => "The scores could not be computed. Please try again.",
  ...remoteErrors,
};

const search: Messages["search"] = {
  heading: "Search documents",
  label: "Query",
  placeholder: "What to find in the documents",
  submit: "Search",
  examples: "Examples",
  blend: "Use the first-stage score as well (blend)",
  blendHelp: (weight) =>
    `Adds up to ${decimal(weight, 1)} for the first-stage score to the model’s logit, and orders by the sum.`,
  blendHelpLoading: "Adds the first-stage score to the model’s logit.",
  blendUnavailable: "This model orders by its score alone.",
  emptyTitle: "Search, and see both orders side by side",
  emptyText: (documents, candidates) =>
    `Up to ${candidates} candidates that share words with the query are found among ${plural(documents, "document")}; then the model reads query and candidate together, pair by pair, and orders them anew.`,
  datasetLoading: "Reading the documents…",
  datasetFailed: "The documents could not be loaded",
  noResultsTitle: "No document shares a word with this",
  noResults: (query) => `“${query}” has no candidates, so there is nothing to rerank. Try other words.`,
  onlyItsQuestions: "This file brings its own candidates, so only its own questions can be searched for.",
  firstStageFailed: "The search failed",
  before: "Before reranking",
  after: "After reranking",
  shown: "Order to show",
  candidates: (n) => plural(n, "candidate"),
  firstStage: "First stage",
  stillFirstStage: "Still in first-stage order.",
  scoring: (scored, total) => `Scoring ${scored}/${total}`,
  failed: "Reranking failed",
  announceFound: (n) => `${plural(n, "candidate")} found. Reranking.`,
  announceDone: (n, ms, moved) =>
    `${plural(n, "candidate")} reranked in ${elapsed(ms)}. ${plural(moved, "document")} changed rank.`,
  rank: (n) => `Rank ${n}`,
  wasRank: (n) => `was ${n}`,
  movedUp: (n) => `up ${n}`,
  movedDown: (n) => `down ${n}`,
  unmoved: "rank unchanged",
  relevance: "Relevance",
  logit: "Logit",
  combined: "Blend",
  answer: "Right answer",
  truncated: "Read in part",
  truncatedHelp: "The document is longer than the model reads; its end was not seen.",
  more: "Show more",
  less: "Show less",
  moreOf: (rank) => `Show more: document at rank ${rank}`,
  lessOf: (rank) => `Show less: document at rank ${rank}`,
};

const passages: Messages["passages"] = {
  heading: "One question, several passages",
  intro:
    "Feeds question and passage to the model pair by pair and shows the relevance score. No first-stage score is blended in.",
  question: "Question",
  passage: (n) => `Passage ${n}`,
  add: "Add a passage",
  remove: "Remove",
  removeOf: (n) => `Remove: passage ${n}`,
  score: "Score",
  scoring: "Scoring…",
  missingQuestion: "Write a question.",
  missingPassage: "Write at least one passage.",
  failed: "Scoring failed",
  results: "Scores",
  elapsed: (n, ms) => `${plural(n, "passage")}, ${elapsed(ms)}`,
  columns: { rank: "Rank", passage: "Passage", logit: "Logit", relevance: "Relevance" },
  note: "Relevance is the logit’s sigmoid, 0 to 1. Logits have no fixed range and compare within one question only.",
  exampleQuestion: "전기 자전거 배터리는 겨울에 어떻게 보관하나요?",
  examplePassages: [
    "리튬이온 배터리는 영하에서 충전하면 수명이 크게 줍니다. 추운 계절에 오래 타지 않을 때는 본체에서 빼어 10–20도의 마른 실내에 두고, 잔량을 절반쯤 유지하며 한 달에 한 번 확인하세요.",
    "겨울철 전기 자전거를 탈 때는 노면이 미끄러우므로 타이어 공기압을 조금 낮추고 앞 브레이크를 부드럽게 쓰는 편이 안전합니다.",
    "여름 휴가철에는 자전거 보관소 이용 시간이 밤 열 시까지 늘어납니다. 예약은 앱에서 할 수 있습니다.",
  ],
};

const model: Messages["model"] = {
  heading: "Model",
  model: "Model",
  device: "Device",
  devices: { auto: "Automatic", webgpu: "WebGPU", wasm: "WASM" },
  licence: "Licence",
  source: "Source",
  parameters: "Parameters",
  download: "Download size",
  idle: "Loads in a moment.",
  starting: "Starting the worker",
  preparing: (size) => `Reading about the model (${bytes(size)})`,
  choosing: (variant) => `Preparing variant ${variant}`,
  downloading: (loaded, total) =>
    `Downloading ${bytes(loaded)} of ${bytes(total)} (${percent(total === 0 ? 1 : loaded / total)})`,
  creating: "Putting the model into memory",
  selfTest: (scored, total) => `Self-test ${scored}/${total}`,
  downgrading: (from) => `Variant ${from} does not work here; trying the next one`,
  loading: "Loading the model",
  loadingStored: (size) => `Reading from this device (${bytes(size)})`,
  loadingElsewhere: "Another tab is downloading this. Both will use it.",
  more: "Download, add or delete models",
  ready: "Ready",
  failed: "The model could not be loaded",
  retry: "Try again",
  facts: { device: "Device", variant: "Variant", runtime: "Runtime", files: "Model files", test: "Self-test" },
  threads: (n) => plural(n, "thread"),
  fromDevice: (size) => `${bytes(size)}, all from this device`,
  fromNetwork: (size) => `${bytes(size)}, all downloaded`,
  fromBoth: (device, network) => `${bytes(device)} from this device, ${bytes(network)} downloaded`,
  selfTestResult: (pairs, maxError, tolerance, ms) =>
    `${plural(pairs, "pair")} passed, largest error ${decimal(maxError, 4)} (${decimal(tolerance, 4)} allowed), ${elapsed(ms)}`,
  downgraded: (from) => `Variant ${from} does not work on this device and was skipped.`,
  reason: "Reason",
  softwareAdapter: "The CPU emulates a GPU: scores are right but very slow. “Automatic” or “WASM” is far faster.",
  singleThread: "The page is not cross-origin isolated (COOP and COEP), so WASM runs on one thread.",
};

const dataset: Messages["dataset"] = {
  heading: "Data",
  choose: "Choose a file",
  evaluate: "Evaluate on this data",
  mapColumns: "Name its columns in the workbench",
  dropHint: "Or drop it anywhere on this page. The file is read on this device only.",
  drop: "Drop a file to use it as data, or a package folder to add a model",
  format:
    "CSV, TSV, JSON lines, Parquet, a BEIR folder or ZIP. A CSV needs the columns question, answer, doc_id, doc, or names that mean the same.",
  useSample: "Back to the sample",
  reading: (name) => `Reading “${name}”…`,
  loading: "Reading the sample…",
  failed: "The data could not be loaded",
  sample: "Sample",
  facts: { questions: "Questions", documents: "Documents", encoding: "Encoding", skipped: "Rows left out" },
  skippedOf: (skipped, rows) => `${count(skipped)} / ${count(rows)}`,
  rejected: (name) => `“${name}” could not be read`,
  kept: "The data in use stays as it was.",
  expected: "Needed columns",
  found: "First line of the file",
  firstProblem: "First problem",
  problems: (n) => `${plural(n, "row")} to look at`,
  line: (n) => `Line ${count(n)}`,
  showAll: (n) => `Show all (${count(n)})`,
  showLess: "First 20 only",
  downloadProblems: "Download the list",
};

export const en: Messages = {
  locale: "en",
  title: "Sunwi — Korean reranking inside the page",
  brand: "Sunwi",
  tagline: "Reorders Korean search results inside this page. Neither questions nor documents leave the device.",
  skip: "Skip to content",
  views: {
    label: "Views",
    search: "Search",
    passages: "Score",
    workbench: "Workbench",
    embed: "Embed",
    models: "Models",
    panel: "Data",
  },
  panel: "Model and data",
  language: "한국어",
  theme: "Theme",
  themes: { system: "Automatic theme", light: "Light theme", dark: "Dark theme" },
  retry: "Try again",
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
