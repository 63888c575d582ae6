import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sigmoid } from "../core/ranking.ts";
import { retryAfter } from "./http-exchange.ts";
import { logOdds, roundedInOrder } from "./score-scale.ts";

const relevance = fc.double({ min: 0, max: 1, noNaN: true });

describe("log-odds", () => {
  it("are finite, and the sigmoid's inverse", () => {
    fc.assert(
      fc.property(relevance, (p) => {
        const logit = logOdds(p);
        expect(Number.isFinite(logit)).toBe(true);
        expect(sigmoid(logit)).toBeCloseTo(p, 12);
      }),
    );
  });
});

describe("rounding to fp32", () => {
  const scores = fc.array(
    fc.oneof(
      relevance,
      fc.integer({ min: 0, max: 50 }).map((step) => 0.5 + step * 2 ** -52),
    ),
    { maxLength: 30 },
  );

  it("keeps the order of any scores, and their equality", () => {
    fc.assert(
      fc.property(scores, (given) => {
        const rounded = roundedInOrder(given, given.map(logOdds));
        given.forEach((a, i) => {
          given.forEach((b, j) => {
            expect(Math.sign((rounded[i] ?? 0) - (rounded[j] ?? 0))).toBe(Math.sign(a - b));
          });
        });
      }),
    );
  });

  it("changes nothing where fp32 tells scores apart", () => {
    expect([...roundedInOrder([3.5, -2, 0], [3.5, -2, 0])]).toEqual([3.5, -2, 0]);
  });
});

describe("Retry-After", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  it.each([
    ["7", 7000],
    ["0", 0],
    ["Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
    ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
    ["soon", undefined],
    ["", undefined],
    [null, undefined],
  ])("%s", (value, ms) => {
    expect(retryAfter(value, now)).toBe(ms);
  });
});
