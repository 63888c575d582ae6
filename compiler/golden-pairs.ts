import { readFile } from "node:fs/promises";
import { Tokenizer } from "@huggingface/tokenizers";
import * as v from "valibot";
import { RerankError } from "../src/core/errors.ts";
import type { ModelInput } from "../src/model/manifest.ts";
import { encodePair, type EncodedPair } from "../src/model/pair-encoding.ts";

const goldenSchema = v.pipe(v.array(v.object({ query: v.string(), document: v.string() })), v.minLength(2));

/** Texts whose logits a package carries, so that a browser can test itself. */
export interface TextPair {
  readonly query: string;
  readonly document: string;
}

/** @throws RerankError `invalid-input` where the file is missing or of another form */
export async function readGoldenPairs(path: string): Promise<readonly TextPair[]> {
  try {
    return v.parse(goldenSchema, JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    const expected = 'a JSON array of at least two {"query", "document"}';
    throw new RerankError("invalid-input", `${path} cannot be read as golden pairs (${expected}): ${String(cause)}`, {
      cause,
      details: { file: path },
    });
  }
}

/** Encodes pairs as the worker does. @param tokenizer the parsed tokenizer.json */
export function encodePairs(tokenizer: object, input: ModelInput, pairs: readonly TextPair[]): readonly EncodedPair[] {
  const bare = new Tokenizer(tokenizer, {});
  const encode = (text: string): Int32Array => Int32Array.from(bare.encode(text, { add_special_tokens: false }).ids);
  return pairs.map(({ query, document }) => encodePair(encode(query), encode(document), input));
}

/** ONNX Runtime's WebGPU provider takes another attention kernel from 32 tokens on: the one that real pairs run. */
const QUICK_TOKENS = { min: 33, max: 64 } as const;

/**
 * The worker tests a known browser with the first two pairs only, so these must be cheap, and still run the kernels
 * that longer pairs run: the first two of fitting length are put in front.
 * @returns positions in `pairs`
 * @throws RerankError `invalid-input` where fewer than two fit
 */
export function quickPairsFirst(pairs: readonly EncodedPair[]): readonly number[] {
  const { min, max } = QUICK_TOKENS;
  const all = pairs.map((_, index) => index);
  const fits = (index: number): boolean => {
    const tokens = pairs[index]?.inputIds.length ?? 0;
    return min <= tokens && tokens <= max;
  };
  const quick = all.filter(fits).slice(0, 2);
  if (quick.length === 2) return [...quick, ...all.filter((index) => !quick.includes(index))];
  throw new RerankError(
    "invalid-input",
    `Two of the golden pairs are the quick self-test and must have ${min} to ${max} tokens; only ${quick.length} of ` +
      `${pairs.length} do. Add pairs of two or three sentences.`,
  );
}
