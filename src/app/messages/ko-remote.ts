/** What is said of rerankers behind HTTP. */
import type { ErrorDetails } from "../../core/errors.ts";
import { formatFor } from "../format.ts";

const { count, decimal, elapsed } = formatFor("ko");

const named = (host: string | number | undefined): string => (host === undefined ? "이 서비스" : String(host));

/** What is wrong with an answer, by `details.problem`. */
const problems: Readonly<Record<string, string>> = {
  "not-json": "JSON이 아닙니다",
  "cut-off": "답이 중간에 끊겼습니다",
  shape: "형식이 다릅니다",
  count: "점수의 수가 문서의 수와 다릅니다",
  index: "문서 번호가 겹치거나 범위를 벗어났습니다",
  score: "점수가 숫자가 아닙니다",
  scale: "점수가 0과 1 사이가 아닙니다. ‘점수가 로짓’을 켜 보세요",
  labels: "라벨이 여럿이라 어느 점수를 쓸지 알 수 없습니다",
};

export const remoteErrors = {
  "remote-unauthorized": ({ host, status }: ErrorDetails) =>
    `${named(host)}에서 키를 받아들이지 않았습니다${status === undefined ? "" : `(${status})`}. 키와 그 권한을 확인해 주세요.`,
  "remote-rate-limited": ({ host, seconds }: ErrorDetails) =>
    `${named(host)}의 사용량 한도에 걸렸습니다. ${seconds === undefined ? "잠시 뒤" : `${seconds}초 뒤`} 이어서 하거나 후보 수를 줄여 주세요.`,
  "remote-unavailable": ({ host, status }: ErrorDetails) =>
    `${named(host)}에서 지금 답하지 못합니다${status === undefined ? "" : `(${status})`}. 잠시 뒤 다시 시도해 주세요.`,
  "remote-refused": ({ host, status, said }: ErrorDetails) =>
    `${named(host)}에서 요청을 거절했습니다${status === undefined ? "" : `(${status})`}. 주소와 모델 이름을 확인해 주세요.` +
    (said === undefined || said === "" ? "" : ` 서비스의 말: ${said}`),
  "remote-response": ({ problem }: ErrorDetails) =>
    `서비스의 답을 쓸 수 없어 점수를 하나도 쓰지 않았습니다. ${problems[String(problem)] ?? "형식이 다릅니다"}.`,
  "remote-timeout": ({ host, seconds }: ErrorDetails) =>
    `${named(host)}에서 ${seconds === undefined ? "제때" : `${seconds}초 안에`} 답하지 않았습니다. 서버가 켜져 있는지 확인하고 다시 시도해 주세요.`,
  "remote-unreachable": ({ host }: ErrorDetails) =>
    `${named(host)}에 닿지 못했습니다. 네트워크나 주소의 문제이거나, 서비스가 웹 페이지의 호출(CORS)을 허용하지 않기 때문인데 브라우저는 어느 쪽인지 알려 주지 않습니다. ` +
    "TEI는 --cors-allow-origin으로 이 페이지를 허용할 수 있습니다. Cohere 같은 상용 API는 페이지에서 부르면 거절하는 일이 많으니, CORS 헤더를 더하는 프록시를 직접 두고 그 주소를 적어 주세요.",
  "remote-insecure": ({ host, reason }: ErrorDetails) =>
    reason === "mixed"
      ? `https 페이지에서는 ${named(host)}을(를) http로 부를 수 없습니다. https 주소나 이 기기의 프록시를 적어 주세요.`
      : `키를 암호화되지 않은 http로 ${named(host)}에 보내지 않습니다. https 주소를 적어 주세요.`,
};

/** Why an address cannot be used: `details.reason` of `invalid-input`. */
export const remoteReasons = {
  "remote-address": "https://나 http://로 시작하는 주소를 적어 주세요. 주소에 비밀번호를 넣을 수는 없습니다.",
  "remote-model": "이 서비스는 모델 이름이 있어야 합니다.",
  "remote-headers": "키에 쓸 수 없는 글자가 있습니다. 앞뒤에 딸려 온 글자가 없는지 확인해 주세요.",
  "remote-gone": "목록에서 빠진 원격 리랭커입니다. 다시 추가해 주세요.",
};

export const remote = {
  heading: "원격 리랭커",
  intro:
    "Cohere, Jina, Voyage, Hugging Face TEI, SageMaker 방식의 서비스를 같은 표에서 견줍니다. 비교할 때 질문과 후보 문서가 그 서비스로 나가며, 그 전에 물어봅니다.",
  open: "리랭커 더하기",
  kind: "서비스",
  url: "주소",
  model: "모델 이름",
  modelOptional: "없어도 됩니다",
  key: "API 키",
  keyHelp: "이 탭이 열려 있는 동안만 가지고 있습니다. 보고서나 기록에는 남지 않습니다.",
  remember: "이 기기에 키를 기억하기",
  logits: "점수가 로짓(0~1이 아님)",
  add: "목록에 넣기",
  save: "고친 대로 넣기",
  test: "연결 시험",
  testing: "두 문장을 보내 보는 중…",
  tested: (ms: number, right: number, wrong: number) =>
    `답이 왔습니다(${elapsed(ms)}). 맞는 글 ${decimal(right, 3)}, 틀린 글 ${decimal(wrong, 3)}.`,
  testedOdd: "맞는 글의 점수가 더 높지 않습니다. 점수의 뜻을 확인해 주세요.",
  testHelp: "연결 시험은 미리 정해 둔 짧은 문장 두 쌍만 보냅니다.",
  testFailed: "연결하지 못했습니다",
  refused: "넣을 수 없습니다",
  list: "넣은 원격 리랭커",
  hasKey: "키 있음",
  keyRemembered: "키를 기억함",
  noKey: "키 없음",
  edit: (name: string) => `‘${name}’ 고치기`,
  editShort: "고치기",
  remove: (name: string) => `‘${name}’ 빼기`,
  removeShort: "빼기",
  forgetKeys: "이 기기에 기억한 키 지우기",
  consentTitle: (hosts: string) => `질문과 문서가 ${hosts}(으)로 나갑니다`,
  consent: (questions: number, candidates: number) =>
    `질문 ${count(questions)}개와, 질문마다 후보 문서를 ${count(candidates)}개까지(모두 ${count(questions * candidates)}쌍) 보냅니다. 서비스에 따라 요금이 들 수 있습니다.`,
  consentOrigin: "원본 절차로도 재면 문서 조각을 한 번 더 보냅니다.",
  agree: "보내고 비교하기",
  without: "원격 없이 비교하기",
  decline: "그만두기",
  cost: (service: string) => `원격 · ${service}`,
};
