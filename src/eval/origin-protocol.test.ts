import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  childScore,
  estimatedTokens,
  isRight,
  judgeOrigin,
  ORIGIN_CLAIMS,
  ORIGIN_POOL,
  originIndex,
  piecesOf,
  rankOrigin,
  type OriginIndex,
  type OriginInput,
} from "./origin-protocol.ts";
import { characterCount } from "./recursive-splitter.ts";

const coded = (code: string): Error => expect.objectContaining({ code }) as Error;
/** Sentences of 24 characters that all differ; the full stop has no space after it. */
const sentences = (count: number): string =>
  Array.from({ length: count }, (_, at) => `${String(at).padStart(4, "0")}번째로 적은 문장의 뜻은 아직 비밀.`).join("");

describe("originIndex", () => {
  it("leaves a short document whole, as its own parent and child", () => {
    const text = `가나다. 라마바.\n\n${"사".repeat(1000)}`;
    expect(originIndex([{ id: "d1", text: ` ${text}\n` }])).toEqual({
      parents: [{ documentId: "d1", text }],
      children: [{ parent: 0, text }],
    });
  });

  it("cuts a long one twice, and every child stands in its parent", () => {
    const text = sentences(400);
    const { parents, children } = originIndex([
      { id: "short", text: "짧은 글" },
      { id: "long", text },
      { id: "blank", text: " \n " },
    ]);
    expect(characterCount(text)).toBe(9600);
    // Each parent takes 170 sentences, and the first leaves its last full stop to the second.
    expect(parents.map(({ documentId, text: own }) => [documentId, own.length])).toEqual([
      ["short", 4],
      ["long", 4079],
      ["long", 4080],
      ["long", 1441],
    ]);
    expect(
      parents
        .slice(1)
        .map((parent) => parent.text)
        .join(""),
    ).toBe(text);
    for (const child of children) expect(parents[child.parent]?.text).toContain(child.text);
    expect(Math.max(...children.map((child) => child.text.length))).toBeLessThanOrEqual(1024);
    // Ten sentences stand in two neighbours: eleven would be 264 characters.
    const [first = "", second = ""] = children.filter(({ parent }) => parent === 1).map((child) => child.text);
    expect(second.startsWith(first.slice(-240))).toBe(true);
    expect(second.startsWith(first.slice(-264))).toBe(false);
    expect(children.filter((child) => child.text.startsWith(".")).length).toBeGreaterThan(5);
  });
});

describe("piecesOf", () => {
  it("estimates a token for a Hangul syllable and for three letters", () => {
    expect(estimatedTokens("한국어")).toBe(3);
    expect(estimatedTokens("abcdef")).toBe(2);
    expect(estimatedTokens("abcdefg")).toBe(3);
    expect(estimatedTokens("")).toBe(0);
  });

  it("splits above 300 tokens, counting the query", () => {
    const child = `${"a".repeat(600)} ${"b".repeat(270)}`;
    expect(estimatedTokens(child)).toBe(291);
    expect(piecesOf("가".repeat(9), child)).toEqual([{ text: child, tokens: 291 }]);
    expect(piecesOf("가".repeat(10), child)).toEqual([
      { text: "a".repeat(512), tokens: 171 },
      { text: "a".repeat(88), tokens: 30 },
      { text: "b".repeat(270), tokens: 90 },
    ]);
  });

  it("leaves Korean of 512 characters whole though it has more tokens, and splits 513", () => {
    expect(piecesOf("질문", "가".repeat(512))).toEqual([{ text: "가".repeat(512), tokens: 512 }]);
    expect(piecesOf("질문", "가".repeat(513)).map(({ tokens }) => tokens)).toEqual([512, 1]);
  });
});

describe("childScore", () => {
  it("is the sigmoid of a single piece, and weighs several by their tokens", () => {
    expect(childScore([0], [7])).toBe(0.5);
    // (3 × 0.75 + 1 × 0.25) / 4
    expect(childScore([Math.log(3), -Math.log(3)], [3, 1])).toBeCloseTo(0.625, 12);
    expect(childScore(new Float32Array([100, -100]), [10, 30])).toBeCloseTo(0.25, 12);
  });

  it("refuses what has no mean", () => {
    for (const [logits, tokens] of [
      [[], []],
      [[1], [1, 2]],
      [[1, 2], [1]],
      [[Number.NaN], [1]],
      [[Number.POSITIVE_INFINITY], [1]],
    ] as const) {
      expect(() => childScore(logits, tokens)).toThrow(coded("inference"));
    }
  });
});

describe("isRight", () => {
  it("looks for any relevant text word by word, but for white space around it", () => {
    expect(isRight("앞. 정답은 여기. 뒤", ["없는 글", " 정답은 여기.\n"])).toBe(true);
    expect(isRight("정답은  여기", ["정답은 여기"])).toBe(false);
    expect(isRight("짧다", ["짧다, 그런데 길다"])).toBe(false);
  });

  it("finds nothing in everything: an empty text is in no context", () => {
    expect(isRight("앞", ["", " "])).toBe(false);
    expect(isRight("앞", [])).toBe(false);
  });
});

/** Children 0 to 11 of parents 0 0 1 1 2 2 3 3 4 4 5 5. */
const PAIRS: OriginIndex = {
  parents: Array.from({ length: 6 }, (_, at) => ({ documentId: `d${String(at)}`, text: `글 ${String(at)}.` })),
  children: Array.from({ length: 12 }, (_, at) => ({ parent: Math.floor(at / 2), text: `조각 ${String(at)}` })),
};

describe("rankOrigin", () => {
  const scores = (...all: readonly number[]): ReadonlyMap<string, readonly number[]> => new Map([["m", all]]);

  it("keeps six of nine and puts a parent where its best child stands", () => {
    const children = [2, 0, 3, 4, 1, 5, 10, 8, 6, 7];
    const { six, nine, reranked } = rankOrigin(PAIRS, children, scores(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9));
    expect(six).toEqual([1, 0, 2]);
    expect(nine).toEqual([1, 0, 2, 5, 4, 3]);
    // Children 6, 8, 10, 5, 1, 4: the first stage's best, child 2, is the lowest and falls out with 0 and 3.
    expect(reranked.get("m")).toEqual([3, 4, 5, 2, 0]);
  });

  it("keeps the first stage's order of equal scores", () => {
    const children = [0, 2, 4, 6, 8, 10, 1, 3, 5];
    const { six, reranked } = rankOrigin(PAIRS, children, scores(...children.map(() => 0.5)));
    expect(reranked.get("m")).toEqual(six);
    expect(rankOrigin(PAIRS, children, scores(0, 0, 0, 0, 0, 0, 0, 0.5, 0)).reranked.get("m")).toEqual([1, 0, 2, 3, 4]);
  });

  it("takes fewer children than nine", () => {
    expect(rankOrigin(PAIRS, [4, 0], scores(0.1, 0.2))).toEqual({
      six: [2, 0],
      nine: [2, 0],
      reranked: new Map([["m", [0, 2]]]),
    });
    expect(rankOrigin(PAIRS, [], scores()).nine).toEqual([]);
  });

  it("refuses scores that are too few or no numbers, and children that the index lacks", () => {
    expect(() => rankOrigin(PAIRS, [0, 1], scores(0.5))).toThrow(coded("inference"));
    expect(() => rankOrigin(PAIRS, [0, 1], scores(0.5, Number.NaN))).toThrow(coded("inference"));
    expect(() => rankOrigin(PAIRS, [12], scores(0.5))).toThrow(coded("invalid-input"));
  });
});

/** One question per list of children; the relevant document of each is the one named. */
function inputOf(
  firstStage: readonly (readonly number[])[],
  relevant: readonly number[],
  scores: Readonly<Record<string, readonly (readonly number[] | undefined)[]>>,
  index = PAIRS,
): OriginInput {
  const idOf = (at: number): string => `q${String(at)}`;
  return {
    dataset: {
      questions: relevant.map((_, at) => ({ id: idOf(at), text: "질문", answer: "" })),
      documents: index.parents.map(({ documentId, text }) => ({ id: documentId, text })),
      qrels: new Map(relevant.map((document, at) => [idOf(at), new Map([[`d${String(document)}`, 1]])])),
    },
    index,
    firstStage: new Map(firstStage.map((children, at) => [idOf(at), children])),
    scores: new Map(
      Object.entries(scores).map(([model, all]) => [
        model,
        new Map(all.flatMap((own, at) => (own === undefined ? [] : [[idOf(at), own] as const]))),
      ]),
    ),
    resampling: { draws: 200, seed: 1 },
  };
}

describe("judgeOrigin", () => {
  const first = [0, 1, 2, 3, 4, 5, 6, 8, 10];
  const backwards = [1, 2, 3, 4, 5, 6, 7, 8, 9];

  it("makes the rows by hand", () => {
    // Relevant: the second context; the fourth of the nine; none in the third question, which finds too little.
    const input = inputOf([first, first, [0, 1]], [1, 3, 5], { good: [backwards, backwards, undefined] });
    const { rows, questions, unmatchable } = judgeOrigin(input);
    expect(rows.map(({ key, kind, model }) => [key, kind, model])).toEqual([
      ["six", "six", undefined],
      ["nine", "nine", undefined],
      ["reranked good", "reranked", "good"],
    ]);
    const [six, nine, good] = rows;
    // Six: parents 0 1 2, so ranks 2, none, none.
    expect(six).toMatchObject({ rightContext: 1 / 3, mrr: 0.5 / 3, contexts: (3 + 3 + 1) / 3 });
    // Nine: parents 0 1 2 3 4 5, so ranks 2, 4, none.
    expect(nine).toMatchObject({ rightContext: 2 / 3, mrr: 0.75 / 3, contexts: (6 + 6 + 1) / 3 });
    // Reranked: children 10 8 6 5 4 3, parents 5 4 3 2 1, so ranks 5, 3, and the first stage's order in the third.
    expect(good).toMatchObject({ rightContext: 2 / 3, contexts: (5 + 5 + 1) / 3 });
    expect(good?.mrr).toBeCloseTo((1 / 5 + 1 / 3) / 3, 12);
    expect(good?.againstSix).toMatchObject({ against: "six", wins: 1, ties: 1, losses: 1 });
    expect(good?.againstSix?.mean).toBeCloseTo((1 / 5 - 1 / 2 + 1 / 3) / 3, 12);
    expect(good?.againstNine).toMatchObject({ against: "nine", wins: 1, ties: 1, losses: 1 });
    expect(good?.againstNine?.mean).toBeCloseTo((1 / 5 - 1 / 2 + 1 / 3 - 1 / 4) / 3, 12);
    for (const row of [six, nine]) {
      expect(row).not.toHaveProperty("againstSix");
      expect(row).not.toHaveProperty("againstNine");
    }
    expect([questions, unmatchable]).toEqual([3, 0]);
  });

  it("corrects p over the models, not over the nine", () => {
    const many = Array.from({ length: 12 }, () => first);
    const third = many.map(() => 2);
    const best = many.map(() => first.map((child) => (child === 4 ? 1 : 0)));
    const { rows } = judgeOrigin(inputOf(many, third, { best, same: many.map(() => first.map(() => 0)) }));
    const [ours, same] = rows.slice(2);
    expect(ours).toMatchObject({ mrr: 1, againstSix: { wins: 12 }, againstNine: { wins: 12 } });
    expect(ours?.againstSix?.mean).toBeCloseTo(2 / 3, 12);
    for (const difference of [ours?.againstSix, ours?.againstNine]) {
      expect(difference?.correctedP).toBe(2 * (difference?.p ?? 0));
    }
    expect(same?.againstSix).toMatchObject({ mean: 0, p: 1, interval: { low: 0, high: 0 } });
  });

  it("takes a context for right that another document brought", () => {
    const index: OriginIndex = {
      parents: [
        { documentId: "d0", text: "앞. 같은 문장. 뒤" },
        { documentId: "d1", text: "같은 문장." },
      ],
      children: [
        { parent: 0, text: "앞. 같은 문장. 뒤" },
        { parent: 1, text: "같은 문장." },
      ],
    };
    expect(judgeOrigin(inputOf([[0, 1]], [1], {}, index)).rows[0]).toMatchObject({ rightContext: 1, mrr: 1 });
    expect(judgeOrigin(inputOf([[1, 0]], [0], {}, index)).rows[0]).toMatchObject({ rightContext: 1, mrr: 0.5 });
  });

  it("counts a question whose document is longer than a parent as a miss that nothing could find", () => {
    const documents = [
      { id: "long", text: sentences(200) },
      { id: "short", text: "짧은 글" },
    ];
    const index = originIndex(documents);
    const questions = ["long", "short", "both", "irrelevant"].map((id) => ({ id, text: "질문", answer: "" }));
    const qrels = new Map([
      ["long", new Map([["long", 1]])],
      ["short", new Map([["short", 1]])],
      [
        "both",
        new Map([
          ["long", 2],
          ["short", 1],
        ]),
      ],
      [
        "irrelevant",
        new Map([
          ["long", 1],
          ["short", 0],
        ]),
      ],
    ]);
    const last = index.children.length - 1;
    const firstStage = new Map(questions.map(({ id }) => [id, [0, last]]));
    const found = judgeOrigin({ dataset: { questions, documents, qrels }, index, firstStage, scores: new Map() });
    expect(found).toMatchObject({ questions: 4, unmatchable: 2 });
    expect(found.rows[0]).toMatchObject({ rightContext: 0.5, mrr: 0.25, contexts: 2 });
  });

  it("counts nothing as impossible that another document made right", () => {
    const documents = [
      { id: "cut", text: "정답. 글" },
      { id: "whole", text: "앞. 정답. 글" },
    ];
    const index: OriginIndex = {
      parents: [
        { documentId: "cut", text: "정답" },
        { documentId: "cut", text: ". 글" },
        { documentId: "whole", text: "앞. 정답. 글" },
      ],
      children: [0, 1, 2].map((parent) => ({ parent, text: "조각" })),
    };
    const questions = [{ id: "q", text: "질문", answer: "" }];
    const dataset = { questions, documents, qrels: new Map([["q", new Map([["cut", 1]])]]) };
    const judged = (children: readonly number[]) =>
      judgeOrigin({ dataset, index, firstStage: new Map([["q", children]]), scores: new Map() });
    expect(judged([0, 1])).toMatchObject({ unmatchable: 1, rows: [{ rightContext: 0 }, {}] });
    expect(judged([0, 2])).toMatchObject({ unmatchable: 0, rows: [{ rightContext: 1 }, {}] });
  });

  it("counts a question that the first stage lacks as a miss", () => {
    const input = inputOf([first, first], [0, 0], {});
    const found = judgeOrigin({ ...input, firstStage: new Map([["q0", first]]) });
    expect(found.rows[0]).toMatchObject({ rightContext: 0.5, mrr: 0.5, contexts: 1.5 });
    expect(found.unmatchable).toBe(0);
  });

  it("agrees with the origin's formulas, written out", () => {
    const children = fc.shuffledSubarray(
      PAIRS.children.map((_, at) => at),
      { minLength: ORIGIN_POOL },
    );
    const question = fc.record({
      children,
      relevant: fc.nat(5),
      scores: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: ORIGIN_POOL, maxLength: ORIGIN_POOL }),
    });
    fc.assert(
      fc.property(fc.array(question, { minLength: 1, maxLength: 5 }), (all) => {
        const { rows } = judgeOrigin(
          inputOf(
            all.map((each) => each.children),
            all.map(({ relevant }) => relevant),
            { m: all.map(({ scores }) => scores) },
          ),
        );
        const ranks = all.map(({ children: order, relevant, scores }) => {
          const pool = order.slice(0, 9).map((child, at) => ({ child, score: scores[at] ?? 0 }));
          const contexts: number[] = [];
          for (const { child } of pool.toSorted((a, b) => b.score - a.score).slice(0, 6)) {
            const parent = PAIRS.children[child]?.parent ?? -1;
            if (!contexts.includes(parent)) contexts.push(parent);
          }
          return contexts.indexOf(relevant) + 1;
        });
        const meanOf = (value: (rank: number) => number): number =>
          ranks.reduce((sum, rank) => sum + (rank === 0 ? 0 : value(rank)), 0) / ranks.length;
        expect(rows[2]?.rightContext).toBeCloseTo(
          meanOf(() => 1),
          12,
        );
        expect(rows[2]?.mrr).toBeCloseTo(
          meanOf((rank) => 1 / rank),
          12,
        );
      }),
      { numRuns: 50 },
    );
  });
});

describe("ORIGIN_CLAIMS", () => {
  it("holds tallies that agree with themselves, and that are below the claim", () => {
    const { questions, tallied, claimed } = ORIGIN_CLAIMS;
    const claim = claimed.find(({ model }) => model === "ko-reranker");
    expect(tallied).toHaveLength(2);
    for (const { ranks, rightContext, mrr } of tallied) {
      const found = ranks.reduce((sum, count) => sum + count, 0);
      expect(found).toBe(128);
      expect(rightContext).toBe(found / questions);
      expect(ranks.reduce((sum, count, at) => sum + count / (at + 1), 0) / questions).toBeCloseTo(mrr, 4);
      expect(rightContext).toBeLessThan(claim?.rightContext ?? 0);
      expect(mrr).toBeLessThan(claim?.mrr ?? 0);
    }
  });
});
