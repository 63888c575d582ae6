import { describe, expect, it } from "vitest";
import { compareSystems, resamplingFor, type System } from "./compare.ts";
import { metric } from "./metrics.ts";
import { seededRandom } from "./seeded-random.ts";
import type { Qrels } from "./types.ts";
import { isBetter, verdictOf, type Verdict } from "./verdict.ts";

const qrelsOf = (count: number): Qrels =>
  new Map(Array.from({ length: count }, (_, at) => [`q${String(at)}`, new Map([["right", 1]])]));

/** A system that puts the right document at the rank that `rankOf` says, from 1; 0 for nowhere. */
function system(key: string, count: number, rankOf: (question: number) => number): System {
  const ranking = (question: number): readonly string[] => {
    const rank = rankOf(question);
    return Array.from({ length: 10 }, (_, at) => (at + 1 === rank ? "right" : `wrong${String(at)}`));
  };
  return { key, run: new Map(Array.from({ length: count }, (_, at) => [`q${String(at)}`, ranking(at)])) };
}

const MRR = metric("MRR", 10);
const verdict = (count: number, ...systems: readonly System[]): Verdict | undefined =>
  verdictOf(compareSystems(qrelsOf(count), systems, MRR), 1);

describe("compareSystems", () => {
  it("compares each with the first and the others with each other", () => {
    const [first, better, worse] = [
      system("first", 60, (at) => (at % 2) + 1),
      system("better", 60, () => 1),
      system("worse", 60, () => 2),
    ];
    const { means, againstFirst, amongOthers, questions } = compareSystems(qrelsOf(60), [first, better, worse], MRR);
    expect([...means]).toEqual([
      ["first", 0.75],
      ["better", 1],
      ["worse", 0.5],
    ]);
    expect(questions).toBe(60);
    expect(againstFirst).toMatchObject([
      { key: "better", against: "first", mean: 0.25, wins: 30, ties: 30, losses: 0 },
      { key: "worse", against: "first", mean: -0.25, wins: 0, ties: 30, losses: 30 },
    ]);
    expect(amongOthers).toMatchObject([{ key: "worse", against: "better", mean: -0.5 }]);
    for (const difference of againstFirst) expect(difference.correctedP).toBe(2 * difference.p);
  });

  it("draws less for many questions, and never too little", () => {
    expect(resamplingFor(135).draws).toBe(10_000);
    expect(resamplingFor(5000).draws).toBe(4000);
    expect(resamplingFor(100_000).draws).toBe(2000);
  });
});

describe("verdictOf", () => {
  const first = (count: number): System => system("first", count, (at) => (at % 2) + 1);

  it("recommends the best of those that are better beyond chance", () => {
    const good = system("good", 60, (at) => (at % 4 === 1 ? 2 : 1));
    const best = system("best", 60, () => 1);
    expect(verdict(60, first(60), good, best)).toMatchObject({ type: "rerank", key: "best" });
  });

  it("says not to rerank where the best is worse beyond chance", () => {
    const bad = system("bad", 60, () => 3);
    const poor = system("poor", 60, () => 2);
    expect(verdict(60, first(60), bad, poor)).toMatchObject({ type: "do-not-rerank", reason: "worse", key: "poor" });
  });

  it("says not to rerank where even the interval's end is not worth having", () => {
    // One question in 400 moves up and one down: the interval is about ±0.004.
    const same = system("same", 400, (at) => (at === 1 ? 1 : at === 0 ? 2 : (at % 2) + 1));
    expect(verdict(400, first(400), same)).toMatchObject({ type: "do-not-rerank", reason: "useless", key: "same" });
  });

  it("says how many questions would tell where these are too few", () => {
    const random = seededRandom(2);
    const noisy = system("noisy", 30, () => (random() < 0.6 ? 1 : 2));
    const found = verdict(30, first(30), noisy);
    expect(found).toMatchObject({ type: "too-few-questions", key: "noisy" });
    const needed = found?.type === "too-few-questions" ? found.needed : 0;
    expect(needed).toBeGreaterThan(30);
    expect(String(needed)).toMatch(/^\d{2}0*$/);
  });

  it("sees that there is nothing to gain", () => {
    const comparison = compareSystems(qrelsOf(20), [first(20), system("other", 20, () => 2)], MRR);
    expect(verdictOf(comparison, 0.755)).toEqual({ type: "no-room", ceiling: 0.755 });
  });

  it("has nothing to say without a reranker or without questions", () => {
    expect(verdict(20, first(20))).toBeUndefined();
    expect(
      verdict(
        0,
        first(0),
        system("other", 0, () => 1),
      ),
    ).toBeUndefined();
  });

  it("corrects for how many systems were tried: one lucky one among twenty is not recommended", () => {
    const random = seededRandom(4);
    const chance = (key: string): System => system(key, 100, () => (random() < 0.5 ? 1 : 2));
    const lucky = Array.from({ length: 20 }, (_, at) => chance(`s${String(at)}`));
    const { againstFirst } = compareSystems(qrelsOf(100), [chance("first"), ...lucky], MRR);
    expect(Math.min(...againstFirst.map(({ p }) => p))).toBeLessThan(0.05);
    expect(againstFirst.filter(isBetter)).toEqual([]);
  });
});
