/** What the origin's protocol came to, in words: for a page, a Markdown table and an HTML report alike. */
import type { Difference } from "./compare.ts";
import { ORIGIN_CLAIMS, type OriginJudgement, type OriginRow } from "./origin-protocol.ts";
import type { ReportLocale } from "./system-names.ts";
import { pText, signed } from "./verdict-text.ts";

export interface OriginTable {
  readonly title: string;
  readonly intro: string;
  /** Header first; one text per column. */
  readonly rows: readonly (readonly string[])[];
  /** Above the second table. */
  readonly claimsTitle: string;
  readonly claims: readonly (readonly string[])[];
  /** What must be known to read either table right. */
  readonly notes: readonly string[];
}

interface Wording {
  readonly title: string;
  readonly intro: string;
  readonly header: readonly string[];
  readonly kinds: Readonly<Record<OriginRow["kind"], (model: string) => string>>;
  readonly claimsTitle: string;
  readonly claimsHeader: readonly string[];
  readonly claimed: string;
  readonly tallied: (model: string) => string;
  readonly unmatchable: (count: number) => string;
  readonly notes: readonly string[];
}

const WORDING: Readonly<Record<ReportLocale, Wording>> = {
  ko: {
    title: "원본 프로젝트의 절차로 잰 값",
    intro:
      "문서를 4,096자 문맥과 그 안의 1,024자 조각으로 나누어 조각을 찾습니다. 리랭커가 없으면 조각 6개, 있으면 9개를 다시 매겨 6개를 남기고, 그 조각이 든 문맥에 정답 문서가 글자 그대로 들어 있으면 맞은 것으로 셉니다.",
    header: [
      "방식",
      "맞는 문맥",
      "MRR",
      "문맥 수",
      "6개와의 MRR 차이 (95 % 구간), p",
      "9개와의 MRR 차이 (95 % 구간), p",
    ],
    kinds: {
      six: () => "리랭킹 없음, 조각 6개",
      nine: () => "리랭킹 없음, 조각 9개 모두 (원본 표에 없는 줄)",
      reranked: (model) => `${model}, 9개에서 6개`,
    },
    claimsTitle: "원본이 말하는 값: 다른 문서 모음에서 잰 것이라 위의 값과 견줄 수 없습니다",
    claimsHeader: ["방식", "맞는 문맥", "MRR"],
    claimed: "원본의 주장",
    tallied: (model) => `원본에 남아 있는 실행 출력을 센 값 (${model})`,
    unmatchable: (count) =>
      `질문 ${String(count)}개는 정답 문서가 문맥 하나보다 길어 어느 방식으로도 맞을 수 없습니다. 모두 틀린 것으로 셉니다.`,
    notes: [
      "원본의 색인은 공개된 적이 없어 그 값을 다시 만들 수 없습니다. 1차 검색도 다릅니다. 원본은 임베딩과 형태소 BM25를 섞었고, 여기서는 글자쌍 BM25를 씁니다.",
      "리랭커만 후보 9개를 보므로 6개짜리 줄과의 차이에는 후보가 더 많은 덕이 섞여 있습니다. 9개를 모두 쓰는 줄의 ‘맞는 문맥’은 리랭커가 이를 수 있는 상한입니다.",
      "질문이 135개면 0.95라는 비율은 ±0.037까지 흔들립니다. 원본 표의 비율 차이 0.01~0.03은 질문 한두 개에서 네 개이며, 모두 그 안에 듭니다.",
      "순위는 조각이 아니라 겹치는 것을 합친 문맥으로 세므로, 조각 순위로 잰 MRR보다 높게 나옵니다.",
      "토큰 수는 UTF-8 바이트의 3분의 1로 어림합니다. 원본이 쓴 토크나이저는 알려져 있지 않습니다.",
    ],
  },
  en: {
    title: "By the origin project's protocol",
    intro:
      "Documents are cut into contexts of 4,096 characters and these into pieces of 1,024, which are searched. Without a reranker six pieces are kept; with one, nine are reranked and six kept. A question counts as right where a relevant document stands, word by word, in a context that holds one of the pieces.",
    header: ["Run", "Right context", "MRR", "Contexts", "MRR against six (95 %), p", "MRR against nine (95 %), p"],
    kinds: {
      six: () => "No reranking, six pieces",
      nine: () => "No reranking, all nine pieces (a row that the origin's table lacks)",
      reranked: (model) => `${model}, nine reranked to six`,
    },
    claimsTitle: "What the origin says: measured on another collection, so not to be compared with the values above",
    claimsHeader: ["Run", "Right context", "MRR"],
    claimed: "the origin's claim",
    tallied: (model) => `counted from the origin's stored output (${model})`,
    unmatchable: (count) =>
      `${String(count)} questions have a relevant document that is longer than a context: they count as wrong in every row.`,
    notes: [
      "The origin's index was never published, so its figures cannot be made again. Its first stage differs too: embeddings fused with morphological BM25, where this page has BM25 over pairs of characters.",
      "Only a reranker sees nine candidates, so its difference from the row of six owes something to their number. The right contexts of the row of nine are the most that a reranker can reach.",
      "With 135 questions a share of 0.95 is sure to ±0.037. The origin's shares differ by 0.01 to 0.03, one to four questions, all within that.",
      "Ranks count contexts, in which pieces of one context are merged, so the MRR is higher than one over pieces.",
      "Tokens are taken to be a third of the UTF-8 bytes; which tokenizer the origin counted with is not known.",
    ],
  },
};

/** @param nameOf a model's name by its key */
export function originTable(
  { rows, unmatchable }: OriginJudgement,
  nameOf: (model: string) => string,
  locale: ReportLocale,
): OriginTable {
  const words = WORDING[locale];
  const name = ({ kind, model = "" }: Pick<OriginRow, "kind" | "model">): string => words.kinds[kind](nameOf(model));
  return {
    title: words.title,
    intro: words.intro,
    rows: [
      words.header,
      ...rows.map((row) => [
        name(row),
        row.rightContext.toFixed(3),
        row.mrr.toFixed(3),
        row.contexts.toFixed(2),
        differenceText(row.againstSix),
        differenceText(row.againstNine),
      ]),
    ],
    claimsTitle: words.claimsTitle,
    claims: [
      words.claimsHeader,
      ...ORIGIN_CLAIMS.claimed.map(({ kind, model = "", rightContext, mrr }) => [
        `${words.kinds[kind](model)}: ${words.claimed}`,
        rightContext.toFixed(2),
        mrr.toFixed(2),
      ]),
      ...ORIGIN_CLAIMS.tallied.map(({ model, rightContext, mrr }) => [
        words.tallied(model),
        rightContext.toFixed(3),
        mrr.toFixed(3),
      ]),
    ],
    notes: [...(unmatchable === 0 ? [] : [words.unmatchable(unmatchable)]), ...words.notes],
  };
}

function differenceText(difference: Difference | undefined): string {
  if (difference === undefined) return "";
  const { mean, interval, correctedP } = difference;
  return `${signed(mean)} (${signed(interval.low)} ~ ${signed(interval.high)}), p ${pText(correctedP)}`;
}
