/** The services' answers, as they are published; see `requests.ts`. */
import { sigmoid } from "../core/ranking.ts";
import type { RankedDocument } from "../core/types.ts";
import type { RerankCall } from "./requests.ts";
import type { ServiceName } from "./routes.ts";

/** The texts of a call, best first by the model's logit, which is how scores fall and APIs sort. */
export interface Ranking {
  readonly ranked: readonly Pick<RankedDocument, "index" | "logit" | "truncated">[];
  /** What answered, whatever the call named. */
  readonly modelId: string;
}

/** Nothing is billed, and the tokens of a call are not told apart. */
const NOTHING = 0;

/** The body of a 200. */
export function rankingBody(service: ServiceName, call: RerankCall, { ranked, modelId }: Ranking): unknown {
  const best = ranked.slice(0, call.topN);
  return BODIES[service](call, best, modelId);
}

type Best = Ranking["ranked"];

const BODIES: Readonly<Record<ServiceName, (call: RerankCall, best: Best, modelId: string) => unknown>> = {
  cohere: (call, best) => ({ id: newId(), results: results(call, best), meta: cohereMeta("2") }),
  jina: (call, best, modelId) => ({
    model: modelId,
    usage: { total_tokens: NOTHING },
    results: results(call, best),
    id: newId(),
    meta: cohereMeta("1"),
  }),
  voyage: ({ texts, returnsTexts }, best, modelId) => ({
    object: "list",
    data: best.map(({ index, logit }) => ({
      index,
      relevance_score: sigmoid(logit),
      ...(returnsTexts && { document: texts[index] }),
    })),
    model: modelId,
    usage: { total_tokens: NOTHING },
  }),
  tei: ({ texts, returnsTexts, rawScores }, best) =>
    best.map(({ index, logit }) => ({
      index,
      score: rawScores ? logit : sigmoid(logit),
      ...(returnsTexts && { text: texts[index] }),
    })),
};

function results({ texts, returnsTexts }: RerankCall, best: Best): unknown {
  return best.map(({ index, logit }) => ({
    index,
    relevance_score: sigmoid(logit),
    ...(returnsTexts && { document: { text: texts[index] } }),
  }));
}

function cohereMeta(version: string): unknown {
  return { api_version: { version, is_experimental: false }, billed_units: { search_units: NOTHING } };
}

/** A UUID of version 4, in pages without a secure context too. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}
