/** TREC's two line formats: judgments (qrels) and results (runs), as trec_eval reads and writes them. */
import type { RowProblem } from "./types.ts";

export interface TrecQrels {
  /** Question id -> document id -> grade. */
  readonly qrels: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly problems: readonly RowProblem[];
}

/** A document of a run with its score, higher is better. */
export interface RunEntry {
  readonly documentId: string;
  readonly score: number;
}

export interface TrecRun {
  /** The last field of the first line. */
  readonly tag: string;
  /** Question id -> entries in trec_eval's order. */
  readonly entries: ReadonlyMap<string, readonly RunEntry[]>;
  /** Entries that have the score of the one before them, so that only the rule decided their order. */
  readonly ties: number;
  readonly problems: readonly RowProblem[];
}

/**
 * Reads `question iteration document grade` lines, fields divided by blanks or tabs; the iteration is not used. BEIR's
 * `query-id corpus-id score` with its header line is read as well. The first judgment of a pair counts.
 * @param text with any line ends
 */
export function readQrels(text: string): TrecQrels {
  const qrels = new Map<string, Map<string, number>>();
  const problems: RowProblem[] = [];
  for (const { line, fields } of linesOf(text)) {
    const [questionId = ""] = fields;
    const [documentId = "", written] = fields.slice(-2);
    const grade = Number(written);
    const isHeader = line === 1 && fields.length === 3 && Number.isNaN(grade);
    if (isHeader) continue;
    if (![3, 4].includes(fields.length) || !Number.isFinite(grade)) {
      problems.push(badLine(line, "question 0 document grade", fields));
      continue;
    }
    const judged = qrels.get(questionId) ?? new Map<string, number>();
    if (judged.has(documentId)) {
      const message = `Document "${documentId}" has a grade for question "${questionId}" further up; that one is used.`;
      problems.push({ line, code: "duplicate-judgment", message, details: { docId: documentId, questionId } });
      continue;
    }
    qrels.set(questionId, judged.set(documentId, grade));
  }
  return { qrels, problems };
}

/**
 * Reads `question Q0 document rank score tag` lines. As trec_eval does, the order goes by score alone, never by the rank
 * column; equal scores by document id, the later one in byte order first.
 */
export function readRun(text: string): TrecRun {
  const found = new Map<string, RunEntry[]>();
  const seen = new Set<string>();
  const problems: RowProblem[] = [];
  let tag = "";
  for (const { line, fields } of linesOf(text)) {
    const [questionId = "", , documentId = "", , written = "", lineTag = ""] = fields;
    const score = Number(written);
    if (fields.length !== 6 || written === "" || !Number.isFinite(score)) {
      problems.push(badLine(line, "question Q0 document rank score tag", fields));
      continue;
    }
    const pair = JSON.stringify([questionId, documentId]);
    if (seen.has(pair)) {
      const message = `Question "${questionId}" has document "${documentId}" further up; that one is used.`;
      problems.push({ line, code: "duplicate-candidate", message, details: { docId: documentId, questionId } });
      continue;
    }
    seen.add(pair);
    if (tag === "") tag = lineTag;
    const list = found.get(questionId);
    if (list) list.push({ documentId, score });
    else found.set(questionId, [{ documentId, score }]);
  }
  const entries = new Map(Array.from(found, ([id, list]) => [id, trecOrder(list)]));
  return { tag, entries, ties: countTies(entries.values()), problems };
}

/** trec_eval's order: highest score first, equal ones by document id, last in byte order first. */
export function trecOrder(entries: readonly RunEntry[]): readonly RunEntry[] {
  return [...entries].sort((a, b) => b.score - a.score || compareBytes(b.documentId, a.documentId));
}

/**
 * Writes one line per document, `tag` without blanks. Scores are written so that trec_eval, which sorts by them alone,
 * finds the order given: where two are equal or out of order, the later one is written a little below the one before.
 */
export function writeRun(
  rankings: Iterable<readonly [questionId: string, entries: readonly RunEntry[]]>,
  tag: string,
): string {
  const lines: string[] = [];
  const name = tag.trim().replace(/\s+/g, "-") || "sunwi";
  for (const [questionId, entries] of rankings) {
    let before = Number.POSITIVE_INFINITY;
    for (const [at, { documentId, score }] of entries.entries()) {
      const written = score < before ? score : nextBelow(before);
      before = written;
      lines.push(`${questionId} Q0 ${documentId} ${String(at + 1)} ${String(written)} ${name}`);
    }
  }
  return lines.map((line) => `${line}\n`).join("");
}

function countTies(lists: Iterable<readonly RunEntry[]>): number {
  let ties = 0;
  for (const entries of lists) {
    ties += entries.filter(({ score }, at) => at > 0 && score === entries[at - 1]?.score).length;
  }
  return ties;
}

/** A step that 32-bit floats see as well: some versions of trec_eval read scores as such. */
function nextBelow(value: number): number {
  return value - Math.max(1, Math.abs(value)) * 1e-6;
}

/** Order of the UTF-8 bytes, which is that of code points; JavaScript's own goes by UTF-16 units. */
function compareBytes(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => new TextEncoder().encode(text));
  const at = left?.findIndex((byte, position) => byte !== right?.[position]) ?? -1;
  return at < 0 ? a.length - b.length : (left?.[at] ?? 0) - (right?.[at] ?? -1);
}

function linesOf(text: string): readonly { readonly line: number; readonly fields: readonly string[] }[] {
  return text
    .replace(/^\ufeff/, "")
    .split(/\r\n?|\n/)
    .flatMap((content, at) => {
      const trimmed = content.trim();
      return trimmed === "" ? [] : [{ line: at + 1, fields: trimmed.split(/\s+/) }];
    });
}

function badLine(line: number, expected: string, fields: readonly string[]): RowProblem {
  const found = fields.join(" ").slice(0, 80);
  const message = `The line is not "${expected}" and was left out: ${found}`;
  return { line, code: "bad-line", message, details: { expected, found } };
}
