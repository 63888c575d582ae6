import type { DatasetCandidate, EvaluationDataset, RowProblem, RowProblemCode } from "./types.ts";

/** A question as it is being collected. */
interface CollectedQuestion {
  readonly id: string;
  readonly text: string;
  answer: string;
  readonly grades: Map<string, number>;
  readonly candidates: DatasetCandidate[];
}

/**
 * Collects documents, questions, judgments and candidates from whatever format they come in, and keeps account of what
 * is wrong with them. The first text of a document, the first judgment of a pair and the first place of a candidate
 * count; what differs later is reported.
 */
export class DatasetBuilder {
  readonly problems: RowProblem[] = [];
  readonly #documents = new Map<string, string>();
  readonly #idsByText = new Map<string, string>();
  readonly #questions = new Map<string, CollectedQuestion>();

  hasDocument(id: string): boolean {
    return this.#documents.has(id);
  }

  get documents(): number {
    return this.#documents.size;
  }

  addDocument(line: number, id: string, text: string): void {
    const known = this.#documents.get(id);
    if (known === undefined) {
      this.#documents.set(id, text);
    } else if (known !== text) {
      this.report(line, "conflicting-document", `Document "${id}" has another text further up; that one is used.`, {
        docId: id,
      });
    }
  }

  /** For formats without document ids: equal texts are one document, "d1" and so on in the order of their coming. */
  addText(text: string): string {
    const known = this.#idsByText.get(text);
    if (known !== undefined) return known;
    const id = `d${String(this.#idsByText.size + 1)}`;
    this.#idsByText.set(text, id);
    this.#documents.set(id, text);
    return id;
  }

  /**
   * @param key what makes two rows speak of one question: its id, or its text where the file has no ids
   * @param id as reports show it
   */
  question(key: string, id: string | undefined, text: string, answer: string): CollectedQuestion {
    const known = this.#questions.get(key);
    if (known) {
      if (known.answer === "") known.answer = answer;
      return known;
    }
    const made = { id: id ?? `q${String(this.#questions.size + 1)}`, text, answer, grades: new Map(), candidates: [] };
    this.#questions.set(key, made);
    return made;
  }

  known(key: string): CollectedQuestion | undefined {
    return this.#questions.get(key);
  }

  report(
    line: number,
    code: RowProblemCode,
    message: string,
    details: Readonly<Record<string, string | number>> = {},
  ): void {
    this.problems.push({ line, code, message, details });
  }

  /**
   * Questions without a relevant document are left out, and counted: whatever ranks them, they are worth 0, and would
   * only make every difference look smaller.
   */
  build(name: string): { readonly dataset: EvaluationDataset; readonly withoutAnswer: number } {
    const all = [...this.#questions.values()];
    const kept = all.filter(({ grades }) => [...grades.values()].some((grade) => grade > 0));
    const withCandidates = kept.some(({ candidates }) => candidates.length > 0);
    this.problems.sort((a, b) => a.line - b.line);
    return {
      dataset: {
        name,
        questions: kept.map(({ id, text, answer }) => ({ id, text, answer })),
        documents: Array.from(this.#documents, ([id, text]) => ({ id, text })),
        qrels: new Map(kept.map(({ id, grades }) => [id, grades])),
        ...(withCandidates && { candidates: new Map(kept.map(({ id, candidates }) => [id, candidates])) }),
      },
      withoutAnswer: all.length - kept.length,
    };
  }
}
