import { RerankError, toWireError } from "../src/core/errors.ts";
import type { LoadedModel, LoadEvent } from "../src/core/protocol.ts";

/** Failures that another variant may not have; a broken download would fail for all of them. */
const DOWNGRADING: ReadonlySet<string> = new Set(["session-create", "self-test-failed", "inference", "device-lost"]);

/**
 * Loads the first variant that starts and passes its self-test.
 * @param load gets the variants refused so far, and why
 * @throws RerankError of the last variant tried; `model-invalid` where there is none
 */
export async function firstRight<V extends { readonly id: string }, T>(
  variants: readonly V[],
  onEvent: (event: LoadEvent) => void,
  load: (variant: V, downgrades: LoadedModel["downgrades"]) => Promise<T>,
): Promise<T> {
  const downgrades: { from: string; reason: string }[] = [];
  let failure = new RerankError("model-invalid", "The package has no variant for this device.", {
    details: { problem: "variants" },
  });
  for (const variant of variants) {
    try {
      return await load(variant, downgrades);
    } catch (error) {
      if (!(error instanceof RerankError) || !DOWNGRADING.has(error.code)) throw error;
      failure = error;
      const downgrade = { from: variant.id, reason: toWireError(error, "session-create").message };
      downgrades.push(downgrade);
      onEvent({ type: "downgrade", ...downgrade });
    }
  }
  throw failure;
}
