/** A stretch of text; `matched` where it holds words of the query. */
export interface TextPiece {
  readonly text: string;
  readonly matched: boolean;
}

const SHORTEST_PREFIX = 2;
/** What particles and the endings of 하다 and 되다 begin with: after these, two syllables are a word already. */
const SUFFIX_BEGINNINGS = new Set("은는이가을를에의로으도와과만나랑요들께서부까하한할함해했되된될됨");
const MOST_WORDS = 32;

/**
 * Cuts `text` where it holds words of `query`. Of each word the longest beginning counts that occurs in the text, two
 * characters or more: Korean particles and endings stand at the end ("비밀번호를" marks "비밀번호"). The first stage goes by
 * pairs of characters and finds more than this shows.
 */
export function markMatches(text: string, query: string): readonly TextPiece[] {
  const prefixes = matchingPrefixes(text, query);
  if (prefixes.length === 0) return text === "" ? [] : [{ text, matched: false }];
  const pattern = new RegExp(`(${prefixes.map(escapeForPattern).join("|")})`, "giu");
  return text
    .split(pattern)
    .map((piece, position) => ({ text: piece, matched: position % 2 === 1 }))
    .filter((piece) => piece.text !== "");
}

/** Two syllables of a longer word say little ("아이" of "아이폰") unless a particle or an ending follows. */
function mayStandAlone(word: readonly string[], length: number): boolean {
  return length === word.length || length > SHORTEST_PREFIX || SUFFIX_BEGINNINGS.has(word[length] ?? "");
}

/** Longest first, so that the longer of two wins where both would match. */
function matchingPrefixes(text: string, query: string): string[] {
  const folded = text.toLowerCase();
  const words = new Set(
    query
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu)
      ?.slice(0, MOST_WORDS),
  );
  const prefixes = new Set<string>();
  for (const word of words) {
    const characters = Array.from(word);
    for (let length = characters.length; length >= SHORTEST_PREFIX; length -= 1) {
      const prefix = characters.slice(0, length).join("");
      if (!mayStandAlone(characters, length) || !folded.includes(prefix)) continue;
      prefixes.add(prefix);
      break;
    }
  }
  return [...prefixes].sort((a, b) => b.length - a.length);
}

function escapeForPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/**
 * The beginning of a text, cut at the last space before `limit` characters where there is one near.
 * @returns the text itself where it is no longer than `limit`
 */
export function excerptOf(text: string, limit: number): string {
  const characters = Array.from(text);
  if (characters.length <= limit) return text;
  const beginning = characters.slice(0, limit).join("");
  const space = beginning.search(/\s\S*$/u);
  return space > beginning.length * 0.7 ? beginning.slice(0, space) : beginning;
}

const LONGEST_TITLE = 60;

export interface TitledText {
  /** "" where the text begins without one. */
  readonly title: string;
  readonly body: string;
}

/** Takes a short first line with text below it for the document's title, as help pages have one. */
export function splitTitle(text: string): TitledText {
  const [first = "", ...rest] = text.trim().split("\n");
  const body = rest.join("\n").trim();
  return body === "" || first.length > LONGEST_TITLE ? { title: "", body: text } : { title: first.trim(), body };
}
