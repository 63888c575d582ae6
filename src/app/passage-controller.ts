import type { RerankError } from "../core/errors.ts";
import type { RankedDocument } from "../core/types.ts";
import { failureOf, isExpectedEnd } from "./failures.ts";
import type { ModelController } from "./model-controller.ts";
import { Observable } from "./observable.ts";

/** A passage to score; `id` stays while others come and go. */
export interface Passage {
  readonly id: number;
  readonly text: string;
}

export interface ScoredPassage extends RankedDocument {
  /** The field's number as the page shows it, from 1. */
  readonly position: number;
  readonly text: string;
}

export type PassageState =
  | { readonly type: "idle" }
  | { readonly type: "waiting" }
  | { readonly type: "scoring" }
  | { readonly type: "incomplete"; readonly missing: "question" | "passage" }
  | { readonly type: "done"; readonly scored: readonly ScoredPassage[]; readonly elapsedMs: number }
  | { readonly type: "failed"; readonly error: RerankError };

export const MOST_PASSAGES = 20;

/** Scores one question against passages, by the model alone. */
export class PassageController {
  readonly question: Observable<string>;
  readonly passages: Observable<readonly Passage[]>;
  readonly state = new Observable<PassageState>({ type: "idle" });
  readonly #models: ModelController;
  #running = new AbortController();
  #nextId: number;

  constructor(models: ModelController, question: string, passages: readonly string[]) {
    this.#models = models;
    this.question = new Observable(question);
    this.passages = new Observable(passages.map((text, id) => ({ id, text })));
    this.#nextId = passages.length;
    models.reranker.subscribe(() => {
      this.#running.abort();
      this.state.set({ type: "idle" });
    });
  }

  /** Adds an empty passage. @returns its id */
  add(): number {
    const id = this.#nextId++;
    this.passages.set([...this.passages.value, { id, text: "" }]);
    return id;
  }

  remove(id: number): void {
    this.passages.set(this.passages.value.filter((passage) => passage.id !== id));
  }

  write(id: number, text: string): void {
    this.passages.set(this.passages.value.map((passage) => (passage.id === id ? { id, text } : passage)));
  }

  /** Scores what stands in the fields; empty passages are left out. */
  async score(): Promise<void> {
    this.#running.abort();
    const question = this.question.value.trim();
    const filled = this.passages.value
      .map(({ text }, index) => ({ text: text.trim(), position: index + 1 }))
      .filter(({ text }) => text !== "");
    if (question === "" || filled.length === 0) {
      this.state.set({ type: "incomplete", missing: question === "" ? "question" : "passage" });
      return;
    }
    this.#running = new AbortController();
    await this.#scoreFilled(question, filled, this.#running.signal);
  }

  async #scoreFilled(
    question: string,
    filled: readonly { readonly text: string; readonly position: number }[],
    signal: AbortSignal,
  ): Promise<void> {
    const show = (state: PassageState): void => {
      if (!signal.aborted) this.state.set(state);
    };
    show({ type: "waiting" });
    try {
      await this.#models.load();
      show({ type: "scoring" });
      const startMs = performance.now();
      const options = { supersedeKey: "passages", signal, blend: false };
      const ranked = await this.#models.reranker.value.rerank(question, filled, options);
      const elapsedMs = performance.now() - startMs;
      const scored = ranked.map((document) => ({ ...document, text: "", position: 0, ...filled[document.index] }));
      show({ type: "done", scored, elapsedMs });
    } catch (error) {
      if (!isExpectedEnd(error)) show({ type: "failed", error: failureOf(error) });
    }
  }
}
