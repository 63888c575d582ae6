/** Syllables and jamo. Old Hangul included. */
const HANGUL = String.raw`\p{Script=Hangul}`;
/** Scripts written without spaces; `ー` is the only one of their letters that Unicode files under no script. */
const CHINESE_OR_JAPANESE = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー`;
/** A letter, digit or combining mark of any other script. */
const WORD_CHARACTER = String.raw`(?![${HANGUL}${CHINESE_OR_JAPANESE}])[\p{L}\p{N}\p{M}]`;
/** Characters of one word; a point between two digits belongs to it ("3.5", "192.168.0.1"). */
const WORD = String.raw`(?:${WORD_CHARACTER})+(?:(?<=\p{N})\.(?=\p{N})(?:${WORD_CHARACTER})+)*`;
/** Some radicals of these scripts are symbols ("⺀"). */
const runOf = (script: string): string => String.raw`(?:(?=[\p{L}\p{N}\p{M}])[${script}])+`;
const RUN = new RegExp(`(?<bigrams>${runOf(HANGUL)}|${runOf(CHINESE_OR_JAPANESE)})|${WORD}`, "gu");

const NOT_TYPED_JAMO = /[^\u3131-\u318e]+/g;
const THOUSANDS_COMMA = /(?<=(?<!\d)\d{1,3}),(?=\d{3}(?!\d))/g;

/**
 * Splits Korean text into the terms that the first stage counts.
 *
 * - Hangul runs become overlapping pairs of characters: "학교에서" → "학교", "교에", "에서". Pairs need no dictionary,
 *   match through particles (학교/학교에) and survive wrong spacing, at the price of some chance matches. A run of one
 *   character is a term as it is, so "물" does not find "물이". Hanja and kana: likewise, in runs of their own.
 * - Every other word or number is one term: "esim", "5g", "3.5". "1,000원" gives "1000" and "원".
 * - Punctuation and symbols only separate.
 *
 * Text is folded first: NFKC (so NFD file names, full width letters, "㎡" and "㈜" are found), then lower case. Typed jamo
 * ("ㅠㅠ") are left out of NFKC, which would compose "ㄱㅏ" to "가". Time is linear in the length.
 * @returns terms in the order of the text, repeats included; none for text without letters and digits
 */
export function tokenizeKorean(text: string): string[] {
  const terms: string[] = [];
  for (const run of foldText(text).matchAll(RUN)) {
    if (run.groups?.["bigrams"] === undefined) terms.push(run[0]);
    else pushBigrams(terms, run[0]);
  }
  return terms;
}

function foldText(text: string): string {
  return text
    .replace(NOT_TYPED_JAMO, (part) => part.normalize("NFKC"))
    .toLowerCase()
    .replace(THOUSANDS_COMMA, "");
}

function pushBigrams(terms: string[], run: string): void {
  let previous: string | undefined;
  let pairs = 0;
  for (const character of run) {
    if (previous !== undefined) {
      terms.push(previous + character);
      pairs += 1;
    }
    previous = character;
  }
  if (pairs === 0) terms.push(run);
}
