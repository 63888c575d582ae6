import { throwIfAborted } from "../src/core/errors.ts";
import type { Scores } from "../src/core/protocol.ts";
import { packBatch, planBatches, type BatchLimits } from "../src/model/batching.ts";
import type { ModelInput } from "../src/model/manifest.ts";
import { encodePair, type EncodedPair, type TextTokenizer } from "../src/model/pair-encoding.ts";
import { encodeWindows, type WindowOptions } from "../src/model/windows.ts";
import { nextMacrotask } from "../src/core/macrotask.ts";
import type { ScoringSession } from "./session.ts";

export interface TextPair {
  readonly query: string;
  readonly document: string;
}

export interface ScoringControl {
  /** Scores what is longer than the model's limit in overlapping windows. @default it is cut */
  readonly windows?: WindowOptions;
  /** Tokens of a document that are read, at most; without windows. @default as many as fit */
  readonly maxDocumentTokens?: number;
  /** Looked at between batches. */
  readonly signal?: AbortSignal;
  /** Called after each batch with the number of pairs scored so far. */
  readonly onProgress?: (scored: number) => void;
}

/** Reads query and document together and says how well they fit: pairs in, fp32 logits out. */
export interface CrossEncoder {
  /** One logit per pair and window, in the order given. @throws RerankError `aborted`, `inference`, `device-lost` */
  score(pairs: readonly TextPair[], control?: ScoringControl): Promise<Scores>;
  dispose(): Promise<void>;
}

/** A cross-encoder from a compiled model package. */
export class CompiledCrossEncoder implements CrossEncoder {
  readonly #session: ScoringSession;
  readonly #tokenizer: TextTokenizer;
  readonly #input: ModelInput;
  readonly #limits: BatchLimits;

  constructor(session: ScoringSession, tokenizer: TextTokenizer, input: ModelInput, limits: BatchLimits) {
    this.#session = session;
    this.#tokenizer = tokenizer;
    this.#input = input;
    this.#limits = limits;
  }

  async score(pairs: readonly TextPair[], control: ScoringControl = {}): Promise<Scores> {
    const { signal, onProgress } = control;
    const start = performance.now();
    const encodedPairs = pairs.map((pair) => this.#encode(pair, control));
    const encoded = encodedPairs.flat();
    const lengths = encoded.map(({ inputIds }) => inputIds.length);
    const logits = new Float32Array(encoded.length);
    let scored = 0;
    let tokens = 0;
    for (const batch of planBatches(lengths, this.#limits, this.#input.maxTokens)) {
      await nextMacrotask();
      throwIfAborted(signal);
      const batchLogits = await this.#session.run(packBatch(encoded, batch, this.#input));
      batch.indices.forEach((index, row) => {
        logits[index] = batchLogits[row] ?? Number.NaN;
      });
      scored += batch.indices.length;
      tokens += batch.indices.length * batch.tokens;
      onProgress?.(Math.floor((scored * pairs.length) / encoded.length));
    }
    return {
      logits,
      windows: Uint8Array.from(encodedPairs, ({ length }) => length),
      truncated: Uint8Array.from(encodedPairs, ([first]) => (first?.truncated === true ? 1 : 0)),
      tokens,
      elapsedMs: performance.now() - start,
    };
  }

  #encode({ query, document }: TextPair, { windows, maxDocumentTokens }: ScoringControl): readonly EncodedPair[] {
    const [queryIds, documentIds] = [this.#tokenizer.encode(query), this.#tokenizer.encode(document)];
    if (windows === undefined) return [encodePair(queryIds, documentIds, this.#input, maxDocumentTokens)];
    return encodeWindows(queryIds, documentIds, this.#input, windows);
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}
