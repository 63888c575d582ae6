import type { Reordered } from "./drive-site.ts";
import type { Order } from "./served-site.ts";

export interface SiteRow {
  readonly site: string;
  readonly way: string;
  readonly answers: readonly Reordered[];
}

const CUTOFF = 10;

/** A Markdown table of what reranking did to each site's lists. */
export function tableOf(rows: readonly SiteRow[]): string {
  const head = ["site", "by", "questions", "right page not in the list", "results (median)", `MRR@${CUTOFF} before`];
  const tail = ["after", "change", "better", "same", "worse", "median ms"];
  const lines = rows.map(({ site, way, answers }) => {
    const places = answers.map(({ page, before, after }) => ({
      before: before.indexOf(page),
      after: after.indexOf(page),
    }));
    const [before, after] = [meanReciprocal(answers, "before"), meanReciprocal(answers, "after")];
    const times = answers.flatMap(({ ms }) => ms ?? []);
    return [
      site,
      way,
      answers.length,
      places.filter(({ before: place }) => place < 0).length,
      median(answers.map(({ before: order }) => order.length)),
      before.toFixed(3),
      after.toFixed(3),
      `${after < before ? "worse, " : ""}${after > before ? "+" : ""}${(after - before).toFixed(3)}`,
      places.filter((place) => place.after < place.before).length,
      places.filter((place) => place.after === place.before).length,
      places.filter((place) => place.after > place.before).length,
      times.length === 0 ? "–" : Math.round(median(times)),
    ];
  });
  const columns = [...head, ...tail];
  return [columns, columns.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Mean over all questions of 1 / place of the right page; 0 where that is not among the first. */
function meanReciprocal(answers: readonly Reordered[], which: "before" | "after"): number {
  const reciprocal = (order: Order, page: string): number => {
    const place = order.slice(0, CUTOFF).indexOf(page) + 1;
    return place === 0 ? 0 : 1 / place;
  };
  return answers.reduce((sum, answer) => sum + reciprocal(answer[which], answer.page), 0) / Math.max(1, answers.length);
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
