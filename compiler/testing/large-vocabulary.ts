/**
 * A unigram tokenizer as large as XLM-RoBERTa's (250,002 pieces) and with about its mix of scripts, made of random
 * pieces that are always the same. Its segmentation of text means nothing; its size and mix do.
 */
import type { TokenizerJson } from "../tokenizer-json.ts";
import { koreanHanja } from "../kept-characters.ts";
import { lehmer } from "./lehmer.ts";

/** [first code point, last code point] */
type Range = readonly [number, number];

interface ScriptMix {
  /** Share of the vocabulary, about. */
  readonly share: number;
  readonly ranges: readonly Range[];
  readonly longest: number;
}

const LATIN: Range = [0x61, 0x7a];
const CAPITALS: Range = [0x41, 0x5a];
/** Counted by eye from lists of XLM-RoBERTa's pieces; Latin without accents, which English shares, is the largest. */
const MIX: readonly ScriptMix[] = [
  { share: 0.43, ranges: [LATIN, LATIN, LATIN, CAPITALS], longest: 9 },
  { share: 0.17, ranges: [LATIN, LATIN, [0xc0, 0xff], [0x100, 0x17f]], longest: 8 },
  { share: 0.12, ranges: [[0x430, 0x44f]], longest: 8 },
  { share: 0.06, ranges: [[0x627, 0x64a]], longest: 6 },
  { share: 0.05, ranges: [[0x4e00, 0x9fa5]], longest: 3 },
  { share: 0.04, ranges: [[0xac00, 0xd7a3]], longest: 3 },
  { share: 0.03, ranges: [[0x3041, 0x30fa]], longest: 4 },
  { share: 0.03, ranges: [[0x905, 0x939]], longest: 5 },
  { share: 0.02, ranges: [[0x3b1, 0x3c9]], longest: 7 },
  { share: 0.02, ranges: [[0x5d0, 0x5ea]], longest: 6 },
  { share: 0.01, ranges: [[0xe01, 0xe2e]], longest: 6 },
  {
    share: 0.01,
    ranges: [
      [0x21, 0x40],
      [0x2010, 0x2027],
      [0x2190, 0x21ff],
      [0x3001, 0x3011],
    ],
    longest: 2,
  },
];
const SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"];
const MASK = "<mask>";
export const LARGE_VOCABULARY = 250_002;

/** The same every time. */
export function largeTokenizer(size = LARGE_VOCABULARY): TokenizerJson {
  const random = lehmer(7);
  const pieces = new Set(["▁", ...singles()]);
  for (const { share, ranges, longest } of MIX) {
    const wanted = pieces.size + Math.round(share * size);
    for (let tries = 0; pieces.size < wanted && tries < 20 * size; tries++) {
      pieces.add(randomPiece(ranges, longest, random));
    }
  }
  while (pieces.size < size - SPECIAL.length - 1) pieces.add(randomPiece([LATIN], 12, random));
  const ordinary = shuffled([...pieces], random).slice(0, size - SPECIAL.length - 1);
  const vocab: [string, number][] = [
    ...SPECIAL.map((piece): [string, number] => [piece, 0]),
    ...ordinary.map((piece, rank): [string, number] => [piece, scoreOf(piece, rank)]),
    [MASK, 0],
  ];
  const metaspace = { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [...SPECIAL.map((content, id) => ({ id, content })), { id: size - 1, content: MASK }].map(
      (token) => ({
        ...token,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      }),
    ),
    normalizer: { type: "Precompiled", precompiled_charsmap: "" },
    pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, metaspace] },
    post_processor: null,
    decoder: metaspace,
    model: { type: "Unigram", unk_id: 3, vocab, byte_fallback: false },
  };
}

/** Every letter of English, every digit, a third of the syllables, some Hanja: as a real vocabulary has most of them. */
function singles(): string[] {
  const codePoints = ([first, last]: Range, step = 1): string[] =>
    Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, at) => String.fromCodePoint(first + at * step));
  return [
    ...codePoints([0x21, 0x7e]),
    ...codePoints([0xac00, 0xd7a3], 3),
    ...Array.from(koreanHanja().normalize("NFKC")).filter((_, at) => at % 2 === 0),
  ];
}

function randomPiece(ranges: readonly Range[], longest: number, random: () => number): string {
  const length = 1 + Math.floor(random() * longest);
  const letters = Array.from({ length }, () => {
    const [first, last] = ranges[Math.floor(random() * ranges.length)] ?? LATIN;
    return String.fromCodePoint(first + Math.floor(random() * (last - first + 1)));
  });
  return (random() < 0.5 ? "▁" : "") + letters.join("");
}

/** Zipf's law by rank; long pieces are worth having, or they would never be taken. */
function scoreOf(piece: string, rank: number): number {
  return -Math.log(rank + 20) - 4 + Math.min(3, Array.from(piece).length / 2) / 2;
}

function shuffled<T>(values: T[], random: () => number): T[] {
  for (let at = values.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    const [a, b] = [values[at], values[other]];
    if (a !== undefined && b !== undefined) [values[at], values[other]] = [b, a];
  }
  return values;
}
