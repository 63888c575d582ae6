/**
 * The characters of Korean and English text: Hangul, the Latin letters of English, digits, punctuation and symbols, and
 * the Hanja of KS X 1001. Judged by their NFKC form, which is what XLM-RoBERTa's tokenizer sees: ㈜ stays, for (주)
 * does; 𝛼 does not, for α does not.
 */

/** "Common" is what scripts share: digits, punctuation, symbols, spaces, emoji; the rest joins emoji. */
const KEPT_SCRIPTS = /^(?:[\p{Script=Hangul}\p{Script=Common}A-Za-z]|\u200c|\u200d|\u20e3|\ufe0e|\ufe0f)$/u;
/** Letters as signs of units: ㎛ and ㏀ become μm and kΩ. */
const UNIT_SIGNS = "μΩ";

/** True where every character of `text` is one of them. */
export function isKoreanOrEnglish(text: string): boolean {
  for (const character of text) if (!isKept(character)) return false;
  return true;
}

/** All of KS X 1001's Hanja, of which 268 are doubles that NFKC joins. */
export function koreanHanja(): string {
  return hanja;
}

const hanja = decodeHanja();
const letters = new Set(Array.from(hanja + hanja.normalize("NFKC") + UNIT_SIGNS));
/** Asked again and again while a vocabulary is read. */
const known = new Map<string, boolean>();

function isKept(character: string): boolean {
  let kept = known.get(character);
  if (kept === undefined) {
    kept = Array.from(character.normalize("NFKC")).every(isLetterOrSign);
    known.set(character, kept);
  }
  return kept;
}

function isLetterOrSign(character: string): boolean {
  return letters.has(character) || KEPT_SCRIPTS.test(character);
}

/** EUC-KR holds them in rows 0xCA to 0xFD. */
function decodeHanja(): string {
  const bytes: number[] = [];
  for (let row = 0xca; row <= 0xfd; row++) {
    for (let cell = 0xa1; cell <= 0xfe; cell++) bytes.push(row, cell);
  }
  return new TextDecoder("euc-kr").decode(Uint8Array.from(bytes));
}
