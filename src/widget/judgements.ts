/** What an owner has marked as right while searching their own site; kept in this browser, and nowhere else. */
const STORAGE_KEY = "sunwi.judgements";

export interface JudgedDocument {
  readonly id: string;
  readonly text: string;
  readonly isRight: boolean;
}

/** A query with the results that the page listed for it, in the page's order. */
export interface JudgedQuery {
  readonly query: string;
  readonly documents: readonly JudgedDocument[];
}

/** Oldest first. */
export function readJudgements(): readonly JudgedQuery[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]");
    return Array.isArray(stored) ? (stored as readonly JudgedQuery[]) : [];
  } catch {
    return [];
  }
}

/** In the place of what was known of the query; a query without a right result is forgotten. */
export function keepJudgement(judged: JudgedQuery): readonly JudgedQuery[] {
  const others = readJudgements().filter(({ query }) => query !== judged.query);
  return write(judged.documents.some(({ isRight }) => isRight) ? [...others, judged] : others);
}

export function forgetJudgements(): readonly JudgedQuery[] {
  return write([]);
}

function write(all: readonly JudgedQuery[]): readonly JudgedQuery[] {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(all));
  } catch {
    // The panel goes on with what it is given.
  }
  return all;
}

/**
 * Rows as the evaluation reads them (`query_id,query,doc_id,document,relevance,rank`): the page's own order is then the
 * first stage.
 */
export function judgementRows(all: readonly JudgedQuery[]): readonly Readonly<Record<string, string | number>>[] {
  return all.flatMap(({ query, documents }, at) =>
    documents.map(({ id, text, isRight }, rank) => ({
      query_id: `q${String(at + 1)}`,
      query,
      doc_id: id,
      document: text,
      relevance: isRight ? 1 : 0,
      rank: rank + 1,
    })),
  );
}

/** By its address where a result links to one, else by its own id, else by its text. */
export function documentId(element: Element, text: string): string {
  const link = element.closest("a[href]") ?? element.querySelector("a[href]");
  if (link instanceof HTMLAnchorElement) {
    const { origin, pathname, search, hash } = new URL(link.href, location.href);
    return `${origin === location.origin ? "" : origin}${pathname}${search}${hash}`;
  }
  return element.id === "" ? text.slice(0, 80) : element.id;
}
