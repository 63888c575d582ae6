/**
 * The bodies of the services' rerank calls, as they are published:
 * Cohere https://docs.cohere.com/reference/rerank, Jina https://api.jina.ai/redoc, Voyage
 * https://docs.voyageai.com/reference/reranker-api, TEI https://huggingface.github.io/text-embeddings-inference.
 *
 * Fields that are unknown here are ignored, as the services do; `null` counts as left out; a known field of the wrong
 * kind is refused by its name. `model` chooses nothing: the local model answers whatever it says.
 */
import * as v from "valibot";
import type { Problem } from "./problems.ts";
import type { ServiceName } from "./routes.ts";

/** What any service's call asks for. */
export interface RerankCall {
  readonly query: string;
  readonly texts: readonly string[];
  /** Most results. Absent: all. */
  readonly topN?: number;
  readonly maxTokensPerDoc?: number;
  /** Whether results hold their texts. */
  readonly returnsTexts: boolean;
  /** Whether a text that is too long is cut; else the call is refused. */
  readonly truncates: boolean;
  /** Whether scores are logits, not their sigmoids. */
  readonly rawScores: boolean;
}

/** As many as Cohere and Voyage advise, or take. */
const MAX_DOCUMENTS = 1000;

const MUST_BE_STRING = "must be a string";
const string = v.string(MUST_BE_STRING);
const flag = v.nullish(v.boolean("must be true or false"));
const count = v.nullish(
  v.pipe(
    v.number("must be a whole number above 0"),
    v.integer("must be a whole number above 0"),
    v.minValue(1, "must be a whole number above 0"),
  ),
);
const query = v.pipe(string, v.regex(/\S/, "must not be empty or be only whitespace"));
const textOrObject = v.union(
  [v.string(), v.object({ text: v.string() })],
  "must be a string, or an object with a text",
);
const list = <Item extends v.GenericSchema>(item: Item) => v.array(item, "must be a list");
const model = v.nullish(string);

const cohere = v.object({
  model,
  query,
  documents: list(textOrObject),
  top_n: count,
  max_tokens_per_doc: count,
  return_documents: flag,
});
const voyage = v.object({
  model,
  query,
  documents: list(string),
  top_k: count,
  return_documents: flag,
  truncation: flag,
});
const tei = v.object({
  query,
  texts: list(string),
  raw_scores: flag,
  return_text: flag,
  truncate: flag,
  truncation_direction: v.nullish(v.picklist(["left", "right", "Left", "Right"], 'must be "left" or "right"')),
});

type Reading = { readonly ok: true; readonly call: RerankCall } | { readonly ok: false; readonly problem: Problem };

/** Reads a body that was JSON. */
export function readCall(service: ServiceName, body: unknown): Reading {
  const reading = READERS[service](body);
  if (!reading.ok) return reading;
  const { texts } = reading.call;
  const field = service === "tei" ? "texts" : "documents";
  if (texts.length === 0) return refuse("empty", field, "list of documents must not be empty");
  if (texts.length <= MAX_DOCUMENTS) return reading;
  return refuse(
    "too-many",
    field,
    `${field} has ${texts.length} entries, more than the ${MAX_DOCUMENTS} that are read`,
  );
}

const READERS: Readonly<Record<ServiceName, (body: unknown) => Reading>> = {
  cohere: (body) => read(cohere, body, (request) => cohereCall(request, false)),
  // Jina returns documents unless told not to, which clients of Cohere's version 1 do not mind.
  jina: (body) => read(cohere, body, (request) => cohereCall(request, true)),
  voyage: (body) =>
    read(voyage, body, ({ query, documents, top_k, return_documents, truncation }) => ({
      ...shared(query, documents),
      ...limits(top_k),
      returnsTexts: return_documents ?? false,
      truncates: truncation ?? true,
    })),
  tei: (body) =>
    read(tei, body, ({ query, texts, raw_scores, return_text, truncate, truncation_direction }) => ({
      ...shared(query, texts),
      returnsTexts: return_text ?? false,
      // Only ends are cut: what asks for the beginnings to be cut may not be.
      truncates: truncate !== false && truncation_direction?.toLowerCase() !== "left",
      rawScores: raw_scores ?? false,
    })),
};

function cohereCall(request: v.InferOutput<typeof cohere>, returnsTexts: boolean): RerankCall {
  const texts = request.documents.map((document) => (typeof document === "string" ? document : document.text));
  return {
    ...shared(request.query, texts),
    ...limits(request.top_n, request.max_tokens_per_doc),
    returnsTexts: request.return_documents ?? returnsTexts,
  };
}

function shared(query: string, texts: readonly string[]): RerankCall {
  return { query, texts, returnsTexts: false, truncates: true, rawScores: false };
}

function limits(
  topN: number | null | undefined,
  maxTokensPerDoc?: number | null,
): Pick<RerankCall, "topN" | "maxTokensPerDoc"> {
  return { ...(topN != null && { topN }), ...(maxTokensPerDoc != null && { maxTokensPerDoc }) };
}

function read<Schema extends v.GenericSchema>(
  schema: Schema,
  body: unknown,
  toCall: (request: v.InferOutput<Schema>) => RerankCall,
): Reading {
  const parsed = v.safeParse(schema, body, { abortEarly: true });
  if (parsed.success) return { ok: true, call: toCall(parsed.output) };
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue);
  if (field === null) return { ok: false, problem: { kind: "invalid", message: "the body must be a JSON object" } };
  return refuse("invalid", field, `${field} ${issue.received === "undefined" ? "is required" : issue.message}`);
}

function refuse(kind: Problem["kind"], field: string, problem: string): Reading {
  return { ok: false, problem: { kind, field, message: `invalid request: ${problem}` } };
}
