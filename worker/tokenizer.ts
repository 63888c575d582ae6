import { Tokenizer } from "@huggingface/tokenizers";
import { RerankError } from "../src/core/errors.ts";
import type { TextTokenizer } from "../src/model/pair-encoding.ts";

/** Texts remembered: the same documents come back with every query of an evaluation. */
const REMEMBERED_TEXTS = 4096;

/**
 * Builds the tokenizer of a model package, without special tokens and with a memory for repeated texts.
 * @param json the bytes of `tokenizer.json`
 * @throws RerankError `model-invalid`
 */
export function createTokenizer(json: Uint8Array): TextTokenizer {
  const tokenizer = parseTokenizer(json);
  return rememberingTokenizer((text) => tokenizer.encode(text, { add_special_tokens: false }).ids);
}

/** @param encode turns text into token ids without special tokens */
export function rememberingTokenizer(encode: (text: string) => readonly number[]): TextTokenizer {
  const remembered = new Map<string, Int32Array>();
  return {
    encode(text) {
      const known = remembered.get(text);
      if (known !== undefined) return known;
      const ids = Int32Array.from(encode(text));
      if (remembered.size >= REMEMBERED_TEXTS) remembered.clear();
      remembered.set(text, ids);
      return ids;
    },
  };
}

function parseTokenizer(json: Uint8Array): Tokenizer {
  try {
    return new Tokenizer(JSON.parse(new TextDecoder().decode(json)) as object, {});
  } catch (cause) {
    throw new RerankError("model-invalid", "The package's tokenizer.json cannot be read.", {
      cause,
      details: { problem: "tokenizer.json" },
    });
  }
}
