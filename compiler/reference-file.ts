import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { RerankError } from "../src/core/errors.ts";
import type { EncodedPair } from "../src/model/pair-encoding.ts";

const tokens = v.array(v.pipe(v.number(), v.integer()));
const referenceSchema = v.object({
  pairs: v.array(
    v.object({
      query: v.string(),
      document: v.string(),
      input_ids: tokens,
      /** Absent for models without token types. */
      token_type_ids: v.optional(tokens),
      logit: v.number(),
    }),
  ),
});

/** A pair with what PyTorch makes of it, fp32. */
export type ReferencePair = v.InferOutput<typeof referenceSchema>["pairs"][number];

/** @throws RerankError `invalid-input` where the file is missing or of another form */
export async function readReference(path: string): Promise<readonly ReferencePair[]> {
  try {
    return v.parse(referenceSchema, JSON.parse(await readFile(path, "utf8"))).pairs;
  } catch (cause) {
    throw new RerankError("invalid-input", `${path} cannot be read as reference logits: ${String(cause)}`, {
      cause,
      details: { file: path },
    });
  }
}

/** How many pairs are encoded differently from the reference. */
export function countMismatches(
  pairs: readonly EncodedPair[],
  reference: readonly ReferencePair[],
): { readonly inputIds: number; readonly tokenTypeIds: number } {
  const differ = (a: Int32Array | undefined, b: readonly number[] | undefined): boolean => a?.join() !== b?.join();
  return {
    inputIds: reference.filter(({ input_ids }, at) => differ(pairs[at]?.inputIds, input_ids)).length,
    tokenTypeIds: reference.filter(({ token_type_ids }, at) => differ(pairs[at]?.tokenTypeIds, token_type_ids)).length,
  };
}
