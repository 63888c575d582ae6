/** Why a call failed. Branch on this, never on the text of a message. */
export const RERANK_ERROR_CODES = [
  "invalid-input",
  "aborted",
  "superseded",
  "disposed",
  "worker-crashed",
  "webgpu-unavailable",
  "consent-needed",
  "model-download",
  "model-integrity",
  "model-invalid",
  "storage-full",
  "not-on-device",
  "session-create",
  "self-test-failed",
  "device-lost",
  "inference",
  "remote-unauthorized",
  "remote-rate-limited",
  "remote-unavailable",
  "remote-refused",
  "remote-response",
  "remote-timeout",
  "remote-unreachable",
  "remote-insecure",
] as const;
export type RerankErrorCode = (typeof RERANK_ERROR_CODES)[number];

/** Facts for a translated message (a file name, a status, a count); plain values, so they cross threads. */
export type ErrorDetails = Readonly<Record<string, string | number>>;

export interface RerankErrorOptions extends ErrorOptions {
  readonly details?: ErrorDetails;
}

/**
 * The only error this project throws on purpose. `code` says which kind it is, `message` says in English what
 * happened and what to do, `details` holds the facts a page needs to say the same in another language.
 */
export class RerankError extends Error {
  override readonly name = "RerankError";
  readonly code: RerankErrorCode;
  readonly details: ErrorDetails;

  constructor(code: RerankErrorCode, message: string, options: RerankErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** An error as it crosses a thread: structured clone would drop the class, `code` and `details`. */
export interface WireError {
  readonly code: RerankErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
  readonly stack?: string;
}

/** The answer of every call that crosses a thread: a value or an error, both as data. */
export type WireResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError };

/** Describes anything thrown as data; what is not a `RerankError` gets the code `fallback`. */
export function toWireError(error: unknown, fallback: RerankErrorCode): WireError {
  if (error instanceof RerankError) {
    const { code, message, details, stack } = error;
    return { code, message, details, ...(stack !== undefined && { stack }) };
  }
  const cause = error instanceof Error ? error : new Error(String(error));
  const code = cause.name === "AbortError" ? "aborted" : fallback;
  return { code, message: cause.message, details: {}, ...(cause.stack !== undefined && { stack: cause.stack }) };
}

/** Runs `body` and answers its value or its error as data; never rejects. */
export async function toWireResult<T>(body: () => Promise<T>, fallback: RerankErrorCode): Promise<WireResult<T>> {
  try {
    return { ok: true, value: await body() };
  } catch (error) {
    return { ok: false, error: toWireError(error, fallback) };
  }
}

/** The inverse of `toWireResult`: the value, or the error thrown as a `RerankError` again. */
export function fromWireResult<T>(result: WireResult<T>): T {
  if (result.ok) return result.value;
  throw fromWireError(result.error);
}

/** The inverse of `toWireError`. */
export function fromWireError({ code, message, details, stack }: WireError): RerankError {
  const error = new RerankError(code, message, { details });
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** Throws the signal's reason as a `RerankError` (`aborted` unless the reason already is one). */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw abortReason(signal);
}

/** What an aborted call rejects with: the signal's own reason where that is a `RerankError`, else `aborted`. */
export function abortReason(signal: AbortSignal): RerankError {
  const reason: unknown = signal.reason;
  return reason instanceof RerankError ? reason : new RerankError("aborted", "The call was cancelled.");
}
