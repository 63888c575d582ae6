/** Splits text into chunks, at the coarsest separators that make them short enough. */
import { RerankError } from "../core/errors.ts";

/** Lengths are in characters: Unicode code points, as Python counts them. */
export interface SplitSettings {
  /** Of the longest chunk, 1 or more. */
  readonly size: number;
  /** At most so much of a chunk's end stands again at the next one's beginning; 0 to `size`. */
  readonly overlap: number;
  /** Coarsest first; "" parts every character from the next. @default ["\n\n", "\n", " ", ""] */
  readonly separators?: readonly string[];
}

/**
 * The chunks that LangChain's `RecursiveCharacterTextSplitter` makes with its defaults: a separator stays, at the
 * beginning of what follows it, and white space around a chunk goes. Text is cut at the first separator that it has;
 * neighbours are put together again while they fit; what is still too long is cut at the finer separators.
 *
 * @returns none longer than `size`, but for what no separator cuts; no empty ones. Overlaps are made of whole parts,
 * which are shorter or none where the last part is longer than `overlap`
 * @throws RerankError `invalid-input` for a size below 1, or an overlap below 0 or above the size
 */
export function splitRecursively(text: string, settings: SplitSettings): readonly string[] {
  const { size, overlap, separators = ["\n\n", "\n", " ", ""] } = settings;
  if (!(size >= 1 && overlap >= 0 && overlap <= size)) {
    throw new RerankError(
      "invalid-input",
      `Chunks of ${String(size)} characters can't overlap by ${String(overlap)}; give a size of 1 or more and no more overlap than that.`,
    );
  }
  return [...chunksOf(text, separators, settings)];
}

interface Part {
  readonly text: string;
  readonly length: number;
}

function* chunksOf(text: string, separators: readonly string[], settings: SplitSettings): Generator<string> {
  const at = separators.findIndex((separator) => text.includes(separator));
  const separator = separators[at];
  const finer = separator === undefined || separator === "" ? [] : separators.slice(at + 1);
  let fitting: Part[] = [];
  for (const part of partsOf(text, separator)) {
    if (part.length < settings.size) {
      fitting.push(part);
      continue;
    }
    yield* mergedParts(fitting, settings);
    fitting = [];
    // Not stripped: LangChain does not either.
    if (finer.length === 0) yield part.text;
    else yield* chunksOf(part.text, finer, settings);
  }
  yield* mergedParts(fitting, settings);
}

/** All of the text, each part but the first beginning with the separator; one part where there is none. */
function* partsOf(text: string, separator: string | undefined): Generator<Part> {
  if (separator === "") {
    for (const character of text) yield { text: character, length: 1 };
    return;
  }
  let from = 0;
  while (from < text.length) {
    // A part that begins with the separator ends at the next one.
    const search = separator !== undefined && text.startsWith(separator, from) ? from + separator.length : from;
    const found = separator === undefined ? -1 : text.indexOf(separator, search);
    const part = text.slice(from, found === -1 ? undefined : found);
    yield { text: part, length: characterCount(part) };
    from += part.length;
  }
}

/** @param parts each shorter than a chunk */
function* mergedParts(parts: readonly Part[], { size, overlap }: SplitSettings): Generator<string> {
  const joined = (from: number, to: number): string =>
    stripped(
      parts
        .slice(from, to)
        .map(({ text }) => text)
        .join(""),
    );
  let first = 0;
  let total = 0;
  for (const [at, { length }] of parts.entries()) {
    if (total + length > size) {
      const chunk = joined(first, at);
      if (chunk !== "") yield chunk;
      // What is left over begins the next chunk.
      while (total > overlap || total + length > size) {
        total -= parts[first]?.length ?? 0;
        first += 1;
      }
    }
    total += length;
  }
  const last = joined(first, parts.length);
  if (last !== "") yield last;
}

/** Code points, as Python's `len`; `length` counts one beyond the basic plane as two. */
export function characterCount(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}

/** White space to Python, not to JavaScript. */
const PYTHON_SPACES = "\u001c\u001d\u001e\u001f\u0085";

/** Without white space at both ends, by Python's `strip`: `trim` takes a byte order mark, and leaves some controls. */
export function stripped(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isSpace(text.charAt(from))) from += 1;
  while (to > from && isSpace(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function isSpace(character: string): boolean {
  return PYTHON_SPACES.includes(character) || (/\s/.test(character) && character !== "\ufeff");
}
