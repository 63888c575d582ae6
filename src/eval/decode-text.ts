import { RerankError } from "../core/errors.ts";

export type TextEncoding = "utf-8" | "utf-16le" | "utf-16be" | "euc-kr";

export interface DecodedText {
  /** Without a byte order mark. */
  readonly text: string;
  /**
   * What the bytes were read as. "euc-kr" is the web's name for CP949, which every browser reads in full; Node's own
   * decoder lacks the rarer syllables, so those are tested in a browser.
   */
  readonly encoding: TextEncoding;
}

const BYTE_ORDER_MARKS: readonly { readonly encoding: TextEncoding; readonly bytes: readonly number[] }[] = [
  { encoding: "utf-8", bytes: [0xef, 0xbb, 0xbf] },
  { encoding: "utf-16le", bytes: [0xff, 0xfe] },
  { encoding: "utf-16be", bytes: [0xfe, 0xff] },
];

/**
 * Reads a text file of unknown encoding: what a byte order mark says; without one UTF-8, and CP949 where the bytes are
 * not UTF-8. The order is safe, for Korean in CP949 is practically never valid UTF-8.
 * @throws RerankError `invalid-input` where no encoding fits without replacement characters; details: `reason`
 * "encoding", `tried` (names, separated by ", ") and `bytes` (the length)
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const mark = BYTE_ORDER_MARKS.find((candidate) => candidate.bytes.every((byte, at) => bytes[at] === byte));
  const encodings: readonly TextEncoding[] = mark ? [mark.encoding] : ["utf-8", "euc-kr"];
  for (const encoding of encodings) {
    const text = decodeAs(encoding, bytes);
    if (text !== undefined) return { text, encoding };
  }
  const tried = encodings.join(", ");
  throw new RerankError(
    "invalid-input",
    `The file is no text in a known encoding (tried ${tried}). Save it as UTF-8 and try again.`,
    { details: { reason: "encoding", tried, bytes: bytes.length } },
  );
}

function decodeAs(encoding: TextEncoding, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
