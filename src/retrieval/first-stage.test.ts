import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bm25FirstStage, DEFAULT_BM25_PARAMS, type Bm25Params } from "./first-stage.ts";
import { tokenizeKorean } from "./korean-tokenizer.ts";

/** The formula of the docstring, term by term and document by document. */
function slowScores(documents: readonly string[], query: string, { k, b, d }: Bm25Params): number[] {
  const terms = documents.map((text) => tokenizeKorean(text));
  const lengths = terms.map((all) => new Set(all).size);
  const meanLength = lengths.reduce((sum, length) => sum + length, 0) / documents.length;
  const queryTerms = tokenizeKorean(query);
  return terms.map((inDocument, at) => {
    let sum = 0;
    for (const term of queryTerms) {
      const tf = inDocument.filter((other) => other === term).length;
      if (tf === 0) continue;
      const n = terms.filter((all) => all.includes(term)).length;
      const idf = Math.log(1 + (documents.length - n + 0.5) / (n + 0.5));
      sum += idf * (d + (tf * (k + 1)) / (tf + k * (1 - b + (b * (lengths[at] ?? 0)) / meanLength)));
    }
    const matched = [...new Set(queryTerms)].filter((term) => inDocument.includes(term)).length;
    return matched * sum;
  });
}

const found = (documents: readonly string[], query: string, limit = 10): number[] =>
  new Bm25FirstStage(documents).search(query, limit).map(({ index }) => index);

/** Few syllables, so that terms meet; spaces and Latin words among them; empty texts too. */
const text = fc
  .array(fc.constantFrom("가", "나", "다", "라", " ", " knox ", " 5g "), { maxLength: 12 })
  .map((parts) => parts.join(""));
const params = fc.record({
  k: fc.double({ min: 0.1, max: 3, noNaN: true }),
  b: fc.double({ min: 0, max: 1, noNaN: true }),
  d: fc.double({ min: 0, max: 2, noNaN: true }),
});

describe("Bm25FirstStage", () => {
  it("gives the scores that the formula gives, for any parameters, and leaves out what matches nothing", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), text, params, (documents, query, chosen) => {
        const expected = slowScores(documents, query, chosen);
        const results = new Bm25FirstStage(documents, chosen).search(query, documents.length);
        expect(results).toHaveLength(expected.filter((score) => score > 0).length);
        for (const { index, score } of results) expect(score).toBeCloseTo(expected[index] ?? Number.NaN, 9);
      }),
      { numRuns: 300 },
    );
  });

  it("orders by score, then by index, and returns the first of them", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), text, fc.nat(8), (documents, query, limit) => {
        const stage = new Bm25FirstStage(documents);
        const all = stage.search(query, documents.length);
        for (const [at, next] of all.slice(1).entries()) {
          const previous = all[at] ?? { score: Number.NaN, index: -1 };
          const ordered = previous.score > next.score || (previous.score === next.score && previous.index < next.index);
          expect(ordered).toBe(true);
        }
        expect(stage.search(query, limit)).toEqual(all.slice(0, limit));
      }),
    );
  });

  it("scores a worked example as on paper", () => {
    // Terms 학교 | 병원: N = 2, n = 1, tf = 1, U = mean U = 1, M = 1; idf = ln(1 + 1.5 / 1.5) = ln 2.
    const { k, d } = DEFAULT_BM25_PARAMS;
    const [best] = new Bm25FirstStage(["학교", "병원"]).search("학교", 5);
    expect(best?.index).toBe(0);
    expect(best?.score).toBeCloseTo(Math.LN2 * (d + (k + 1) / (1 + k)), 12);
  });

  it("prefers the document that matches more of the query to one that repeats a single term", () => {
    expect(found(["설정 설정 설정", "설정 방법", "기타"], "설정 방법")).toEqual([1, 0]);
  });

  it("counts a term typed twice twice in the sum, and once as a matched term", () => {
    const stage = new Bm25FirstStage(["학교", "병원"]);
    const once = stage.search("학교", 1)[0]?.score ?? Number.NaN;
    expect(stage.search("학교 학교", 1)[0]?.score).toBeCloseTo(2 * once, 12);
  });

  it("finds a noun whatever particle follows it, in the query or in the text", () => {
    const documents = ["우리는 병원에 간다", "아이가 학교에 간다"];
    expect(found(documents, "학교")).toEqual([1]);
    expect(found(["병원", "학교"], "학교에서는")).toEqual([1]);
  });

  it("survives wrong spacing", () => {
    const documents = ["무관한 글", "스마트폰 화면 잠금"];
    expect(found(documents, "스마트폰화면잠금")).toEqual([1]);
    expect(found(documents, "스마트 폰 화면 잠 금")).toEqual([1]);
  });

  it("finds text in NFD and in full width letters by ordinary typing, and the other way round", () => {
    const documents = ["병원", "학교 ＫＮＯＸ".normalize("NFD")];
    expect(found(documents, "학교")).toEqual([1]);
    expect(found(documents, "knox")).toEqual([1]);
    expect(found(["병원", "학교"], "학교".normalize("NFD"))).toEqual([1]);
  });

  it("finds English words inside Korean text whole and in any case", () => {
    const documents = ["Knox Capture로 스캔", "Knoxville 여행"];
    expect(found(documents, "KNOX")).toEqual([0]);
  });

  it("orders equal documents by index", () => {
    expect(found(["기타", "학교", "학교", "학교"], "학교")).toEqual([1, 2, 3]);
    // MiniSearch lists these in the order of the query's terms.
    expect(found(["병원", "학교"], "학교 병원")).toEqual([0, 1]);
  });

  it("finds nothing for an empty query, for punctuation, and in no documents", () => {
    expect(found(["학교"], "")).toEqual([]);
    expect(found(["학교"], "?! ")).toEqual([]);
    expect(found([], "학교")).toEqual([]);
  });

  it("takes empty documents, which are never found", () => {
    expect(found(["", "학교", "  "], "학교")).toEqual([1]);
    expect(found(["", ""], "학교")).toEqual([]);
  });

  it("returns nothing for a limit of 0 or less", () => {
    expect(found(["학교"], "학교", 0)).toEqual([]);
    expect(found(["학교", "학교"], "학교", -1)).toEqual([]);
  });

  it("indexes words that name members of every object", () => {
    expect(found(["constructor", "toString", "hasOwnProperty"], "constructor hasOwnProperty")).toEqual([0, 2]);
  });
});
