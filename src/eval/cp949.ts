const FIRST_SYLLABLE = 0xac00;
const LAST_SYLLABLE = 0xd7a3;

/**
 * Decodes CP949 (Unified Hangul Code), what Korean Excel and Notepad call "ANSI".
 *
 * The web's "euc-kr" is CP949, but Node's is KS X 1001 alone, without the 8,822 rarer syllables ("똠", "뷁") that CP949
 * adds. They are laid out by a rule, so they are placed here and all else is left to the platform.
 * Source: https://encoding.spec.whatwg.org/#euc-kr-decoder and its index-euc-kr.txt.
 * @throws TypeError for bytes that are not CP949
 */
export function decodeCp949(bytes: Uint8Array): string {
  const decoder = new TextDecoder("euc-kr", { fatal: true });
  const additions = cp949Additions(decoder);
  const parts: string[] = [];
  let undecoded = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const lead = bytes[at] ?? 0;
    if (lead < 0x80) continue;
    const character = additions.get(lead * 256 + (bytes[at + 1] ?? 0));
    // Node would decode these, to control characters and to the private use area; the web does not.
    const foreign = lead <= 0xa0 || lead === 0xc9 || lead === 0xfe;
    if (character === undefined && foreign) throw new TypeError(`Byte ${String(at)} is not CP949.`);
    if (character !== undefined) {
      parts.push(decoder.decode(bytes.subarray(undecoded, at)), character);
      undecoded = at + 2;
    }
    at += 1;
  }
  parts.push(decoder.decode(bytes.subarray(undecoded)));
  return parts.join("");
}

/** Two bytes, as lead × 256 + trail -> the character that CP949 adds to KS X 1001 there. */
function cp949Additions(decoder: TextDecoder): ReadonlyMap<number, string> {
  const standard = new Set(decoder.decode(standardSyllableBytes()));
  const codes = addedSyllableCodes();
  const additions = new Map([
    [0xa2e6, "€"],
    [0xa2e7, "®"],
  ]);
  for (let codePoint = FIRST_SYLLABLE; codePoint <= LAST_SYLLABLE; codePoint += 1) {
    const syllable = String.fromCodePoint(codePoint);
    if (standard.has(syllable)) continue;
    const code = codes.next();
    if (code.done !== true) additions.set(code.value, syllable);
  }
  return additions;
}

/** The codes of the 2,350 syllables of KS X 1001: rows B0 to C8. */
function standardSyllableBytes(): Uint8Array {
  const bytes: number[] = [];
  for (let lead = 0xb0; lead <= 0xc8; lead += 1) {
    for (let trail = 0xa1; trail <= 0xfe; trail += 1) bytes.push(lead, trail);
  }
  return Uint8Array.from(bytes);
}

/** The codes that CP949 gives to the other syllables, in the order of Unicode. */
function* addedSyllableCodes(): Generator<number, undefined> {
  for (let lead = 0x81; lead <= 0xc6; lead += 1) {
    const lastTrail = lead <= 0xa0 ? 0xfe : 0xa0;
    for (let trail = 0x41; trail <= lastTrail; trail += 1) {
      const between = (trail > 0x5a && trail < 0x61) || (trail > 0x7a && trail < 0x81);
      if (!between) yield lead * 256 + trail;
    }
  }
  return undefined;
}
