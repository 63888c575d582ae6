/** What can be wrong with a call, and how each service says so. */
import { RerankError, type RerankErrorCode } from "../core/errors.ts";
import type { HttpAnswer } from "./http-answer.ts";
import type { ServiceName } from "./routes.ts";

type ProblemKind =
  /** The body is not JSON. */
  | "malformed"
  /** A field is missing, or of another kind. */
  | "invalid"
  /** There are no documents. */
  | "empty"
  | "too-many"
  /** The body has too many bytes. */
  | "too-large"
  /** A text does not fit, and the call forbids cutting it. */
  | "too-long"
  | "not-found"
  | "method"
  | "cancelled"
  | "failed"
  /** Nothing can answer now; later it may. */
  | "unavailable";

export interface Problem {
  readonly kind: ProblemKind;
  /** English, for the developer: what is wrong, and what to do. */
  readonly message: string;
  /** The field that is to blame: `documents.2`. */
  readonly field?: string;
}

const STATUS: Readonly<Record<ProblemKind, number>> = {
  malformed: 400,
  invalid: 400,
  empty: 400,
  "too-many": 400,
  "too-large": 413,
  "too-long": 400,
  "not-found": 404,
  method: 405,
  cancelled: 499,
  failed: 500,
  unavailable: 503,
};

/** Where a service has its own: FastAPI's 422 at Jina's, the statuses of TEI's published OpenAPI. */
const OWN_STATUS: Readonly<Record<ServiceName, Partial<Record<ProblemKind, number>>>> = {
  cohere: {},
  jina: { invalid: 422, empty: 422, "too-many": 422 },
  voyage: {},
  tei: { invalid: 422, "too-many": 413, "too-long": 413, failed: 424 },
};

/** TEI's `ErrorType`: https://github.com/huggingface/text-embeddings-inference/blob/main/docs/openapi.json */
const TEI_TYPE: Partial<Record<ProblemKind, string>> = {
  empty: "empty",
  cancelled: "overloaded",
  failed: "backend",
  unavailable: "unhealthy",
};

/** The problem as the service would tell it. */
export function problemAnswer(service: ServiceName, problem: Problem): HttpAnswer {
  const status = OWN_STATUS[service][problem.kind] ?? STATUS[problem.kind];
  return { status, body: BODIES[service](problem, status) };
}

const BODIES: Readonly<Record<ServiceName, (problem: Problem, status: number) => unknown>> = {
  cohere: ({ message }) => ({ message }),
  // `message` is what clients of Cohere's version 1 read.
  jina: ({ message, field }, status) => ({ detail: status === 422 ? [fieldError(message, field)] : message, message }),
  voyage: ({ message }) => ({ detail: message }),
  tei: ({ message, kind }) => ({ error: message, error_type: TEI_TYPE[kind] ?? "validation" }),
};

function fieldError(message: string, field: string | undefined): unknown {
  const at = (field?.split(".") ?? []).map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return { loc: ["body", ...at], msg: message, type: "value_error" };
}

/** Nothing is wrong with the model: it is not here, and could be. */
const UNAVAILABLE: ReadonlySet<RerankErrorCode> = new Set([
  "webgpu-unavailable",
  "consent-needed",
  "model-download",
  "storage-full",
  "not-on-device",
  "disposed",
]);

/** What a failed reranking means to the caller. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof RerankError)) return { kind: "failed", message: "The model failed. Try again." };
  const { code, message } = error;
  if (code === "invalid-input") return { kind: "invalid", message };
  if (code === "aborted" || code === "superseded") return { kind: "cancelled", message };
  return { kind: UNAVAILABLE.has(code) ? "unavailable" : "failed", message };
}

/** @param path as it was asked for */
export function unknownPath(path: string): Problem {
  const known = "/v2/rerank, /v1/rerank, /voyage/v1/rerank and /rerank";
  return { kind: "not-found", message: `There is nothing at ${path}; there is ${known}.` };
}

export function wrongMethod(method: string): Problem {
  return { kind: "method", message: `${method} is not possible here; use POST.` };
}
