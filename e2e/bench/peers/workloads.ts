/** What is scored: questions and documents of the bundled sample, candidates by its first stage. */
import { Bm25FirstStage } from "../../../src/retrieval/first-stage.ts";
import { readDatasetFile } from "../../dataset-file.ts";
import { SAMPLE_CSV } from "../../driven-page.ts";
import type { ScoringTask } from "../../page/speed-task.ts";

export const WORKLOADS = ["mixed", "latency", "bulk"] as const;
export type Workload = (typeof WORKLOADS)[number];

export const WORKLOAD_TEXTS: Readonly<Record<Workload, string>> = {
  mixed: "questions × 20 documents of mixed length",
  latency: "one query × 20 short snippets",
  bulk: "one query × 100 documents",
};

const CANDIDATES = 20;
const BULK_DOCUMENTS = 100;
const SNIPPET_CHARACTERS = 80;

export class WorkloadSource {
  readonly #questions: readonly string[];
  readonly #documents: readonly string[];
  readonly #search: Bm25FirstStage;

  private constructor(questions: readonly string[], documents: readonly string[]) {
    this.#questions = questions;
    this.#documents = documents;
    this.#search = new Bm25FirstStage(documents);
  }

  static async open(): Promise<WorkloadSource> {
    const { questions, documents } = await readDatasetFile(SAMPLE_CSV);
    return new WorkloadSource(
      questions.map(({ text }) => text),
      documents.map(({ text }) => text),
    );
  }

  /**
   * @param round texts differ from any other round's, so that nothing that was remembered helps; a document that
   *   several questions of one round find comes back as it would in an evaluation
   * @param questions of "mixed"; the others are of one
   */
  tasks(workload: Workload, round: number, questions: number): readonly ScoringTask[] {
    const marked = (text: string): string => `${text} ${String(round)}`;
    const count = workload === "mixed" ? questions : 1;
    return Array.from({ length: count }, (_, at) => {
      const query = this.#questions[(round * count + at) % this.#questions.length] ?? "";
      return { query, documents: this.#documentsFor(workload, query).map(marked) };
    });
  }

  #documentsFor(workload: Workload, query: string): readonly string[] {
    const wanted = workload === "bulk" ? BULK_DOCUMENTS : CANDIDATES;
    const found = this.#search.search(query, wanted).map(({ index }) => index);
    const all = [...new Set([...found, ...this.#documents.keys()])].slice(0, wanted);
    const texts = all.map((index) => this.#documents[index] ?? "");
    return workload === "latency" ? texts.map((text) => text.replace(/\s+/g, " ").slice(0, SNIPPET_CHARACTERS)) : texts;
  }
}
