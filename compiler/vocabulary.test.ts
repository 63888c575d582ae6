import { Tokenizer } from "@huggingface/tokenizers";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { ModelInput } from "../src/model/manifest.ts";
import { isKoreanOrEnglish, koreanHanja } from "./kept-characters.ts";
import { LARGE_VOCABULARY, largeTokenizer } from "./testing/large-vocabulary.ts";
import { parseTokenizerJson, type TokenizerJson } from "./tokenizer-json.ts";
import { trimVocabulary, type TrimmedVocabulary } from "./vocabulary.ts";

const INPUT: ModelInput = {
  clsTokenId: 0,
  padTokenId: 1,
  sepTokenId: 2,
  middleSeparators: 2,
  positionOffset: 2,
  maxTokens: 512,
  maxQueryTokens: 384,
  tokenTypes: "none",
};

describe("isKoreanOrEnglish", () => {
  it.each([
    "안녕하세요 hello 123",
    "㉠ ㄱㄴ ᄀᆞᆷ",
    "大韓民國",
    "㈜한국 25㎡ 3㎛ 10㏀ ½ ™ №",
    "“따옴표” … 「」 ₩1,000",
    "😀👨‍👩‍👧 1️⃣",
    "▁the",
    "##ing",
  ])("keeps %s", (text) => {
    expect(isKoreanOrEnglish(text)).toBe(true);
  });

  it.each(["é", "ñ", "Ж", "α", "𝛼", "あ", "ア", "们", "你好", "ع", "ไ", "अ", "İ"])("leaves %s out", (text) => {
    expect(isKoreanOrEnglish(text)).toBe(false);
  });

  it("knows the 4888 Hanja of KS X 1001", () => {
    expect(koreanHanja()).toHaveLength(4888);
    expect(koreanHanja()).toMatch(/^伽佳.*詰$/u);
  });
});

describe("a vocabulary of 250,002 pieces, trimmed to Korean and English", () => {
  let whole: TokenizerJson;
  let trimmed: TrimmedVocabulary;
  let cutWhole: (text: string) => readonly number[];
  let cutTrimmed: (text: string) => readonly number[];
  beforeAll(() => {
    whole = parseTokenizerJson(largeTokenizer());
    trimmed = trimVocabulary("ko-en", whole, INPUT, LARGE_VOCABULARY);
    const [large, small] = [new Tokenizer(whole, {}), new Tokenizer(trimmed.tokenizer, {})];
    cutWhole = (text) => large.encode(text, { add_special_tokens: false }).ids;
    cutTrimmed = (text) => small.encode(text, { add_special_tokens: false }).ids.map((id) => trimmed.keptIds[id] ?? -1);
  }, 60_000);

  it("keeps about half", () => {
    expect(trimmed.keptIds.length).toBeGreaterThan(0.45 * LARGE_VOCABULARY);
    expect(trimmed.keptIds.length).toBeLessThan(0.55 * LARGE_VOCABULARY);
  });

  it("drops no piece but those with a character of another script", () => {
    const vocab = piecesOf(whole);
    const kept = new Set(trimmed.keptIds);
    vocab.forEach((piece, id) => {
      if (!kept.has(id)) expect(isKoreanOrEnglish(piece)).toBe(false);
    });
    const foreign = [...kept].filter((id) => !isKoreanOrEnglish(vocab[id] ?? ""));
    // The least probable piece stays, for the price of an unknown character hangs on it.
    expect(foreign.length).toBeLessThanOrEqual(1);
  });

  const korean = fc.string({
    unit: fc.integer({ min: 0xac00, max: 0xd7a3 }).map((c) => String.fromCodePoint(c)),
    minLength: 1,
    maxLength: 6,
  });
  const jamo = fc.constantFrom(...Array.from("ㄱㄴㄷㅏㅑㅋㅎ각㉠㈎"));
  const english = fc.string({
    unit: fc.constantFrom(...Array.from("abcdefghijklmnopqrstuvwxyzABCXYZ'-")),
    minLength: 1,
    maxLength: 12,
  });
  const numbers = fc.integer({ min: 0, max: 99_999_999 }).map((n) => n.toLocaleString("en"));
  const signs = fc.constantFrom(
    ...Array.from("!?.,:;()[]{}<>/\\@#$%^&*~`|=+“”‘’…·※→←☎★₩€£°①½²㎡㎛㏀㈜™℃№「」『』"),
    "😀",
    "👨‍👩‍👧",
    "1️⃣",
    "Ａ１",
    "～",
  );
  const hanja = fc.integer({ min: 0, max: 4887 }).map((at) => Array.from(koreanHanja())[at] ?? "");
  const piece = fc.integer({ min: 4, max: LARGE_VOCABULARY - 2 }).map((id) => {
    const [text = ""] = [piecesOf(whole)[id]];
    return isKoreanOrEnglish(text) ? text.replace("▁", " ") : "가";
  });
  const text = fc
    .array(
      fc.tuple(fc.oneof(korean, jamo, english, numbers, signs, hanja, piece), fc.constantFrom("", "", " ", "\n")),
      { maxLength: 30 },
    )
    .map((parts) => parts.flat().join(""));

  it("cuts Korean, English and mixed text as before", () => {
    fc.assert(
      fc.property(text, (mixed) => {
        expect(cutTrimmed(mixed)).toEqual(cutWhole(mixed));
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  it("reads characters of other scripts as unknown, where there is no piece left for them", () => {
    expect(cutTrimmed("Ж")).toContain(3);
  });

  it("renumbers the special tokens", () => {
    expect(trimmed.input).toEqual(INPUT);
    expect(trimmed.tokenizer.added_tokens.at(-1)).toMatchObject({ id: trimmed.keptIds.length - 1, content: "<mask>" });
    expect(trimmed.keptIds.at(-1)).toBe(LARGE_VOCABULARY - 1);
  });
});

describe("a WordPiece vocabulary", () => {
  const pieces = ["[PAD]", "주", "##소", "あ", "[UNK]", "[CLS]", "##あ", "[SEP]", "hello", "##le", "##s", "é"];
  const wordPiece = parseTokenizerJson({
    added_tokens: ["[PAD]", "[UNK]", "[CLS]", "[SEP]"].map((content) => ({
      id: pieces.indexOf(content),
      content,
      special: true,
    })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: false,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: { type: "BertProcessing", sep: ["[SEP]", 7], cls: ["[CLS]", 5] },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
    },
  });
  const input: ModelInput = {
    ...INPUT,
    clsTokenId: 5,
    sepTokenId: 7,
    padTokenId: 0,
    middleSeparators: 1,
    positionOffset: 0,
  };

  it("is renumbered without holes, and cuts Korean and English text as before", () => {
    const { tokenizer, keptIds, input: renumbered } = trimVocabulary("ko-en", wordPiece, input, pieces.length);
    expect([...keptIds]).toEqual([0, 1, 2, 4, 5, 7, 8, 9, 10]);
    expect(renumbered).toMatchObject({ clsTokenId: 4, sepTokenId: 5, padTokenId: 0 });
    const [before, after] = [new Tokenizer(wordPiece, {}), new Tokenizer(tokenizer, {})];
    for (const words of ["주소", "hello s 주", "hellos 주소les", "모르는 말"]) {
      const ids = after.encode(words, { add_special_tokens: false }).ids.map((id) => keptIds[id]);
      expect(ids).toEqual(before.encode(words, { add_special_tokens: false }).ids);
    }
  });

  it("loses nothing when all is to stay", () => {
    const { keptIds, tokenizer } = trimVocabulary("all", wordPiece, input, pieces.length);
    expect(tokenizer).toBe(wordPiece);
    expect(keptIds).toHaveLength(pieces.length);
  });
});

it("a vocabulary of another kind is not trimmed, and says what to do", () => {
  const bpe = parseTokenizerJson({ added_tokens: [], model: { type: "BPE", vocab: {}, merges: [] } });
  expect(() => trimVocabulary("ko-en", bpe, INPUT, 10)).toThrow(/BPE.*--vocabulary all/);
});

function piecesOf({ model }: TokenizerJson): readonly string[] {
  return (model as { vocab: [string, number][] }).vocab.map(([piece]) => piece);
}
