/** From a service's answer to one score per text; what is not exactly that is refused, and nothing made up. */
import { RerankError } from "../core/errors.ts";

/** What is wrong with an answer: `details.problem` of `remote-response`. */
export type AnswerProblem = "not-json" | "cut-off" | "shape" | "count" | "index" | "score" | "scale" | "labels";

/** @param found what it is, in English */
export function answerError(problem: AnswerProblem, found: string): RerankError {
  return new RerankError("remote-response", `The service's answer cannot be used: ${found}.`, {
    details: { problem, found },
  });
}

/** `[{index, <field>}]` in any order, every index once. */
export function readIndexed(answer: unknown, texts: number, field: string): readonly number[] {
  const items = listOf(answer);
  if (items.length !== texts) {
    throw answerError("count", `${String(items.length)} scores for ${String(texts)} texts`);
  }
  const scores = new Array<number | undefined>(texts).fill(undefined);
  for (const item of items) {
    const { index, [field]: score } = recordOf(item);
    if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index >= texts) {
      throw answerError("index", `index ${shown(index)} for ${String(texts)} texts`);
    }
    if (scores[index] !== undefined) throw answerError("index", `index ${String(index)} twice`);
    scores[index] = finite(score, index);
  }
  // As many items as texts, each index in range and once: none is missing.
  return scores.map((score) => score ?? Number.NaN);
}

/**
 * `[{label, score}]`, or `[[{label, score}]]`, in the texts' order. Of two labels `LABEL_1` is the relevant one; where
 * only the better label of two is told, the other way round of its score is unknown, and the answer is refused.
 */
export function readLabelled(answer: unknown, texts: number): readonly number[] {
  const outer = listOf(answer);
  const [first] = outer;
  // Some versions wrap the whole list once more.
  const items =
    outer.length === 1 && Array.isArray(first) && first.length === texts && texts > 1 ? listOf(first) : outer;
  if (items.length !== texts) {
    throw answerError("count", `${String(items.length)} scores for ${String(texts)} texts`);
  }
  const chosen = items.map((item) => (Array.isArray(item) ? relevantOf(item) : recordOf(item)));
  const labels = new Set(chosen.map(({ label }) => label));
  if (labels.size > 1)
    throw answerError("labels", `only the best label of each pair: ${[...labels].map(shown).join(", ")}`);
  return chosen.map(({ score }, at) => finite(score, at));
}

/** @throws RerankError where a score is no number from 0 to 1 */
export function checkRelevance(scores: readonly number[]): void {
  const bad = scores.find((score) => score < 0 || score > 1);
  if (bad !== undefined) throw answerError("scale", `score ${String(bad)} is not from 0 to 1`);
}

function relevantOf(labels: readonly unknown[]): Readonly<Record<string, unknown>> {
  const all = labels.map(recordOf);
  const [only] = all;
  if (all.length === 1 && only !== undefined) return only;
  const relevant = all.find(({ label }) => label === "LABEL_1");
  if (all.length === 2 && relevant !== undefined) return relevant;
  throw answerError("labels", `${String(all.length)} labels: ${all.map(({ label }) => shown(label)).join(", ")}`);
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw answerError("shape", `${shown(value)} where a list should be`);
  return value;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw answerError("shape", `${shown(value)} where an object should be`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function finite(score: unknown, at: number): number {
  if (typeof score !== "number" || !Number.isFinite(score)) {
    throw answerError("score", `score ${shown(score)} of text ${String(at)}`);
  }
  return score;
}

/** Short, and without what it holds: an answer may repeat texts or keys. */
function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "string") return /^LABEL_\d+$/.test(value) ? value : "a string";
  return Array.isArray(value) ? "a list" : "an object";
}
