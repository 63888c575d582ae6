/** What the embed view says of the page's API. */
export const endpoint = {
  heading: "이 페이지를 API로 쓰기",
  intro:
    "Cohere, Jina, TEI의 리랭크 API에 맞춰 쓴 코드가 주소만 바꾸면 이 페이지의 모델을 부릅니다. 요청은 브라우저 밖으로 나가지 않습니다.",
  switchOn: "리랭크 요청에 답하기",
  unavailable:
    "이 브라우저에서는 서비스 워커를 쓸 수 없어 답할 수 없습니다. HTTPS나 localhost로 열고, 사생활 보호 모드라면 일반 창에서 열어 주세요.",
  off: "꺼져 있습니다.",
  starting: "서비스 워커를 시작하는 중…",
  serving: (answered: number) => (answered === 0 ? "요청을 기다립니다." : `지금까지 요청 ${answered}개에 답했습니다.`),
  failed: (reason: string) => `서비스 워커를 시작하지 못했습니다. 껐다가 다시 켜 주세요. (${reason})`,
  lastProblem: (status: number) => `마지막 오류 응답: ${status}`,
  base: "기준 주소",
  copy: (what: string) => `${what} 복사`,
  copied: "복사했습니다.",
  copyRefused: "클립보드를 쓸 수 없습니다. 코드를 골라 복사해 주세요.",
  examples: { fetch: "fetch로 부르기", cohere: "Cohere SDK로 부르기", tei: "TEI 형식으로 부르기" },
  notes: [
    "같은 출처에서 이 주소 아래에 있는 페이지만 부를 수 있습니다. 요청을 서비스 워커가 브라우저 안에서 받기 때문이며, curl이나 서버에서는 부를 수 없습니다.",
    "이 페이지를 열어 두어야 합니다. 닫혀 있으면 503으로 답합니다.",
    "지금 쓰는 모델이 답하고, 요청의 model은 무엇이든 됩니다. 순서는 모델의 점수만 따릅니다.",
    "다른 출처의 페이지나 앱에서는 npm 패키지의 createRerankFetch(sunwi/fetch)를 쓰세요. 서비스 워커가 필요 없습니다.",
  ],
  tryIt: "한번 불러 보기",
  trying: "부르는 중…",
  answer: (status: number, ms: number) => `응답 ${status} · ${ms}ms`,
  noAnswer: "응답이 없습니다.",
  threads: "서비스 워커로 여러 스레드 쓰기",
  threadsHelp: {
    unknown: "확인하는 중…",
    host: "이 서버가 필요한 헤더를 보내므로 서비스 워커 없이도 여러 스레드로 계산합니다.",
    "service-worker":
      "이 서버가 보내지 않는 헤더를 서비스 워커가 더해 여러 스레드로 계산합니다. 끄면 다음에 열 때부터 한 스레드로 계산합니다.",
    "next-visit": "다음에 열 때부터 여러 스레드로 계산합니다. 지금 새로 고치지 않아도 됩니다.",
    off: "한 스레드로 계산합니다. 켜면 다음에 열 때부터 여러 스레드로 계산합니다.",
  },
};
