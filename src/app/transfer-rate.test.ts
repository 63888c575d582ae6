import { describe, expect, it } from "vitest";
import { TransferRate } from "./transfer-rate.ts";

describe("TransferRate", () => {
  it("is unknown at first, then bytes per second", () => {
    const rate = new TransferRate();
    expect(rate.add(0, 0)).toBeUndefined();
    expect(rate.add(500, 500)).toBeUndefined();
    expect(rate.add(2000, 1000)).toBe(2000);
  });

  it("goes by the last seconds only", () => {
    const rate = new TransferRate();
    rate.add(0, 0);
    for (let second = 1; second <= 20; second += 1) rate.add(1_000_000 + second * 100, second * 1000);
    expect(rate.add(1_002_100, 21_000)).toBeCloseTo(100);
  });

  it("starts anew with a file that starts anew, and is unknown while nothing comes", () => {
    const rate = new TransferRate();
    rate.add(0, 0);
    rate.add(9000, 2000);
    expect(rate.add(10, 3000)).toBeUndefined();
    expect(rate.add(10, 9000)).toBeUndefined();
    expect(rate.add(1010, 10_000)).toBeCloseTo(1000 / 7);
  });
});
