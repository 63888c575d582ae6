import type { EvaluationReport, EvaluationRun } from "../eval/types.ts";
import { formatFor } from "./format.ts";
import type { Messages } from "./messages/ko.ts";

/** The one metric that the sentence goes by. */
const METRIC = "MRR@10";
const DIGITS = 3;

/** What reranking did to the order. */
export interface Verdict {
  readonly effect: "lowered" | "raised" | "unchanged" | "mixed";
  readonly text: string;
}

/**
 * One plain sentence: did reranking help on this dataset? It compares means as the table prints them and says nothing
 * of significance.
 * @returns nothing for a report without a reranked run
 */
export function verdictOn(report: EvaluationReport, t: Messages): Verdict | undefined {
  const [first, ...reranked] = report.runs;
  if (first === undefined || reranked.length === 0) return undefined;
  const changes = reranked.map((run) => ({ run, points: pointsOf(run) - pointsOf(first) }));
  const best = changes.reduce((a, b) => (b.points > a.points ? b : a));
  const worst = changes.reduce((a, b) => (b.points < a.points ? b : a));
  const describe = ({ run }: { readonly run: EvaluationRun }): string => describeChange(first, run, t);
  if (worst.points < 0 && best.points > 0) {
    const say = worst.run.kind === "logit" ? t.evaluation.mixed : t.evaluation.mixedReversed;
    return { effect: "mixed", text: say(describe(worst), describe(best)) };
  }
  if (best.points > 0) return { effect: "raised", text: t.evaluation.raised(describe(best)) };
  if (worst.points < 0) return { effect: "lowered", text: t.evaluation.lowered(describe(worst)) };
  return { effect: "unchanged", text: t.evaluation.unchanged(describe(best)) };
}

/** The metric in units of its last printed digit, so that rows which look equal are equal. */
function pointsOf({ metrics }: EvaluationRun): number {
  return Math.round((metrics[METRIC] ?? 0) * 10 ** DIGITS);
}

function describeChange(before: EvaluationRun, after: EvaluationRun, { locale }: Messages): string {
  const { decimal } = formatFor(locale);
  const [from, to] = [before, after].map(({ metrics }) => decimal(metrics[METRIC] ?? 0, DIGITS));
  return `${METRIC} ${from ?? ""} → ${to ?? ""}`;
}
