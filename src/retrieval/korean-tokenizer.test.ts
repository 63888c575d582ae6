import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tokenizeKorean } from "./korean-tokenizer.ts";

describe("tokenizeKorean", () => {
  it.each([
    ["학교에서", ["학교", "교에", "에서"]],
    ["물", ["물"]],
    ["학교 생활", ["학교", "생활"]],
    ["eSIM을 5G에서", ["esim", "을", "5g", "에서"]],
    ["iPhone15 v3.5", ["iphone15", "v3.5"]],
    ["버전 3.5.", ["버전", "3.5"]],
    ["1.설치", ["1", "설치"]],
    ["1,000원, 12,345,678", ["1000", "원", "12345678"]],
    ["2023,2024,100", ["2023", "2024", "100"]],
    ["大韓民國은", ["大韓", "韓民", "民國", "은"]],
    ["スーパー", ["スー", "ーパ", "パー"]],
    ["𠮷野家", ["𠮷野", "野家"]],
    ["café привет", ["café", "привет"]],
    ["ㅠㅠ ㅋㅋㅋ", ["ㅠㅠ", "ㅋㅋ", "ㅋㅋ"]],
    ["ㄱㅏ", ["ㄱㅏ"]],
    ["a_b c++ d-e (f)", ["a", "b", "c", "d", "e", "f"]],
    ["㈜순위 84㎡", ["주", "순위", "84m2"]],
    ["!?… \n\t", []],
    ["漢⺀字", ["漢", "字"]],
    ["", []],
  ])("splits %j into %j", (text, terms) => {
    expect(tokenizeKorean(text)).toEqual(terms);
  });

  it("reads decomposed Hangul (NFD) as composed", () => {
    const text = "녹스 캡처를 읽었습니다";
    expect(text.normalize("NFD")).not.toBe(text);
    expect(tokenizeKorean(text.normalize("NFD"))).toEqual(tokenizeKorean(text));
  });

  it("reads full width letters and half width kana as ordinary ones", () => {
    expect(tokenizeKorean("ＫＮＯＸ　３．５ ｶﾞｽ")).toEqual(["knox", "3.5", "ガス"]);
  });

  it("gives terms that hold no separator, for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        for (const term of tokenizeKorean(text)) expect(term).toMatch(/^[\p{L}\p{N}\p{M}.]+$/u);
      }),
    );
  });

  it("gives one pair fewer than the run has syllables", () => {
    const syllables = fc.integer({ min: 0xac00, max: 0xd7a3 }).map((code) => String.fromCodePoint(code));
    fc.assert(
      fc.property(fc.array(syllables, { minLength: 2, maxLength: 30 }), (run) => {
        expect(tokenizeKorean(run.join(""))).toEqual(run.slice(1).map((last, at) => (run[at] ?? "") + last));
      }),
    );
  });

  it.each([
    ["one run of Hangul", "가나다라마바사아자차"],
    ["digits and commas", "1,000,0001,"],
    ["points", "1.1.1..1.."],
    ["combining marks", "e\u0301\u0301\u0301"],
  ])("takes time in proportion to the length: %s", (_, unit) => {
    const timeOf = (repeats: number): number => {
      const text = unit.repeat(repeats);
      const start = performance.now();
      tokenizeKorean(text);
      return performance.now() - start;
    };
    timeOf(2_000);
    // A quadratic pass over the long text would take 1,000 times as long, far more than noise.
    expect(timeOf(64_000)).toBeLessThan(32 * 10 * Math.max(1, timeOf(2_000)));
  });
});
