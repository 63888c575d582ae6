import { fromWireError, RerankError, toWireError, type RerankErrorCode } from "../core/errors.ts";

/** Ends that the user or a newer call asked for: nothing to tell. */
const EXPECTED_ENDS: ReadonlySet<RerankErrorCode> = new Set(["aborted", "superseded", "disposed"]);

/** Anything thrown, as a `RerankError`; a fault of our own counts as `inference`. */
export function failureOf(error: unknown): RerankError {
  return error instanceof RerankError ? error : fromWireError(toWireError(error, "inference"));
}

/** True for an end that is no failure. */
export function isExpectedEnd(error: unknown): boolean {
  return error instanceof RerankError && EXPECTED_ENDS.has(error.code);
}
