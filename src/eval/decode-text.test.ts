import { describe, expect, it } from "vitest";
import { RerankError } from "../core/errors.ts";
import { decodeText } from "./decode-text.ts";

const TEXT = "question,doc\n한글 “따옴표” 🙂";
const utf8 = new TextEncoder().encode(TEXT);

function utf16(text: string, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * text.length));
  for (let at = 0; at < text.length; at += 1) view.setUint16(2 * at, text.charCodeAt(at), littleEndian);
  return new Uint8Array(view.buffer);
}

describe("decodeText", () => {
  it("reads UTF-8 without a byte order mark", () => {
    expect(decodeText(utf8)).toEqual({ text: TEXT, encoding: "utf-8" });
  });

  it("reads UTF-8, UTF-16LE and UTF-16BE by their byte order marks, and takes the mark off", () => {
    expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, ...utf8))).toEqual({ text: TEXT, encoding: "utf-8" });
    expect(decodeText(utf16(`\ufeff${TEXT}`, true))).toEqual({ text: TEXT, encoding: "utf-16le" });
    expect(decodeText(utf16(`\ufeff${TEXT}`, false))).toEqual({ text: TEXT, encoding: "utf-16be" });
  });

  it("reads CP949 where the bytes are not UTF-8", () => {
    // "질문,답" in CP949, from Python.
    const bytes = Uint8Array.of(0xc1, 0xfa, 0xb9, 0xae, 0x2c, 0xb4, 0xe4);
    expect(decodeText(bytes)).toEqual({ text: "질문,답", encoding: "euc-kr" });
  });

  it("reads an empty file as empty text, and a mark alone as well", () => {
    expect(decodeText(new Uint8Array())).toEqual({ text: "", encoding: "utf-8" });
    expect(decodeText(Uint8Array.of(0xff, 0xfe))).toEqual({ text: "", encoding: "utf-16le" });
  });

  it("keeps a replacement character that the file really holds", () => {
    expect(decodeText(new TextEncoder().encode("가\ufffd")).text).toBe("가\ufffd");
  });

  it("reads a view into a larger buffer by its own bounds", () => {
    const padded = Uint8Array.of(0xff, ...utf8, 0xff);
    expect(decodeText(padded.subarray(1, -1)).text).toBe(TEXT);
  });

  it.each([
    ["bytes that are neither UTF-8 nor CP949", Uint8Array.of(0x41, 0xff, 0x80), "utf-8, euc-kr"],
    ["UTF-8 cut inside a character", utf8.subarray(0, -1), "utf-8, euc-kr"],
    ["a mark of UTF-8 before other bytes", Uint8Array.of(0xef, 0xbb, 0xbf, 0xc1, 0xfa), "utf-8"],
    ["UTF-16 with half a character", Uint8Array.of(0xff, 0xfe, 0x41), "utf-16le"],
  ])("refuses %s and says what was tried", (_, bytes, tried) => {
    let error: unknown;
    try {
      decodeText(bytes);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(RerankError);
    expect(error).toMatchObject({
      code: "invalid-input",
      details: { reason: "encoding", tried, bytes: bytes.length },
    });
  });
});
