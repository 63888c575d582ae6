import { describe, expect, it } from "vitest";
import { cascadesOf } from "./judging.ts";
import { idealRun, rankSystem, systemKey, type CandidateList, type QuestionScores } from "./systems.ts";

const LISTS: readonly CandidateList[] = [
  { questionId: "q1", documentIds: ["a", "b", "c"], scores: [4, 2, 1] },
  { questionId: "q2", documentIds: ["a", "b"], scores: [] },
  { questionId: "q3", documentIds: [], scores: [] },
];

/** One window for each candidate but for those of which several are given. */
function scored(...logits: readonly (number | readonly number[])[]): QuestionScores {
  const windows = logits.map((each) => (typeof each === "number" ? [each] : each));
  return {
    logits: Float32Array.from(windows.flat()),
    windows: Uint8Array.from(windows, ({ length }) => length),
    truncated: new Uint8Array(windows.length),
    ms: 1,
  };
}

const SCORES = new Map([
  [
    "m",
    new Map([
      ["q1", scored(0, 1, [-1, 5])],
      ["q2", scored(2, 2)],
    ]),
  ],
]);

describe("rankSystem", () => {
  const orderOf = (recipe: Parameters<typeof rankSystem>[0], question = "q1"): readonly string[] | undefined =>
    rankSystem(recipe, LISTS, SCORES).run.get(question);

  it("keeps the first stage's order, ranks by logit, and blends", () => {
    expect(orderOf({ kind: "first-stage" })).toEqual(["a", "b", "c"]);
    expect(orderOf({ kind: "logit", model: "m" })).toEqual(["b", "a", "c"]);
    // 0 + 3, 1 + 1.5, -1 + 0.75
    expect(orderOf({ kind: "blended", model: "m", blendWeight: 3 })).toEqual(["a", "b", "c"]);
    expect(rankSystem({ kind: "blended", model: "m", blendWeight: 3 }, LISTS, SCORES).scores.get("q1")).toEqual([
      3, 2.5, -0.25,
    ]);
  });

  it("takes the best, the mean or the first of a document's windows", () => {
    expect(orderOf({ kind: "logit", model: "m", aggregation: "max" })).toEqual(["c", "b", "a"]);
    expect(orderOf({ kind: "logit", model: "m", aggregation: "mean" })).toEqual(["c", "b", "a"]);
    expect(orderOf({ kind: "logit", model: "m", aggregation: "first" })).toEqual(["b", "a", "c"]);
  });

  it("reranks only as many candidates as it is told to", () => {
    expect(orderOf({ kind: "logit", model: "m", aggregation: "max", candidates: 2 })).toEqual(["b", "a", "c"]);
    expect(orderOf({ kind: "logit", model: "m", candidates: 1 })).toEqual(["a", "b", "c"]);
  });

  it("keeps the order of ties and counts them, and does not blend where the first stage has no scores", () => {
    const system = rankSystem({ kind: "blended", model: "m", blendWeight: 3 }, LISTS, SCORES);
    expect(system.run.get("q2")).toEqual(["a", "b"]);
    expect(system.scores.get("q2")).toEqual([2, 2]);
    expect(system.ties).toBe(1);
  });

  it("reads in a cascade what the quicker model hands on, and keeps that one's order below", () => {
    const scores = new Map([
      ["quick", new Map([["q1", scored(1, 3, [2])]])],
      ["slow", new Map([["q1", scored(5, 0, [4])]])],
    ]);
    const cascade = (keep: number) =>
      rankSystem({ kind: "logit", model: "slow", after: { model: "quick", keep } }, LISTS, scores);
    // quick: b, c, a; slow: a, c, b
    expect(cascade(2).run.get("q1")).toEqual(["c", "b", "a"]);
    expect(cascade(2).scores.get("q1")).toEqual([4, 0]);
    expect(cascade(1).run.get("q1")).toEqual(["b", "c", "a"]);
    expect(cascade(3).run.get("q1")).toEqual(["a", "c", "b"]);
    expect(cascade(2).key).toBe("logit slow after 2 of quick");
    // The quick one's blend: 1 + 3, 3 + 1.5, 2 + 0.75.
    const blended = { model: "quick", keep: 1, blendWeight: 9 };
    expect(rankSystem({ kind: "logit", model: "slow", after: blended }, LISTS, scores).run.get("q1")?.[0]).toBe("a");
    // As deep as it is told to only.
    const shallow = { kind: "logit", model: "slow", candidates: 2, after: { model: "quick", keep: 2 } } as const;
    expect(rankSystem(shallow, LISTS, scores).run.get("q1")).toEqual(["a", "b", "c"]);
    // Without the quick one's scores the page's order stays.
    const missing = { model: "none", keep: 2 };
    expect(rankSystem({ kind: "logit", model: "slow", after: missing }, LISTS, scores).run.get("q1")).toEqual([
      ...["a", "b", "c"],
    ]);
  });

  it("leaves what the model has not scored as it was", () => {
    expect(rankSystem({ kind: "logit", model: "m" }, LISTS, new Map()).run.get("q1")).toEqual(["a", "b", "c"]);
    expect(orderOf({ kind: "logit", model: "m" }, "q3")).toEqual([]);
  });
});

describe("systemKey and idealRun", () => {
  it("name what differs and put the best grades first", () => {
    expect(systemKey({ kind: "blended", model: "m", aggregation: "max", candidates: 5 })).toBe("blended m max 5");
    expect(systemKey({ kind: "logit", model: "m", aggregation: "first" })).toBe("logit m");
    const grades: Readonly<Record<string, number>> = { b: 1, c: 2 };
    expect(idealRun(LISTS, (_, id) => grades[id] ?? 0).get("q1")).toEqual(["c", "b", "a"]);
  });
});

describe("cascadesOf", () => {
  it("puts the quickest model before each other, where the second has fewer to read", () => {
    const models = [{ key: "mini", blendWeight: 5 }, { key: "large" }, { key: "remote", blendWeight: 0 }];
    const after = { model: "mini", keep: 20, blendWeight: 5 };
    expect(cascadesOf(models, 50)).toEqual([
      { kind: "logit", model: "large", after },
      { kind: "logit", model: "remote", after },
    ]);
    expect(cascadesOf(models, 20)).toEqual([]);
    expect(cascadesOf([{ key: "mini" }], 50)).toEqual([]);
  });
});
