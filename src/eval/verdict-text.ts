import type { ReportLocale } from "./system-names.ts";
import type { Difference } from "./compare.ts";
import { WORTHWHILE, type Verdict } from "./verdict.ts";

export interface VerdictFacts {
  readonly metric: string;
  readonly questions: number;
  /** The metric's mean by system key. */
  readonly means: ReadonlyMap<string, number>;
  /** As the table calls a system. */
  readonly nameOf: (key: string) => string;
}

/** The verdict in one sentence, with the numbers it stands on. */
export function verdictText(verdict: Verdict, facts: VerdictFacts, locale: ReportLocale): string {
  return SENTENCES[locale](verdict, facts);
}

const SENTENCES: Readonly<Record<ReportLocale, (verdict: Verdict, facts: VerdictFacts) => string>> = {
  ko(verdict, facts) {
    const { metric, questions } = facts;
    if (verdict.type === "no-room") {
      return `리랭킹하지 마세요: 후보를 가장 잘 늘어놓아도 ${metric}은 ${three(verdict.ceiling)}으로, 지금 순서와의 차이가 ${two(WORTHWHILE)}을 넘지 않습니다.`;
    }
    const name = `‘${facts.nameOf(verdict.key)}’`;
    const numbers = `${metric} ${change(verdict.difference, facts)}, 95 % 구간 ${interval(verdict.difference)}, 질문 ${count(questions)}개`;
    switch (verdict.type) {
      case "rerank":
        return `${name}(으)로 리랭킹하세요: ${numbers}.`;
      case "do-not-rerank":
        return verdict.reason === "worse"
          ? `리랭킹하지 마세요: 가장 나은 ${name}도 순서를 나쁘게 합니다. ${numbers}.`
          : `리랭킹하지 마세요: 가장 나은 ${name}도 얻을 것이 ${two(WORTHWHILE)}에 못 미칩니다. ${numbers}.`;
      case "too-few-questions":
        return `아직 알 수 없습니다: 이만한 차이를 가려내려면 질문이 ${count(verdict.needed)}개쯤 있어야 합니다. 가장 나은 ${name}은(는) ${numbers}.`;
    }
  },
  en(verdict, facts) {
    const { metric, questions } = facts;
    if (verdict.type === "no-room") {
      return `Don’t rerank: the best order of these candidates has ${metric} ${three(verdict.ceiling)}, no more than ${two(WORTHWHILE)} above the present one.`;
    }
    const name = `“${facts.nameOf(verdict.key)}”`;
    const numbers = `${metric} ${change(verdict.difference, facts)}, 95 % interval ${interval(verdict.difference)}, ${count(questions)} questions`;
    switch (verdict.type) {
      case "rerank":
        return `Rerank with ${name}: ${numbers}.`;
      case "do-not-rerank":
        return verdict.reason === "worse"
          ? `Don’t rerank: even the best, ${name}, makes the order worse. ${numbers}.`
          : `Don’t rerank: even the best, ${name}, cannot bring as much as ${two(WORTHWHILE)}. ${numbers}.`;
      case "too-few-questions":
        return `Too few questions to tell: a difference like this takes about ${count(verdict.needed)}. The best so far is ${name}: ${numbers}.`;
    }
  },
};

function change({ key, against }: Difference, { means }: VerdictFacts): string {
  return `${three(means.get(against) ?? 0)} → ${three(means.get(key) ?? 0)}`;
}

function interval({ interval: { low, high } }: Difference): string {
  return `${signed(low)} ~ ${signed(high)}`;
}

/** With a real minus, and "+" for what is above 0. */
export function signed(value: number): string {
  const rounded = three(Math.abs(value));
  return rounded === "0.000" ? rounded : `${value < 0 ? "−" : "+"}${rounded}`;
}

/** A p value with 3 decimals: "<0.001" where they would be 0.000, for no p is 0. */
export function pText(p: number): string {
  return p < 0.0005 ? "<0.001" : three(p);
}

function three(value: number): string {
  return value.toFixed(3);
}

function two(value: number): string {
  return value.toFixed(2);
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
