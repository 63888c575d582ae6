/** What the element says; the page's language decides. */
export interface WidgetMessages {
  readonly reranked: (count: number) => string;
  readonly restored: string;
  readonly showOriginal: string;
  readonly showReranked: string;
  readonly ask: (megabytes: string) => string;
  readonly accept: string;
  readonly decline: string;
}

const KO: WidgetMessages = {
  reranked: (count) => `결과 ${String(count)}개의 순서를 다시 정했습니다.`,
  restored: "원래 순서로 되돌렸습니다.",
  showOriginal: "원래 순서 보기",
  showReranked: "다시 정한 순서 보기",
  ask: (megabytes) =>
    `결과를 더 알맞은 순서로 보려면 모델 ${megabytes}MB를 한 번 내려받습니다. 검색어와 결과는 이 기기를 떠나지 않습니다.`,
  accept: "내려받기",
  decline: "괜찮습니다",
};

const EN: WidgetMessages = {
  reranked: (count) => `Reordered ${String(count)} results.`,
  restored: "Back in the original order.",
  showOriginal: "Show the original order",
  showReranked: "Show the new order",
  ask: (megabytes) =>
    `A better order needs a model of ${megabytes} MB, downloaded once. Neither query nor results leave this device.`,
  accept: "Download",
  decline: "No, thanks",
};

/** In the language of the nearest `lang`; Korean where there is none. */
export function messagesOf(element: Element): WidgetMessages {
  const language = element.closest("[lang]")?.getAttribute("lang") ?? "ko";
  return language.toLowerCase().startsWith("ko") ? KO : EN;
}
