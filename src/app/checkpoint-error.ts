import { RerankError } from "../core/errors.ts";

/**
 * Says that weights are there, but no package of them yet.
 * @param source what the compiler takes: a repository of the hub, or a folder
 */
export function checkpointError(source: string): RerankError {
  return new RerankError("invalid-input", `${source} is a checkpoint, not a package: compile it first.`, {
    details: { reason: "checkpoint", command: `npm run compile-model -- ${source} --out DIR` },
  });
}
