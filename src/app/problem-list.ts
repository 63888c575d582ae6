import type { RowProblem } from "../eval/types.ts";
import type { Messages } from "./messages/ko.ts";

/** How many problems a page shows unasked. */
export const SHOWN_PROBLEMS = 20;

/** What is wrong with a row and what was done about it, in the user's language. */
export function describeProblem({ code, details }: RowProblem, t: Messages): string {
  return t.problems[code](details);
}

/** All problems as text, one a line, for a file. */
export function problemsAsText(problems: readonly RowProblem[], t: Messages): string {
  return problems.map((problem) => `${t.dataset.line(problem.line)}: ${describeProblem(problem, t)}\r\n`).join("");
}
