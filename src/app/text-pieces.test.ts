import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { excerptOf, markMatches, splitTitle } from "./text-pieces.ts";

const marked = (text: string, query: string): readonly string[] =>
  markMatches(text, query).flatMap((piece) => (piece.matched ? [piece.text] : []));

describe("markMatches", () => {
  it.each([
    ["비밀번호를 바꾸려면", "비밀번호가 뭐예요", ["비밀번호"]],
    ["학교 앞", "학교에서는", ["학교"]],
    ["아이디 찾기", "아이폰", []],
    ["삭제된 파일, 삭제한 파일", "삭제했어요", ["삭제", "삭제"]],
    ["eSIM 설치", "ESIM을 설치", ["eSIM", "설치"]],
    ["a+b (c)", "a+b? (c)*", []],
    ["환불 환불금", "환불 환불금", ["환불", "환불금"]],
    ["아무 말", "", []],
  ])("in %j for %j: %j", (text, query, expected) => {
    expect(marked(text, query)).toEqual(expected);
  });

  it("loses nothing of any text, whatever the query", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (text, query) => {
        const pieces = markMatches(text, query + text.slice(0, 5));
        expect(pieces.map((piece) => piece.text).join("")).toBe(text);
      }),
    );
  });
});

describe("excerptOf", () => {
  it("leaves short texts as they are", () => {
    expect(excerptOf("짧은 글", 10)).toBe("짧은 글");
  });

  it("cuts at a space near the end, and inside a word where there is none", () => {
    expect(excerptOf("하나 둘 셋 넷 다섯", 8)).toBe("하나 둘 셋");
    expect(excerptOf("가나다라마바사", 3)).toBe("가나다");
  });

  it("is always a beginning of the text and never splits a pair of surrogates", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 20 }), (text, limit) => {
        const excerpt = excerptOf(text, limit);
        expect(text.startsWith(excerpt)).toBe(true);
        expect(Array.from(excerpt).length).toBeLessThanOrEqual(limit);
        expect(excerpt).not.toMatch(/\p{Surrogate}/u);
      }),
    );
  });
});

describe("splitTitle", () => {
  it("takes a short first line for the title", () => {
    expect(splitTitle("환불 안내\n\n사흘 걸립니다.\n")).toEqual({ title: "환불 안내", body: "사흘 걸립니다." });
  });

  it("finds no title in a single line, nor in a long first one", () => {
    expect(splitTitle("사흘 걸립니다.").title).toBe("");
    const long = `${"긴 문장 ".repeat(20)}\n다음 줄`;
    expect(splitTitle(long)).toEqual({ title: "", body: long });
  });
});
