import { abortReason } from "../../core/errors.ts";
import type { DatasetFacts } from "../../eval/dataset-protocol.ts";
import type { ModelChoice } from "../models.ts";
import { Observable } from "../observable.ts";
import type { WorkbenchSettings } from "./workbench-settings.ts";

/** All that was chosen, only what runs here, or nothing at all. */
export type ConsentAnswer = "all" | "local" | "none";

/** What leaves the device if the user agrees. */
export interface ConsentQuestion {
  readonly hosts: readonly string[];
  readonly questions: number;
  /** Of each question, at most. */
  readonly candidates: number;
  /** Whether pieces of documents are sent once more. */
  readonly origin: boolean;
  /** Whether something is left to compare without the hosts. */
  readonly hasLocal: boolean;
  readonly answer: (answer: ConsentAnswer) => void;
}

export interface Sending {
  readonly facts: Pick<DatasetFacts, "hash" | "questions">;
  readonly settings: Pick<WorkbenchSettings, "candidates" | "origin">;
}

/**
 * Asks before texts go to a host: once for each host, data set and amount. Nothing of it outlives the page.
 */
export class RemoteConsent {
  readonly asked = new Observable<ConsentQuestion | undefined>(undefined);
  /** The most that may go to a host, by host and data. */
  readonly #given = new Map<string, number>();

  /**
   * The models that may run.
   * @param hostOf where a model's texts go; nothing for one that runs here
   * @throws RerankError `aborted` where the run is called off before the user answers
   */
  async permitted(
    models: readonly ModelChoice[],
    hostOf: (modelUrl: string) => string | undefined,
    { facts, settings }: Sending,
    signal: AbortSignal,
  ): Promise<readonly ModelChoice[]> {
    const amount = settings.candidates * (settings.origin ? 2 : 1);
    const keyOf = (host: string): string => `${host} ${facts.hash}`;
    const isNew = (host: string | undefined): host is string =>
      host !== undefined && (this.#given.get(keyOf(host)) ?? 0) < amount;
    const hosts = [...new Set(models.map(({ url }) => hostOf(url)).filter(isNew))];
    if (hosts.length === 0) return models;
    const local = models.filter(({ url }) => hostOf(url) === undefined);
    const { questions } = facts;
    const answer = await this.#ask({ hosts, questions, ...settings, hasLocal: local.length > 0 }, signal);
    if (answer !== "all") return answer === "local" ? local : [];
    for (const host of hosts) this.#given.set(keyOf(host), amount);
    return models;
  }

  async #ask(question: Omit<ConsentQuestion, "answer">, signal: AbortSignal): Promise<ConsentAnswer> {
    let withdraw = (): void => undefined;
    let asked: ConsentQuestion | undefined;
    try {
      return await new Promise<ConsentAnswer>((resolve, reject) => {
        withdraw = () => {
          reject(abortReason(signal));
        };
        signal.addEventListener("abort", withdraw, { once: true });
        asked = { ...question, answer: resolve };
        this.asked.set(asked);
      });
    } finally {
      signal.removeEventListener("abort", withdraw);
      // A newer question may stand there by now.
      if (this.asked.value === asked) this.asked.set(undefined);
    }
  }
}
