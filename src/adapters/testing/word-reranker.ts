import { abortReason, RerankError } from "../../core/errors.ts";
import type { LoadedModel } from "../../core/protocol.ts";
import { rankDocuments } from "../../core/ranking.ts";
import type { RankedDocument, RerankDocument } from "../../core/types.ts";
import type { LibraryRerankOptions, LoadedReranker } from "../../library/loaded-reranker.ts";

interface Call {
  readonly query: string;
  readonly documents: readonly RerankDocument[];
  readonly options: LibraryRerankOptions;
}

/** Its logit is the number of the query's words that a document holds; long documents count as cut. */
export class WordReranker implements LoadedReranker {
  readonly model: LoadedModel = {
    id: "words-1",
    name: "Words",
    licence: "MIT",
    device: "wasm",
    variant: "wasm",
    runtime: "wasm",
    threads: 1,
    adapter: "",
    softwareAdapter: false,
    downloadBytes: 0,
    transferredBytes: 0,
    storage: "memory",
    maxTokens: 384,
    blendWeight: 10,
    selfTest: { pairs: 0, maxError: 0, tolerance: 0, key: "", elapsedMs: 0 },
    downgrades: [],
    loadMs: 0,
  };
  readonly msPerPair = undefined;
  readonly calls: Call[] = [];
  isDisposed = false;
  /** Where set, calls wait until they are cancelled. */
  waits = false;

  async rerank(
    query: string,
    given: readonly (string | RerankDocument)[],
    options: LibraryRerankOptions = {},
  ): Promise<readonly RankedDocument[]> {
    if (this.isDisposed) throw new RerankError("disposed", "The reranker was disposed; load another.");
    const documents = given.map((document) => (typeof document === "string" ? { text: document } : document));
    this.calls.push({ query, documents, options });
    if (this.waits) await cancelled(options.signal);
    const words = query.split(" ");
    return rankDocuments({
      documents: options.blend === "order" ? documents.map((one, at) => ({ ...one, score: 1 / (at + 1) })) : documents,
      logits: documents.map(({ text }) => words.filter((word) => text.includes(word)).length),
      truncated: documents.map(({ text }) => (text.length > 100 ? 1 : 0)),
      blendWeight: options.blend === "none" ? 0 : (this.model.blendWeight ?? 0),
      ...(options.topN !== undefined && { topN: options.topN }),
    });
  }

  dispose(): Promise<void> {
    this.isDisposed = true;
    return Promise.resolve();
  }
}

async function cancelled(signal: AbortSignal | undefined): Promise<never> {
  return await new Promise((_, reject) => {
    signal?.addEventListener("abort", () => {
      reject(abortReason(signal));
    });
  });
}
