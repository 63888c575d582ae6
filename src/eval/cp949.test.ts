import { describe, expect, it } from "vitest";
import { decodeCp949 } from "./cp949.ts";

const decode = (...bytes: number[]): string => decodeCp949(Uint8Array.from(bytes));

describe("decodeCp949", () => {
  // Bytes from Python: text.encode("cp949").
  it.each([
    ["갂", [0x81, 0x41]],
    ["갴", [0x81, 0x5a]],
    ["갵", [0x81, 0x61]],
    ["걕", [0x81, 0x7a]],
    ["걖", [0x81, 0x81]],
    ["똠방각하", [0x8c, 0x63, 0xb9, 0xe6, 0xb0, 0xa2, 0xc7, 0xcf]],
    ["뷁", [0x94, 0xee]],
    ["햏", [0xc1, 0x64]],
    ["힣", [0xc6, 0x52]],
    ["한글 abc", [0xc7, 0xd1, 0xb1, 0xdb, 0x20, 0x61, 0x62, 0x63]],
    ["、€®", [0xa1, 0xa2, 0xa2, 0xe6, 0xa2, 0xe7]],
    ["", []],
  ])("reads %j", (text, bytes) => {
    expect(decode(...bytes)).toBe(text);
  });

  it("reads each of the 11,172 syllables from one pair of bytes", () => {
    const isAdded = (lead: number, trail: number): boolean =>
      lead < 0xc6 || trail <= 0x52 ? /[A-Za-z\u0081-\u00a0]/.test(String.fromCharCode(trail)) || lead <= 0xa0 : false;
    const bytes: number[] = [];
    for (let lead = 0x81; lead <= 0xc8; lead += 1) {
      for (let trail = 0x41; trail <= 0xfe; trail += 1) {
        if (/[[-`{-\u0080]/.test(String.fromCharCode(trail))) continue;
        const isStandard = lead >= 0xb0 && trail >= 0xa1;
        if (isStandard || (lead <= 0xc6 && isAdded(lead, trail))) bytes.push(lead, trail);
      }
    }
    const every = Array.from({ length: 11_172 }, (_, at) => String.fromCodePoint(0xac00 + at));
    expect(Array.from(decode(...bytes)).sort()).toEqual(every);
  });

  it.each([
    ["a lead byte without its second", [0x41, 0xc7]],
    ["a lead byte of an added syllable without its second", [0x8c]],
    ["a byte that begins nothing", [0x80, 0x41]],
    ["0xff", [0xff, 0x41]],
    ["a code between the two ranges of the rule", [0x81, 0x5b]],
    ["a code of the user-defined area", [0xc9, 0xa1]],
    ["a code after the last added syllable", [0xc6, 0x53]],
  ])("refuses %s", (_, bytes) => {
    expect(() => decode(...bytes)).toThrow(TypeError);
  });
});
