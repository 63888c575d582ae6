import type { CandidateRequest, QuestionTask } from "../../eval/dataset-protocol.ts";
import type { WorkbenchDatasets } from "./workbench-state.ts";

/** Questions asked for at once: few enough that a stop is quick where each search takes long. */
const TASKS_AT_ONCE = 8;

/** All questions with their candidates; the next ones are looked for while the former are scored. */
export async function* questionTasks(
  datasets: Pick<WorkbenchDatasets, "tasks">,
  questions: number,
  request: Pick<CandidateRequest, "limit" | "protocol">,
): AsyncIterable<QuestionTask> {
  const ask = (from: number): Promise<readonly QuestionTask[]> => {
    const asked = datasets.tasks({ ...request, from, to: Math.min(questions, from + TASKS_AT_ONCE) });
    // Whoever stops listening must not be told that this failed.
    asked.catch(() => undefined);
    return asked;
  };
  let next = questions > 0 ? ask(0) : undefined;
  for (let from = TASKS_AT_ONCE; next !== undefined; from += TASKS_AT_ONCE) {
    const tasks = await next;
    next = from < questions ? ask(from) : undefined;
    yield* tasks;
  }
}
