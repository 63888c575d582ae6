import { describe, expect, it } from "vitest";
import { movementBetween } from "./movement.ts";

describe("movementBetween", () => {
  it.each([
    [4, 1, { direction: "up", by: 3 }],
    [1, 3, { direction: "down", by: 2 }],
    [2, 2, { direction: "same", by: 0 }],
  ] as const)("from rank %i to rank %i", (before, after, expected) => {
    expect(movementBetween(before, after)).toEqual(expected);
  });
});
