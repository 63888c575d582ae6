import { WorkerReranker } from "../../src/client/worker-reranker.ts";

/** Pairs of one data set; each document's text is sent once. */
export interface LogitsInput {
  readonly documents: readonly string[];
  readonly questions: readonly {
    readonly text: string;
    /** Indices of the documents to score. */
    readonly documents: readonly number[];
  }[];
}

export interface LogitsTask {
  readonly modelUrl: string;
  /** URL of a `LogitsInput`, as JSON. */
  readonly inputUrl: string;
}

/** Logits of every question's documents, in the order in which they were named. */
export async function computeLogits({ modelUrl, inputUrl }: LogitsTask): Promise<readonly (readonly number[])[]> {
  const { documents, questions } = (await (await fetch(inputUrl)).json()) as LogitsInput;
  const reranker = new WorkerReranker({ name: "logits", modelUrl, device: "wasm" });
  const all: (readonly number[])[] = [];
  for (const question of questions) {
    const texts = question.documents.map((index) => documents[index] ?? "");
    all.push(texts.length === 0 ? [] : Array.from((await reranker.scorePairs(question.text, texts)).logits));
  }
  await reranker.dispose();
  return all;
}
