import type { RerankError } from "../core/errors.ts";
import type { Messages } from "./messages/ko.ts";

/** A label with its value, as a page shows facts. */
interface Fact {
  readonly label: string;
  readonly value: string;
}

export interface ErrorText {
  readonly text: string;
  /** What was expected and what was found, where the error says so. */
  readonly facts: readonly Fact[];
}

/** An error in the user's language, by its code and details; never by its message. */
export function describeError({ code, details }: RerankError, t: Messages): ErrorText {
  const reason = String(details["reason"] ?? "");
  if ((code !== "invalid-input" && code !== "model-invalid") || !isInputReason(reason, t))
    return { text: t.errors[code](details), facts: [] };
  const { expected, found, command, line, problem } = details;
  const labels =
    reason === "no-manifest"
      ? { expected: t.models.factLabels.file, found: t.models.factLabels.files }
      : { expected: t.dataset.expected, found: t.dataset.found };
  const facts: Fact[] = [];
  if (expected !== undefined) facts.push({ label: labels.expected, value: String(expected) });
  if (found !== undefined && found !== "") facts.push({ label: labels.found, value: String(found) });
  if (command !== undefined) facts.push({ label: t.models.factLabels.command, value: String(command) });
  if (typeof line === "number" && isProblemCode(problem, t)) {
    facts.push({ label: t.dataset.firstProblem, value: `${t.dataset.line(line)}: ${t.problems[problem](details)}` });
  }
  return { text: t.inputReasons[reason], facts };
}

function isInputReason(reason: string, t: Messages): reason is keyof Messages["inputReasons"] {
  return Object.hasOwn(t.inputReasons, reason);
}

function isProblemCode(code: unknown, t: Messages): code is keyof Messages["problems"] {
  return typeof code === "string" && Object.hasOwn(t.problems, code);
}
