import type { FirstStage } from "../core/types.ts";
import type { EvaluationDataset } from "../eval/types.ts";

const LONGEST_EXAMPLE = 32;
/** Questions looked at per example: each costs a search. */
const MOST_TRIED = 12;

interface ExampleRequest {
  readonly count: number;
  /** Candidates that a search takes from the first stage. */
  readonly candidates: number;
}

/**
 * Questions to try, the same ones each time: one from each equal part of the dataset, the first there that is short and
 * whose answer is among the candidates, for of the others no reranker can make anything. How a model ranks them plays
 * no part.
 * @returns at most `count`, all different
 */
export function exampleQuestions(
  { dataset, firstStage }: { readonly dataset: EvaluationDataset; readonly firstStage: FirstStage },
  { count, candidates }: ExampleRequest,
): readonly string[] {
  const { questions, documents, qrels } = dataset;
  const isReachable = (id: string, text: string): boolean =>
    firstStage.search(text, candidates).some(({ index }) => qrels.get(id)?.has(documents[index]?.id ?? "") === true);
  const parts = Array.from({ length: count }, (_, part) =>
    questions.slice(Math.ceil((part * questions.length) / count), Math.ceil(((part + 1) * questions.length) / count)),
  );
  const chosen = parts.flatMap((part) => {
    const short = part.filter(({ text }) => text.length <= LONGEST_EXAMPLE).slice(0, MOST_TRIED);
    const question = short.find(({ id, text }) => isReachable(id, text)) ?? short[0] ?? part[0];
    return question === undefined ? [] : [question.text];
  });
  return [...new Set(chosen)];
}
