import type { Aggregation } from "../core/aggregation.ts";
import type { SystemRecipe } from "./systems.ts";

export type ReportLocale = "ko" | "en";

/** First stages that have a Korean name; others keep the one they give themselves. */
const KOREAN_FIRST_STAGES: Readonly<Record<string, string>> = {
  "BM25+ × matched terms (MiniSearch)": "BM25+ × 일치어 수 (MiniSearch)",
};

interface Names {
  /** The order that a file came with. */
  readonly ownOrder: string;
  firstStage(name: string): string;
  logit(model: string): string;
  blended(model: string, weight: number): string;
  readonly windows: Readonly<Record<Aggregation, string>>;
  cascade(first: string, keep: number, second: string): string;
}

const NAMES: Readonly<Record<ReportLocale, Names>> = {
  ko: {
    ownOrder: "파일의 순서",
    firstStage: (name) => `리랭킹 없음 — ${name}`,
    logit: (model) => `${model} (모델 점수만)`,
    blended: (model, weight) => `${model} + 1차 검색 점수 × ${String(weight)}`,
    windows: { first: "", max: ", 긴 문서는 창의 최댓값", mean: ", 긴 문서는 창의 평균" },
    cascade: (first, keep, second) => `${first} 상위 ${String(keep)}개 → ${second}`,
  },
  en: {
    ownOrder: "the file’s own order",
    firstStage: (name) => `No reranking — ${name}`,
    logit: (model) => `${model} (model score only)`,
    blended: (model, weight) => `${model} + first-stage score × ${String(weight)}`,
    windows: { first: "", max: ", best window of long documents", mean: ", mean window of long documents" },
    cascade: (first, keep, second) => `best ${String(keep)} of ${first} → ${second}`,
  },
};

/** What found the candidates. @param name its own name; undefined where the file brought the candidates */
export function firstStageName(name: string | undefined, locale: ReportLocale): string {
  if (name === undefined) return NAMES[locale].ownOrder;
  return locale === "ko" ? (KOREAN_FIRST_STAGES[name] ?? name) : name;
}

/**
 * A row's true name: which part of the order is the model's, which the first stage's, and what became of long documents.
 * @param firstStage its own name; undefined where the file brought the candidates
 * @param modelName of the recipe's model
 */
export function systemName(
  { kind, model = "", aggregation = "first", blendWeight = 0, after }: SystemRecipe,
  firstStage: string | undefined,
  modelName: (key: string) => string,
  locale: ReportLocale,
): string {
  const names = NAMES[locale];
  if (kind === "first-stage") return names.firstStage(firstStageName(firstStage, locale));
  const own = modelName(model);
  const base = kind === "logit" ? names.logit(own) : names.blended(own, blendWeight);
  const name = `${base}${names.windows[aggregation]}`;
  return after === undefined ? name : names.cascade(modelName(after.model), after.keep, name);
}
