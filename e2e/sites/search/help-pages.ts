/** What every site here holds: documents of the bundled sample, and questions that were chosen before any was searched for. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Papa from "papaparse";
import { PUBLIC_FOLDER } from "../../build-page.ts";

export interface HelpPage {
  /** As in the sample: "backup-001". */
  readonly id: string;
  readonly title: string;
  /** Lines as written, without the title. */
  readonly body: string;
}

export interface Question {
  readonly query: string;
  /** Id of the one right page. */
  readonly page: string;
}

interface Row {
  readonly question: string;
  readonly doc_id: string;
  readonly doc: string;
}

/** Of each of the sample's nine services, the first 14 documents: near-identical ones stay together. */
const PAGES_PER_SERVICE = 14;
const QUESTIONS = 40;

const rows = Papa.parse<Row>(readFileSync(join(PUBLIC_FOLDER, "samples/help-centre-ko.csv"), "utf8"), {
  header: true,
  skipEmptyLines: true,
}).data;

/** 126 pages, a service at a time in turn: backup-001, bank-001, … backup-002, … */
export const HELP_PAGES: readonly HelpPage[] = [...new Map(rows.map(({ doc_id, doc }) => [doc_id, doc]))]
  .filter(([id]) => numberOf(id) <= PAGES_PER_SERVICE)
  .sort(([a], [b]) => numberOf(a) - numberOf(b))
  .map(([id, doc]) => {
    const [title = "", ...body] = doc.split("\n");
    return { id, title, body: body.join("\n").trim() };
  });

function numberOf(id: string): number {
  return Number(id.split("-").at(-1));
}

/** The sample's first questions in the pages' order: what `questions.json` was written from. */
export function chooseQuestions(): readonly Question[] {
  const asked = HELP_PAGES.flatMap(({ id }) => rows.filter(({ doc_id, question }) => doc_id === id && question !== ""));
  return asked.slice(0, QUESTIONS).map(({ question, doc_id }) => ({ query: question, page: doc_id }));
}

/** @throws Error where the file and the sample have come apart */
export function readQuestions(): readonly Question[] {
  const written = readFileSync(join(import.meta.dirname, "questions.json"), "utf8");
  const questions = JSON.parse(written) as readonly Question[];
  if (JSON.stringify(questions) === JSON.stringify(chooseQuestions())) return questions;
  throw new Error("questions.json does not hold the sample's first questions any more.");
}
