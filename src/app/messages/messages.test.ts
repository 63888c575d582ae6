import { describe, expect, it } from "vitest";
import { RERANK_ERROR_CODES } from "../../core/errors.ts";
import { en } from "./en.ts";
import { ko } from "./ko.ts";

/** "search.rank" and so on, with what stands there. */
function entries(messages: object, path = ""): readonly (readonly [string, unknown])[] {
  return Object.entries(messages).flatMap(([key, value]: [string, unknown]) =>
    typeof value === "object" && value !== null ? entries(value, `${path}${key}.`) : [[path + key, value] as const],
  );
}

/** What a message says when it is given `argument` in every place. */
function say(message: unknown, argument: unknown): string {
  if (typeof message !== "function") return String(message);
  return (message as (...values: unknown[]) => string)(...Array<unknown>(4).fill(argument));
}

const MEANT_TO_BE_THE_SAME = /^passages\.example|^model\.devices\.w|^dataset\.skippedOf$/;

describe.each([
  ["ko", ko],
  ["en", en],
])("messages: %s", (_, messages) => {
  it("says something everywhere", () => {
    const empty = entries(messages).filter(([, message]) => /^\s*$|undefined|NaN|\[object/.test(say(message, 1)));
    expect(empty).toEqual([]);
  });

  it.each(RERANK_ERROR_CODES)("says what %s means without any details", (code) => {
    expect(messages.errors[code]({})).not.toMatch(/undefined|\(\)$/);
  });
});

describe("languages", () => {
  it("have the same entries", () => {
    expect(entries(en).map(([key]) => key)).toEqual(entries(ko).map(([key]) => key));
  });

  it("differ in every entry but those meant to be the same", () => {
    const english = new Map(entries(en));
    const untranslated = entries(ko)
      .filter(([key, message]) => say(message, 1) === say(english.get(key), 1))
      .map(([key]) => key)
      .filter((key) => !MEANT_TO_BE_THE_SAME.test(key));
    expect(untranslated).toEqual([]);
  });

  it("leave no Korean in English", () => {
    const korean = entries(en)
      .filter(([key, message]) => /\p{Script=Hangul}/u.test(say(message, 1)) && !key.startsWith("passages.example"))
      .map(([key]) => key);
    expect(korean).toEqual(["language"]);
  });
});
