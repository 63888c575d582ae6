import { describe, expect, it } from "vitest";
import { RerankError } from "../core/errors.ts";
import { recogniseColumns, shapeOf } from "./columns.ts";
import { readCsvTable } from "./csv-table.ts";
import { seededRandom } from "./seeded-random.ts";
import { readTableDataset } from "./table-dataset.ts";

const ROWS = 12;
/** Every third field is quoted, with a comma and a line end inside. */
const rowOf = (at: number): string =>
  `질문 ${String(at)} 어떻게 하나요,답 ${String(at)},d${String(at)},${at % 3 === 0 ? `"본문 ${String(at)}, 둘째 줄\n계속 ""인용"" 끝"` : `본문 ${String(at)}`}`;
const LETTERS = ['"', '""', ",", "\n", "\r\n", "\t", ";", "\0", "\ufeff", "가", "\ud83d", "", " ", '","', '"\n"'];

const parse = (text: string): ReturnType<typeof readTableDataset> | undefined => {
  const table = readCsvTable(text, "fuzz.csv");
  const mapping = recogniseColumns(table.columns);
  return shapeOf(mapping).shape === undefined ? undefined : readTableDataset(table, mapping);
};

describe("reading a CSV with one row damaged in any way, 10,000 seeded times", () => {
  it("never throws anything but a RerankError, and never loses a row that was not touched", () => {
    const random = seededRandom(20_260_101);
    const below = (limit: number): number => Math.floor(random() * limit);
    for (let round = 0; round < 10_000; round += 1) {
      const rows = Array.from({ length: ROWS }, (_, at) => rowOf(at));
      const touched = below(ROWS);
      for (let change = 0; change <= below(3); change += 1) {
        const row = rows[touched] ?? "";
        const at = below(row.length + 1);
        rows[touched] = row.slice(0, at) + (LETTERS[below(LETTERS.length)] ?? "") + row.slice(at + below(3));
      }
      const text = ["question,answer,doc_id,doc", ...rows].join("\n");
      try {
        const reading = parse(text);
        const found = new Set(reading?.dataset.questions.map(({ text: question }) => question));
        for (let at = 0; at < ROWS; at += 1) {
          if (at !== touched && !found.has(`질문 ${String(at)} 어떻게 하나요`)) {
            expect.fail(`round ${String(round)} lost row ${String(at)} of\n${text}`);
          }
        }
      } catch (error) {
        if (!(error instanceof RerankError)) throw error;
      }
    }
  });

  it("never throws anything but a RerankError for text of any kind", () => {
    const random = seededRandom(7);
    for (let round = 0; round < 10_000; round += 1) {
      const pieces = Array.from(
        { length: 1 + Math.floor(random() * 20) },
        () => LETTERS[Math.floor(random() * LETTERS.length)],
      );
      try {
        parse(`question,answer,doc_id,doc\n${pieces.join("질문,,d1,글")}`);
      } catch (error) {
        if (!(error instanceof RerankError)) throw error;
      }
    }
  });
});
