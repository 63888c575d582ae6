import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { RerankError } from "../../core/errors.ts";
import type { PairScores, PairScoringOptions } from "../../core/pair-scores.ts";
import { endpointUrl } from "../../remote/endpoint.ts";
import { remoteName, RemoteReranker } from "../../remote/remote-reranker.ts";
import { REMOTE_KINDS, REMOTE_SERVICES } from "../../remote/services.ts";
import type { ModelChoice } from "../models.ts";
import { StoredList } from "../stored-list.ts";
import { RemoteConsent, type Sending } from "./remote-consent.ts";
import type { RunModel, RunScorer } from "./run-scorer.ts";

const endpointSchema = v.object({
  kind: v.picklist(REMOTE_KINDS),
  /** Absolute. */
  url: v.string(),
  /** Empty where the service has one model only. */
  model: v.string(),
  scores: v.picklist(["relevance", "logit"]),
});
const keySchema = v.object({ id: v.string(), key: v.string() });

/** A service as the user named it, without its key. */
export type RemoteEndpoint = v.InferOutput<typeof endpointSchema>;

/** What a connection test came to. */
export interface ConnectionTest {
  readonly ms: number;
  /** Logits of a pair that belongs together, and of one that does not. */
  readonly right: number;
  readonly wrong: number;
}

const ENDPOINTS_KEY = "sunwi.remote-rerankers";
/** The only place outside this tab's memory where keys lie, and only those that the user asked to remember. */
const KEYS_KEY = "sunwi.remote-keys";
const MOST = 32;

/** What a connection test sends; nothing of the user's. */
const TEST_QUERY = "환불은 며칠 안에 되나요?";
const TEST_TEXTS = ["환불은 신청하고 7일 안에 됩니다.", "배송은 이틀 걸립니다."] as const;

/** Rerankers behind HTTP that the user put on the list, and their keys. */
export class RemoteModels {
  readonly endpoints: StoredList<RemoteEndpoint>;
  readonly remembered: StoredList<v.InferOutput<typeof keySchema>>;
  readonly consent = new RemoteConsent();
  /** By id, for this visit. */
  readonly #keys = new Map<string, string>();

  constructor(storage: Storage | undefined) {
    this.endpoints = new StoredList(storage, ENDPOINTS_KEY, endpointSchema, MOST);
    this.remembered = new StoredList(storage, KEYS_KEY, keySchema, MOST);
    for (const { id, key } of this.remembered.value) this.#keys.set(id, key);
  }

  get choices(): readonly ModelChoice[] {
    return this.endpoints.value.map(choiceOf);
  }

  /**
   * Puts a service on the list. Without a key it keeps the one that was given for just this service, if any.
   * @throws RerankError as `RemoteReranker`'s constructor
   */
  add(typed: RemoteEndpoint, key: string, remember: boolean): ModelChoice {
    const endpoint = normal(typed);
    const { url: id } = choiceOf(endpoint);
    const kept = key === "" ? this.#keys.get(id) : key;
    createReranker(endpoint, kept);
    if (kept !== undefined) this.#keys.set(id, kept);
    this.remembered.drop((other) => other.id === id);
    if (kept !== undefined && remember) this.remembered.put({ id, key: kept }, () => false);
    this.endpoints.put(endpoint, (other) => choiceOf(other).url === id);
    return choiceOf(endpoint);
  }

  remove(id: string): void {
    this.#keys.delete(id);
    this.remembered.drop((other) => other.id === id);
    this.endpoints.drop((other) => choiceOf(other).url === id);
  }

  keyState(id: string): "remembered" | "held" | "none" {
    if (this.remembered.value.some((other) => other.id === id)) return "remembered";
    return this.#keys.has(id) ? "held" : "none";
  }

  /** Deletes what this device remembers, and what this tab still holds of it. */
  forgetKeys(): void {
    for (const { id } of this.remembered.value) this.#keys.delete(id);
    this.remembered.drop(() => true);
  }

  /** Where its texts go; nothing for a model that runs here. */
  hostOf(id: string): string | undefined {
    const endpoint = this.#find(id);
    return endpoint && new URL(endpoint.url).host;
  }

  /** Those of `models` to which texts may go; asks where it must. @throws RerankError `aborted` */
  async permitted(
    models: readonly ModelChoice[],
    sending: Sending,
    signal: AbortSignal,
  ): Promise<readonly ModelChoice[]> {
    return await this.consent.permitted(models, (id) => this.hostOf(id), sending, signal);
  }

  /** @throws RerankError `invalid-input` for one that is no longer on the list */
  createScorer(id: string): RunScorer {
    const endpoint = this.#find(id);
    if (endpoint === undefined) {
      throw new RerankError("invalid-input", "This remote reranker is no longer on the list. Add it again.", {
        details: { reason: "remote-gone" },
      });
    }
    return new RemoteScorer(id, createReranker(endpoint, this.#keys.get(id)));
  }

  /** @throws RerankError */
  async test(typed: RemoteEndpoint, key: string, signal: AbortSignal): Promise<ConnectionTest> {
    const endpoint = normal(typed);
    const kept = key === "" ? this.#keys.get(choiceOf(endpoint).url) : key;
    const reranker = createReranker(endpoint, kept, { retries: 0 });
    const start = performance.now();
    const { logits } = await reranker.scorePairs(TEST_QUERY, TEST_TEXTS, { signal });
    return { ms: performance.now() - start, right: logits[0] ?? Number.NaN, wrong: logits[1] ?? Number.NaN };
  }

  #find(id: string): RemoteEndpoint | undefined {
    return this.endpoints.value.find((endpoint) => choiceOf(endpoint).url === id);
  }
}

/** True for the `url` of a choice that is no model package. */
export function isRemote(modelUrl: string): boolean {
  return modelUrl.startsWith("remote:");
}

/** As its maker calls it; a report may be of a newer page, with kinds that are unknown here. */
export function serviceName(kind: string): string {
  const known = REMOTE_KINDS.find((each) => each === kind);
  return known === undefined ? kind : REMOTE_SERVICES[known].name;
}

/** Its id names kind, host and model, and the whole address by a hash only: an address may hold a secret. */
export function choiceOf({ kind, url, model, scores }: RemoteEndpoint): ModelChoice {
  const name = remoteName(model, new URL(url).host);
  const hash = bytesToHex(sha256(utf8ToBytes(JSON.stringify([kind, url, model, scores])))).slice(0, 16);
  return { name, url: `remote:${kind}:${name}:${hash}` };
}

/** @throws RerankError `invalid-input` */
function normal({ kind, url, model, scores }: RemoteEndpoint): RemoteEndpoint {
  return { kind, url: endpointUrl(kind, url).href, model: model.trim(), scores };
}

function createReranker(
  endpoint: RemoteEndpoint,
  key: string | undefined,
  more: { readonly retries?: number } = {},
): RemoteReranker {
  return new RemoteReranker({ ...endpoint, ...(key !== undefined && { key }), ...more });
}

/** A service as a run's model. Nothing is loaded, and nothing asked before the first question. */
class RemoteScorer implements RunScorer {
  readonly #id: string;
  readonly #reranker: RemoteReranker;

  constructor(id: string, reranker: RemoteReranker) {
    this.#id = id;
    this.#reranker = reranker;
  }

  load(): Promise<RunModel> {
    const { name, kind, host, model } = this.#reranker;
    return Promise.resolve({
      ...{ id: name, name, licence: "", device: host, variant: kind, runtime: "http", threads: 0, adapter: "" },
      ...{ downloadBytes: 0, maxTokens: 0 },
      selfTest: { pairs: 0, maxError: 0, tolerance: 0, elapsedMs: 0, key: this.#id },
      service: { kind, host, model },
    });
  }

  scorePairs(query: string, documents: readonly string[], options?: PairScoringOptions): Promise<PairScores> {
    return this.#reranker.scorePairs(query, documents, options);
  }

  dispose(): Promise<void> {
    return this.#reranker.dispose();
  }
}
