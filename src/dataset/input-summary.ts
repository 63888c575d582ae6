import { shapeOf } from "../eval/columns.ts";
import type { InputSummary } from "../eval/dataset-protocol.ts";
import { countTrec, type InputPlan } from "../eval/input-files.ts";
import { cellText, type Table } from "../eval/table.ts";

const PREVIEW_ROWS = 10;
/** Of a collection, whose documents and questions are both shown. */
const PREVIEW_HALF = 5;
const LONGEST_CELL = 160;

/** What a page shows of recognised files before anything is read for good. */
export function summaryOf(plan: InputPlan): InputSummary {
  if (plan.type === "table") {
    const { table, mapping, encoding } = plan;
    const found = shapeOf(mapping);
    return {
      type: "table",
      name: table.name,
      columns: table.columns,
      preview: firstRows(table, PREVIEW_ROWS),
      rows: table.rows.length + table.problems.length,
      mapping,
      missing: found.shape === undefined ? found.missing : [],
      ...(found.shape !== undefined && { shape: found.shape }),
      ...(encoding !== undefined && { encoding }),
    };
  }
  const { name, documents, questions, qrels, run } = plan;
  const counted = countTrec({ qrels: qrels.text, ...(run && { run: run.text }) });
  return {
    type: "collection",
    name,
    documents: { name: documents.name, rows: documents.rows.length },
    questions: { name: questions.name, rows: questions.rows.length },
    qrels: { name: qrels.path, judgments: counted.judgments },
    ...(run && { run: { name: run.path, candidates: counted.candidates } }),
    preview: [...firstRows(documents, PREVIEW_HALF), ...firstRows(questions, PREVIEW_HALF)],
  };
}

function firstRows({ rows }: Table, count: number): readonly (readonly string[])[] {
  return rows.slice(0, count).map(({ cells }) => cells.map((cell) => shortened(cellText(cell))));
}

function shortened(text: string): string {
  return text.length <= LONGEST_CELL ? text : `${text.slice(0, LONGEST_CELL - 1)}…`;
}
