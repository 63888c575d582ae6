import { describe, expect, it } from "vitest";
import { judgeAnswer, type AskedRange } from "./range-answer.ts";

const whole: AskedRange = { from: 0, totalBytes: 100, etag: "" };
const rest: AskedRange = { from: 40, totalBytes: 100, etag: '"a"' };

const judge = (status: number, headers: Record<string, string>, asked: AskedRange) =>
  judgeAnswer({ status, headers: new Headers(headers) }, asked);

describe("the whole file asked for", () => {
  it("comes with its strong ETag", () => {
    expect(judge(200, { ETag: '"a"' }, whole)).toEqual({ type: "whole", etag: '"a"' });
  });

  it("comes without one where that is weak, or belongs to compressed bytes", () => {
    expect(judge(200, { ETag: 'W/"a"' }, whole)).toEqual({ type: "whole", etag: "" });
    expect(judge(200, { ETag: '"a"', "Content-Encoding": "gzip" }, whole)).toEqual({ type: "whole", etag: "" });
  });

  it("is no web page, and no part that nobody asked for", () => {
    expect(judge(200, { "Content-Type": "text/html" }, whole)).toMatchObject({ problem: "web-page", isPassing: false });
    expect(judge(206, {}, whole)).toMatchObject({ type: "failed", status: 206, isPassing: false });
    expect(judge(416, {}, whole)).toMatchObject({ type: "failed", status: 416, isPassing: false });
  });
});

describe("the rest asked for", () => {
  it.each([
    ["told in full", { "Content-Range": "bytes 40-99/100", ETag: '"a"' }],
    ["of a size that is not told", { "Content-Range": "bytes 40-99/*" }],
    ["across origins, where no header shows", {}],
  ])("continues: %s", (_, headers) => {
    expect(judge(206, headers, rest)).toEqual({ type: "continues" });
  });

  it.each([
    ["starts elsewhere", { "Content-Range": "bytes 0-99/100" }],
    ["is of a file of another size", { "Content-Range": "bytes 40-98/99" }],
    ["has another ETag", { "Content-Range": "bytes 40-99/100", ETag: '"b"' }],
    ["is compressed", { "Content-Range": "bytes 40-99/100", "Content-Encoding": "gzip" }],
  ])("is another file's when it %s", (_, headers) => {
    expect(judge(206, headers, rest)).toEqual({ type: "other-file" });
  });

  it("begins anew where the whole comes, and where the range does not exist", () => {
    expect(judge(200, { ETag: '"b"' }, rest)).toEqual({ type: "whole", etag: '"b"' });
    expect(judge(416, {}, rest)).toEqual({ type: "other-file" });
  });
});

it.each([
  [404, false],
  [403, false],
  [408, true],
  [429, true],
  [500, true],
  [503, true],
])("status %i: passing %s", (status, isPassing) => {
  expect(judge(status, {}, rest)).toMatchObject({ type: "failed", status, isPassing });
});
