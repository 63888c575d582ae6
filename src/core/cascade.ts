import { RerankError } from "./errors.ts";
import type { RankedDocument, RerankDocument } from "./types.ts";

/** Anything that reorders documents for a query, best first. */
export interface CascadeStep {
  rerank(
    query: string,
    documents: readonly RerankDocument[],
    options: { readonly signal?: AbortSignal },
  ): Promise<readonly RankedDocument[]>;
}

export interface CascadeOptions {
  /** Reads all documents: the embedded model, say. */
  readonly quick: CascadeStep;
  /** Reads the best of them: a large model, or a service. */
  readonly better: CascadeStep;
  /** Documents that `better` reads, 1 or more. @default 20 */
  readonly keep?: number;
  /** How many documents to return. @default all of them */
  readonly topN?: number;
  readonly signal?: AbortSignal;
}

/**
 * Reranks with a quick model and then the best with a better one, which costs little more than the quick one alone. The
 * documents below keep the quick one's order and scores.
 * @throws RerankError `invalid-input`, or what either throws
 */
export async function rerankInCascade(
  query: string,
  documents: readonly RerankDocument[],
  { quick, better, keep = 20, topN = documents.length, signal }: CascadeOptions,
): Promise<readonly RankedDocument[]> {
  if (!Number.isInteger(keep) || keep < 1) {
    const message = `keep must be a whole number of 1 or more, not ${String(keep)}.`;
    throw new RerankError("invalid-input", message, { details: { problem: "keep" } });
  }
  const options = signal === undefined ? {} : { signal };
  const all = await quick.rerank(query, documents, options);
  const handedOn = all.slice(0, keep);
  const texts = handedOn.flatMap(({ index }) => documents[index] ?? []);
  const read = texts.length === 0 ? [] : await better.rerank(query, texts, options);
  const best = read.flatMap((ranked) => {
    const index = handedOn[ranked.index]?.index;
    return index === undefined ? [] : [{ ...ranked, index }];
  });
  return [...best, ...all.slice(keep)].slice(0, topN).map((ranked, at) => ({ ...ranked, rank: at + 1 }));
}
