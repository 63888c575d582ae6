/** What each service is asked, and what it answers. Pure: shapes only. */
import { answerError, readIndexed, readLabelled } from "./read-scores.ts";

export const REMOTE_KINDS = ["cohere", "jina", "voyage", "tei", "sagemaker"] as const;
export type RemoteKind = (typeof REMOTE_KINDS)[number];

/**
 * What a service's numbers are. `relevance`: 0 to 1, a sigmoid's or softmax's output. `logit`: any number, before such a
 * function.
 */
export type ScoreScale = "relevance" | "logit";

interface RerankQuestion {
  readonly query: string;
  readonly texts: readonly string[];
  /** Empty where the service has one model only. */
  readonly model: string;
  readonly scale: ScoreScale;
}

/** A request/response schema. */
export interface RemoteService {
  /** As its maker calls it. */
  readonly name: string;
  /** Where it is asked; empty where everybody has an address of their own. */
  readonly url: string;
  /** Added to an address without a path. */
  readonly path: string;
  readonly needsModel: boolean;
  readonly scale: ScoreScale;
  /** Documents of one request, at most. */
  readonly batchSize: number;
  /** The request's JSON body. */
  body(question: RerankQuestion): Readonly<Record<string, unknown>>;
  /**
   * One score per text, in the texts' order.
   * @throws RerankError `remote-response` for anything else
   */
  scores(answer: unknown, texts: number): readonly number[];
}

/**
 * Cohere v2, `POST /v2/rerank`: https://docs.cohere.com/reference/rerank, which advises 1,000 documents at most.
 * `{model, query, documents, top_n}` → `{results: [{index, relevance_score}]}`
 */
const cohere: RemoteService = {
  name: "Cohere",
  url: "https://api.cohere.com/v2/rerank",
  path: "/v2/rerank",
  needsModel: true,
  scale: "relevance",
  batchSize: 1000,
  body: ({ model, query, texts }) => ({ model, query, documents: texts, top_n: texts.length }),
  scores: (answer, texts) => readIndexed(member(answer, "results"), texts, "relevance_score"),
};

/**
 * Jina, `POST /v1/rerank`: https://api.jina.ai/redoc. LocalAI, vLLM, llama.cpp, Xinference and others answer in this shape.
 * `{model, query, documents, top_n, return_documents}` → `{results: [{index, relevance_score}]}`
 *
 * No limit of documents was found; Cohere's is kept. `jina-reranker-v3` reads all documents of a request together, so
 * that its scores compare within one request only.
 */
const jina: RemoteService = {
  name: "Jina",
  url: "https://api.jina.ai/v1/rerank",
  path: "/v1/rerank",
  needsModel: true,
  scale: "relevance",
  batchSize: 1000,
  body: ({ model, query, texts }) => ({
    ...{ model, query, documents: texts },
    ...{ top_n: texts.length, return_documents: false },
  }),
  scores: (answer, texts) => readIndexed(member(answer, "results"), texts, "relevance_score"),
};

/**
 * Voyage, `POST /v1/rerank`: https://docs.voyageai.com/reference/reranker-api, 1,000 documents at most.
 * `{model, query, documents, top_k, return_documents, truncation}` → `{data: [{index, relevance_score}]}`
 */
const voyage: RemoteService = {
  name: "Voyage",
  url: "https://api.voyageai.com/v1/rerank",
  path: "/v1/rerank",
  needsModel: true,
  scale: "relevance",
  batchSize: 1000,
  body: ({ model, query, texts }) => ({
    ...{ model, query, documents: texts },
    ...{ top_k: texts.length, return_documents: false, truncation: true },
  }),
  scores: (answer, texts) => readIndexed(member(answer, "data"), texts, "relevance_score"),
};

/**
 * Hugging Face text-embeddings-inference, `POST /rerank`: its openapi.json, 1.9.3; `--max-client-batch-size` is 32 unless
 * set. `{query, texts, raw_scores, return_text, truncate}` → `[{index, score}]`
 */
const tei: RemoteService = {
  name: "Hugging Face TEI",
  url: "http://localhost:8080/rerank",
  path: "/rerank",
  needsModel: false,
  scale: "logit",
  batchSize: 32,
  body: ({ query, texts, scale }) => ({
    ...{ query, texts, raw_scores: scale === "logit" },
    ...{ return_text: false, truncate: true },
  }),
  scores: (answer, texts) => readIndexed(answer, texts, "score"),
};

/**
 * The container that ko-reranker was deployed with on Amazon SageMaker (Hugging Face inference toolkit,
 * `HF_TASK=text-classification`): https://github.com/aws-samples/aws-ai-ml-workshop-kr, `R3.deploy.ipynb`.
 * `{inputs: [{text, text_pair}]}` → `[{label, score}]` in the request's order; arrays within it where the pipeline
 * returns every label. SageMaker itself wants requests signed (SigV4), which a gateway before it does.
 */
const sagemaker: RemoteService = {
  name: "SageMaker",
  url: "",
  path: "/invocations",
  needsModel: false,
  scale: "relevance",
  batchSize: 32,
  body: ({ query, texts }) => ({ inputs: texts.map((text) => ({ text: query, text_pair: text })) }),
  scores: readLabelled,
};

export const REMOTE_SERVICES: Readonly<Record<RemoteKind, RemoteService>> = { cohere, jina, voyage, tei, sagemaker };

function member(answer: unknown, name: string): unknown {
  if (typeof answer !== "object" || answer === null || !Object.hasOwn(answer, name)) {
    throw answerError("shape", `the answer has no "${name}"`);
  }
  return (answer as Readonly<Record<string, unknown>>)[name];
}
