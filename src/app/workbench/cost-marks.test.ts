import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costLayout, type CostRow } from "./cost-marks.ts";

const FRAME = { left: 60, right: 620, top: 24, bottom: 215 };

const row = (label: string, ms: number, value: number, spread = 0.02): CostRow => ({
  label,
  ms,
  value,
  low: value - spread,
  high: value + spread,
});
const layout = (...rows: readonly CostRow[]) => costLayout(rows, FRAME);

describe("costLayout", () => {
  it("lets rows at nearly one place share a mark that names them all", () => {
    const { marks } = layout(
      row("1", 0, 0.6),
      row("2", 50, 0.7, 0.01),
      row("3", 50, 0.7, 0.03),
      row("4", 50.2, 0.7005),
      row("5", 50, 0.65),
    );
    expect(marks.map(({ label }) => label)).toEqual(["1", "2, 3, 4", "5"]);
    expect(marks[1]).toMatchObject({ low: expect.closeTo(0.67) as number, high: expect.closeTo(0.73) as number });
    expect(marks[1]?.ms).toBeCloseTo(50.07, 2);
  });

  it("shows room around the values, but never a value that a metric cannot have", () => {
    const [low, high] = layout(row("1", 0, 0.5, 0), row("2", 9, 0.6, 0)).valueDomain;
    expect(low).toBeCloseTo(0.49);
    expect(high).toBeCloseTo(0.61);
    const { marks, valueDomain } = layout(row("1", 0, 0.02, 0.1), row("2", 9, 1, 0.1));
    expect(valueDomain).toEqual([0, 1]);
    expect(marks.map(({ low: from, high: to }) => [from, to])).toEqual([
      [0, expect.closeTo(0.12)],
      [expect.closeTo(0.9), 1],
    ]);
    expect(layout(row("1", 0, 1, 0), row("2", 0, 1, 0)).valueDomain).toEqual([0.995, 1]);
  });

  it("puts a label to the other side where the picture ends, or where another mark is", () => {
    const { marks } = layout(row("1", 0, 0.5), row("10, 11, 12", 100, 0.6), row("2", 60, 0.9), row("3", 63, 0.9));
    const side = (label: string) => marks.find((mark) => mark.label === label)?.side;
    expect(side("1")).toMatchObject({ dx: 10, textAnchor: "start" });
    expect(side("10, 11, 12")).toMatchObject({ textAnchor: "end" });
    expect(side("2")).toMatchObject({ dx: -10, textAnchor: "end" });
    expect(side("3")).toMatchObject({ dx: 10, textAnchor: "start" });
  });

  it("names every row once and keeps to the domains, whatever the numbers", () => {
    const metric = fc.double({ min: 0, max: 1, noNaN: true });
    const rows = fc.array(
      fc.record({ ms: fc.double({ min: 0, max: 1e5, noNaN: true }), value: metric, low: metric, high: metric }),
      { minLength: 2, maxLength: 12 },
    );
    fc.assert(
      fc.property(rows, (given) => {
        const all = given.map((each, at) => ({ ...each, label: String(at + 1) }));
        const { marks, msDomain, valueDomain } = costLayout(all, FRAME);
        const named = marks.flatMap(({ label }) => label.split(", ")).map(Number);
        expect(named.sort((a, b) => a - b)).toEqual(given.map((_, at) => at + 1));
        expect(valueDomain[0]).toBeGreaterThanOrEqual(0);
        expect(valueDomain[1]).toBeLessThanOrEqual(1);
        expect(valueDomain[1]).toBeGreaterThan(valueDomain[0]);
        for (const { ms, value } of marks) {
          expect(ms).toBeLessThanOrEqual(msDomain[1] * (1 + 1e-9));
          expect(value).toBeGreaterThanOrEqual(valueDomain[0]);
          expect(value).toBeLessThanOrEqual(valueDomain[1] + 1e-9);
        }
      }),
    );
  });
});
