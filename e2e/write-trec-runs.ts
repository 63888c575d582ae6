/**
 * Writes the runs that `expected.sh` has judged by NIST's trec_eval: five that are made up to hold what goes wrong, and
 * the first stage's on the bundled questions. Seeded: it writes the same files each time.
 *
 * The seventh, `bundled-reranked`, is the blended row of `npm run evaluate -- --trec FOLDER`, and is not written again.
 *
 *     npx tsx e2e/write-trec-runs.ts && sh src/eval/fixtures/trec/expected.sh /path/to/trec_eval
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Bm25FirstStage } from "../src/retrieval/first-stage.ts";
import { readCsvTable } from "../src/eval/csv-table.ts";
import { recogniseColumns } from "../src/eval/columns.ts";
import { seededRandom } from "../src/eval/seeded-random.ts";
import { readTableDataset } from "../src/eval/table-dataset.ts";
import { writeRun } from "../src/eval/trec.ts";

interface Recipe {
  readonly questions: number;
  readonly documents: number;
  /** Candidates a question gets at most. */
  readonly depth: number;
  readonly grades: readonly number[];
  readonly relevant: number;
  /** Decimals of a score: few make ties. */
  readonly decimals: number;
  readonly id: (at: number) => string;
}

const plain = (at: number): string => `d${String(at)}`;
const RECIPES: Readonly<Record<string, Recipe>> = {
  "one-answer": { questions: 30, documents: 60, depth: 20, grades: [1], relevant: 1, decimals: 6, id: plain },
  graded: { questions: 25, documents: 80, depth: 40, grades: [0, 1, 2, 3], relevant: 12, decimals: 6, id: plain },
  ties: { questions: 25, documents: 40, depth: 30, grades: [1, 2], relevant: 6, decimals: 0, id: plain },
  "gaps-and-strangers": { questions: 25, documents: 50, depth: 8, grades: [0, 1], relevant: 9, decimals: 4, id: plain },
  "ids-and-spam": {
    questions: 20,
    documents: 40,
    depth: 25,
    grades: [-2, 0, 1, 3],
    relevant: 10,
    decimals: 0,
    id: (at) => `${["문서", "é", "\u{1f600}", "Z", "z"][at % 5] ?? ""}${String(at)}`,
  },
};

const folder = fileURLToPath(new URL("../src/eval/fixtures/trec/", import.meta.url));

for (const [at, [name, recipe]] of Object.entries(RECIPES).entries()) writeMadeUp(name, recipe, at + 1);
writeBundled();

function writeMadeUp(
  name: string,
  { questions, documents, depth, grades, relevant, decimals, id }: Recipe,
  seed: number,
): void {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const qrels: string[] = [];
  const run: string[] = [];
  for (let question = 1; question <= questions; question += 1) {
    const qid = `q${String(question)}`;
    const judged = new Map(
      Array.from({ length: relevant }, () => [below(documents), grades[below(grades.length)] ?? 0]),
    );
    // One that is surely relevant.
    judged.set(below(documents), Math.max(...grades));
    for (const [document, grade] of judged) qrels.push(`${qid} 0 ${id(document)} ${String(grade)}`);
    if (name === "gaps-and-strangers" && question % 5 === 0) continue;
    const found = new Set(Array.from({ length: depth }, () => below(documents)));
    for (const document of found) {
      // Rank is nonsense on purpose: nobody may go by it.
      run.push(`${qid} Q0 ${id(document)} ${String(below(100))} ${(random() * 9 - 2).toFixed(decimals)} ${name}`);
    }
  }
  if (name === "gaps-and-strangers") run.push(`q99 Q0 ${id(1)} 1 1 ${name}`);
  save(name, qrels, run.map((line) => `${line}\n`).join(""));
}

function writeBundled(): void {
  const text = readFileSync(new URL("../public/samples/help-centre-ko.csv", import.meta.url), "utf8");
  const table = readCsvTable(text, "help-centre-ko");
  const { dataset } = readTableDataset(table, recogniseColumns(table.columns));
  const firstStage = new Bm25FirstStage(dataset.documents.map((document) => document.text));
  const rankings = dataset.questions.map(
    (question) =>
      [
        question.id,
        firstStage
          .search(question.text, 20)
          .map(({ index, score }) => ({ documentId: dataset.documents[index]?.id ?? "", score })),
      ] as const,
  );
  const qrels = Array.from(dataset.qrels, ([id, judged]) => [...judged.keys()].map((name) => `${id} 0 ${name} 1`));
  save("bundled-first-stage", qrels.flat(), writeRun(rankings, "bm25"));
}

function save(name: string, qrels: readonly string[], run: string): void {
  writeFileSync(`${folder}${name}.qrels`, qrels.map((line) => `${line}\n`).join(""));
  writeFileSync(`${folder}${name}.run`, run);
}
