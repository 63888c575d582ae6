import { describe, expect, it } from "vitest";
import { formatFor } from "./format.ts";

/** Intl may put other kinds of spaces between a number and its unit. */
const plain = (text: string): string => text.replace(/\s/g, " ");

describe("formatFor", () => {
  const en = formatFor("en");
  const ko = formatFor("ko");

  it.each([
    [0, "0 byte"],
    [812, "812 byte"],
    [999_999, "1,000 kB"],
    [7_512_345, "7.5 MB"],
    [260_000_000, "260 MB"],
    [2_240_000_000, "2.2 GB"],
  ])("writes %i bytes as %s", (bytes, expected) => {
    expect(plain(en.bytes(bytes))).toBe(expected);
  });

  it.each([
    [0.42, "0.4 ms"],
    [843.4, "843 ms"],
    [12_340, "12.3 sec"],
  ])("writes %d ms as %s", (milliseconds, expected) => {
    expect(plain(en.elapsed(milliseconds))).toBe(expected);
  });

  it("writes durations to the second", () => {
    expect(plain(ko.duration(0))).toBe("0초");
    expect(plain(ko.duration(80_400))).toBe("1분 20초");
    expect(plain(en.duration(80_400))).toBe("1 min 20 sec");
  });

  it("signs changes, but not those that round to nothing", () => {
    expect(en.signed(0.061, 3)).toBe("+0.061");
    expect(en.signed(-0.02, 3)).toBe("−0.020");
    expect(en.signed(0.0001, 3)).toBe("0.000");
    expect(en.signed(-0.0001, 3)).toBe("0.000");
  });

  it("groups thousands and writes shares", () => {
    expect(ko.count(12_345)).toBe("12,345");
    expect(ko.percent(0.414)).toBe("41%");
  });
});
