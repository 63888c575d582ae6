import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { characterCount, splitRecursively, stripped } from "./recursive-splitter.ts";

/**
 * Our texts, split by langchain-text-splitters 1.1.2 on Python 3.11:
 * `RecursiveCharacterTextSplitter(chunk_size=size, chunk_overlap=overlap, separators=separators).split_text(text)`.
 */
interface Golden {
  readonly name: string;
  readonly text: string;
  readonly splits: readonly {
    readonly size: number;
    readonly overlap: number;
    readonly separators: readonly string[];
    readonly chunks: readonly string[];
  }[];
}
const GOLDEN = JSON.parse(
  readFileSync(new URL("fixtures/recursive-splitter.json", import.meta.url), "utf8"),
) as readonly Golden[];

const ORIGIN = ["\n\n", "\n", ".", " ", ""];

describe("what LangChain splits", () => {
  it.each(GOLDEN)("is split the same: $name", ({ text, splits }) => {
    for (const { chunks, ...settings } of splits) expect(splitRecursively(text, settings)).toEqual(chunks);
  });

  it("holds overlaps, chunks that begin with a full stop, and characters beyond the basic plane", () => {
    const all = GOLDEN.flatMap(({ splits }) => splits);
    expect(all.length).toBeGreaterThan(25);
    expect(all.filter(({ overlap }) => overlap > 0).length).toBeGreaterThan(10);
    expect(all.filter(({ chunks }) => chunks.some((chunk) => chunk.startsWith("."))).length).toBeGreaterThan(5);
    expect(all.some(({ chunks }) => chunks.some((chunk) => chunk.length > characterCount(chunk)))).toBe(true);
  });
});

describe("splitRecursively", () => {
  it("cuts by hand: the separator stays before what follows it, and whole parts overlap", () => {
    const separators = [".", ""];
    expect(splitRecursively("aa.bb.cc.dd", { size: 6, overlap: 0, separators })).toEqual(["aa.bb", ".cc.dd"]);
    expect(splitRecursively("aa.bb.cc.dd", { size: 6, overlap: 3, separators })).toEqual(["aa.bb", ".bb.cc", ".cc.dd"]);
    expect(splitRecursively("aa.bb.cc.dd", { size: 6, overlap: 2, separators })).toEqual(["aa.bb", ".cc.dd"]);
  });

  it("goes on to finer separators only where it must", () => {
    expect(splitRecursively("one two\n\nthree four five", { size: 10, overlap: 0 })).toEqual([
      "one two",
      "three",
      "four five",
    ]);
  });

  it("cuts at white space unless told otherwise", () => {
    expect(splitRecursively("a.b c.d", { size: 4, overlap: 0 })).toEqual(["a.b", "c.d"]);
    expect(splitRecursively("a.b c.d", { size: 4, overlap: 0, separators: ["."] })).toEqual(["a", ".b c", ".d"]);
  });

  it("leaves whole what no separator cuts", () => {
    expect(splitRecursively("incomprehensible", { size: 4, overlap: 0, separators: [" "] })).toEqual([
      "incomprehensible",
    ]);
  });

  it("refuses sizes that mean nothing", () => {
    for (const settings of [
      { size: 0, overlap: 0 },
      { size: 10, overlap: 11 },
      { size: 10, overlap: -1 },
      { size: Number.NaN, overlap: 0 },
    ]) {
      expect(() => splitRecursively("a", settings)).toThrow(
        expect.objectContaining({ code: "invalid-input" }) as Error,
      );
    }
  });

  const text = fc
    .array(fc.constantFrom("가", "나다", "ab", "😀", ".", "..", " ", "\n", "\n\n", "\t", "\u0085"), { maxLength: 60 })
    .map((parts) => parts.join(""));
  const withoutSpace = (value: string): string =>
    Array.from(value)
      .filter((character) => stripped(character) !== "")
      .join("");

  it("makes no chunk too long and loses nothing but white space", () => {
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom(ORIGIN, undefined),
        (value, size, separators) => {
          const chunks = splitRecursively(value, { size, overlap: 0, ...(separators && { separators }) });
          for (const chunk of chunks) expect(characterCount(chunk)).toBeLessThanOrEqual(size);
          expect(withoutSpace(chunks.join(""))).toBe(withoutSpace(value));
        },
      ),
    );
  });

  it("repeats no more than the overlap, and leaves no letter out for it", () => {
    const separated = fc.array(fc.constantFrom("", "", ".", " ", "\n", "\n\n"), { maxLength: 60 });
    fc.assert(
      fc.property(separated, fc.integer({ min: 1, max: 20 }), fc.nat(20), (separators, size, wanted) => {
        const overlap = Math.min(size, wanted);
        // No letter twice, so that each is the number of its own place.
        const value = separators.map((separator, at) => String.fromCodePoint(0xac00 + at) + separator).join("");
        let next = 0;
        for (const chunk of splitRecursively(value, { size, overlap, separators: ORIGIN })) {
          expect(characterCount(chunk)).toBeLessThanOrEqual(size);
          const places = Array.from(chunk, (letter) => (letter.codePointAt(0) ?? 0) - 0xac00).filter((at) => at >= 0);
          const [first = next] = places;
          expect(places).toEqual(places.map((_, at) => first + at));
          expect(first).toBeLessThanOrEqual(next);
          expect(next - first).toBeLessThanOrEqual(overlap);
          next = Math.max(next, first + places.length);
        }
        expect(next).toBe(separators.length);
      }),
    );
  });
});

describe("stripped", () => {
  it("takes Python's white space and leaves JavaScript's byte order mark", () => {
    expect(stripped(" \t\n\u001c\u0085\u3000가 나\u00a0\u2003\u001f")).toBe("가 나");
    expect(stripped("\ufeff 가")).toBe("\ufeff 가");
    expect(stripped(" \n ")).toBe("");
  });
});
