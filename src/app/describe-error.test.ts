import { describe, expect, it } from "vitest";
import { RerankError } from "../core/errors.ts";
import { recogniseColumns } from "../eval/columns.ts";
import { readCsvTable } from "../eval/csv-table.ts";
import { readPlan } from "../eval/input-files.ts";
import { describeError } from "./describe-error.ts";
import { en } from "./messages/en.ts";
import { ko } from "./messages/ko.ts";

function errorOf(csv: string): RerankError {
  try {
    const table = readCsvTable(csv, "질문.csv");
    readPlan({ type: "table", table, mapping: recogniseColumns(table.columns), encoding: "utf-8" });
  } catch (error) {
    if (error instanceof RerankError) return error;
  }
  throw new Error("The CSV was read.");
}

describe("describeError", () => {
  it("says what a CSV should have had and what it has", () => {
    expect(describeError(errorOf("q,a\n1,2\n"), ko)).toEqual({
      text: ko.inputReasons["no-header"],
      facts: [
        { label: "필요한 열", value: "question,answer,doc_id,doc" },
        { label: "파일의 첫 줄", value: "q,a" },
      ],
    });
  });

  it("names the first row at fault where no row can be used", () => {
    const { facts } = describeError(errorOf("question,answer,doc_id,doc\n질문,답,,본문\n"), en);
    expect(facts.at(-1)).toEqual({ label: "First problem", value: `Line 2: ${en.problems["missing-doc-id"]({})}` });
  });

  it("leaves out what was found in an empty file", () => {
    expect(describeError(errorOf(" \n"), ko).facts.map(({ label }) => label)).toEqual(["필요한 열"]);
  });

  it("goes by the code where there is no known reason", () => {
    const error = new RerankError("invalid-input", "English", { details: { reason: "toString" } });
    expect(describeError(error, ko)).toEqual({ text: ko.errors["invalid-input"]({}), facts: [] });
  });

  it("never shows the English message", () => {
    const error = new RerankError("model-download", "boom", { details: { url: "https://a.test/x", status: 404 } });
    const { text } = describeError(error, ko);
    expect(text).toContain("404");
    expect(text).not.toContain("boom");
  });
});
