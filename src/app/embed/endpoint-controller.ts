/** Whether this page answers rerank calls, and whether a service worker makes it fit for threads. */
import { throwIfAborted } from "../../core/errors.ts";
import type { PairScorer } from "../../core/pair-scores.ts";
import type { LoadedModel } from "../../core/protocol.ts";
import { rankDocuments } from "../../core/ranking.ts";
import type { RankTexts } from "../../endpoint/answer-call.ts";
import type { HttpAnswer } from "../../endpoint/http-answer.ts";
import { routeOf } from "../../endpoint/routes.ts";
import { Observable } from "../observable.ts";
import type { PreferencesStore } from "../preferences.ts";
import type { AnswerRelayed, EndpointHost } from "./endpoint-host.ts";

export type EndpointState =
  /** No service workers here: an insecure context, or a browser that has none. */
  | { readonly type: "unavailable" }
  | { readonly type: "off" }
  | { readonly type: "starting" }
  | { readonly type: "serving"; readonly answered: number; readonly lastProblem?: EndpointProblem }
  | { readonly type: "failed"; readonly reason: string };

interface EndpointProblem {
  readonly status: number;
  /** The body that was answered. */
  readonly body: string;
}

/**
 * Where WASM has its threads from: the host's own headers, those of the service worker now, or at the next visit; or
 * not at all.
 */
export type ThreadsState = "unknown" | "host" | "service-worker" | "next-visit" | "off";

/** The model in use. */
export interface EndpointModels {
  load(): Promise<LoadedModel>;
  readonly reranker: { readonly value: PairScorer };
}

export class EndpointController {
  readonly state: Observable<EndpointState>;
  readonly threads = new Observable<ThreadsState>("unknown");
  /** What clients are given as their base; ends in a slash. */
  readonly baseUrl: string;
  readonly #host: EndpointHost | undefined;
  readonly #preferences: PreferencesStore;
  readonly #models: EndpointModels;

  /** @param host undefined where there are no service workers */
  constructor(host: EndpointHost | undefined, preferences: PreferencesStore, models: EndpointModels) {
    this.#host = host;
    this.#preferences = preferences;
    this.#models = models;
    this.baseUrl = host?.baseUrl ?? "";
    this.state = new Observable<EndpointState>({ type: host === undefined ? "unavailable" : "off" });
    host?.serve({ isServing: () => this.state.value.type === "serving", answer: this.#answer });
  }

  /** Answers again where the last visit did. */
  async resume(): Promise<void> {
    if (this.#host && this.#preferences.value.endpoint) await this.#serve(this.#host);
  }

  /** Registers what gives the next visit its threads, where the host does not; nothing is loaded anew for it. */
  async prepareThreads(): Promise<void> {
    if (this.#host === undefined || this.#host.isIsolated || !this.#preferences.value.threads) return;
    await this.#host.register().catch(() => undefined);
  }

  /** Begins to answer, or stops. */
  async setServing(isWanted: boolean): Promise<void> {
    const host = this.#host;
    if (host === undefined) return;
    this.#preferences.change({ endpoint: isWanted });
    if (isWanted) {
      await this.#serve(host);
    } else {
      this.state.set({ type: "off" });
      await this.#leave(host);
    }
    await this.inspectThreads();
  }

  /** Lets the service worker add headers, or forbids it; either holds from the next visit on. */
  async setThreads(isWanted: boolean): Promise<void> {
    const host = this.#host;
    if (host === undefined) return;
    this.#preferences.change({ threads: isWanted });
    if (isWanted) await host.register().catch(() => undefined);
    else await this.#leave(host);
    await this.inspectThreads();
  }

  /** Finds out what `threads` says. */
  async inspectThreads(): Promise<void> {
    const host = this.#host;
    if (host === undefined) return;
    if (await host.sendsHeaders()) this.threads.set("host");
    else if (!this.#preferences.value.threads) this.threads.set("off");
    else this.threads.set(host.isIsolated ? "service-worker" : "next-visit");
  }

  async #serve(host: EndpointHost): Promise<void> {
    if (this.state.value.type === "serving") return;
    this.state.set({ type: "starting" });
    try {
      await host.register();
      if (this.#preferences.value.endpoint) this.state.set({ type: "serving", answered: 0 });
    } catch (error) {
      this.state.set({ type: "failed", reason: error instanceof Error ? error.message : String(error) });
    }
  }

  /** The service worker goes with the last reason for it. */
  async #leave(host: EndpointHost): Promise<void> {
    const { endpoint, threads } = this.#preferences.value;
    if (endpoint || (threads && !(await host.sendsHeaders()))) return;
    // What was chosen meanwhile counts.
    if (!this.#preferences.value.endpoint) await host.unregister();
  }

  readonly #answer: AnswerRelayed = async ({ method, url, body }, signal) => {
    const { pathname: path } = new URL(url);
    const route = routeOf(new URL(url), this.baseUrl) ?? { service: "tei", isKnown: false };
    const { answerCall } = await import("../../endpoint/answer-call.ts");
    const answer = await answerCall({ route, method, path, body }, this.#rank, signal);
    this.#count(answer);
    return answer;
  };

  readonly #rank: RankTexts = async (query, texts, { maxTokensPerDoc, signal }) => {
    const { id } = await this.#models.load();
    // Nobody waits any more for what was cancelled while the model loaded.
    throwIfAborted(signal);
    const { logits, truncated } = await this.#models.reranker.value.scorePairs(query, texts, {
      ...(maxTokensPerDoc !== undefined && { maxDocumentTokens: maxTokensPerDoc }),
      ...(signal && { signal }),
    });
    const documents = texts.map((text) => ({ text }));
    return { ranked: rankDocuments({ documents, logits, truncated }), modelId: id };
  };

  #count({ status, body }: HttpAnswer): void {
    const state = this.state.value;
    if (state.type !== "serving" || status === 499) return;
    const problem = status === 200 ? undefined : { status, body: JSON.stringify(body) };
    this.state.set({ ...state, answered: state.answered + 1, ...(problem && { lastProblem: problem }) });
  }
}
