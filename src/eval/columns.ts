/** What the columns of a table mean, by their names in Korean and English, or as the user says. */

export const COLUMN_ROLES = [
  "question",
  "questionId",
  "answer",
  "document",
  "documentId",
  "title",
  "positive",
  "negative",
  "relevance",
  "score",
  "rank",
] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

/** Positions of columns by role, from 0. Only positives and negatives may have several. */
export type ColumnMapping = Readonly<Partial<Record<ColumnRole, readonly number[]>>>;

const SEVERAL: ReadonlySet<ColumnRole> = new Set(["positive", "negative"]);

/** Names as `plain` leaves them. Of two columns that fit one role, the earlier name in this list wins. */
const NAMES: Readonly<Record<ColumnRole, readonly string[]>> = {
  question: [
    "question",
    "query",
    "질문",
    "질의",
    "검색어",
    "querytext",
    "questiontext",
    "q",
    "anchor",
    "문의",
    "text1",
  ],
  questionId: ["queryid", "questionid", "qid", "topic", "topicid", "질문id", "질의id", "질문번호", "query-id"],
  answer: ["answer", "답변", "정답", "답", "response", "referenceanswer", "answertext", "groundtruth"],
  document: [
    "doc",
    "document",
    "passage",
    "문서",
    "본문",
    "내용",
    "text",
    "context",
    "content",
    "body",
    "doctext",
    "documenttext",
    "passagetext",
    "지문",
    "단락",
    "contents",
  ],
  documentId: [
    "docid",
    "documentid",
    "passageid",
    "pid",
    "did",
    "corpusid",
    "docno",
    "문서id",
    "문서번호",
    "contextid",
  ],
  title: ["title", "제목", "heading", "doctitle"],
  positive: ["positive", "pos", "positives", "정답문서", "positivepassages", "positivedoc", "긍정", "관련문서"],
  negative: ["negative", "neg", "negatives", "오답문서", "negativepassages", "negativedoc", "hardnegatives", "부정"],
  relevance: ["relevance", "label", "관련도", "rel", "grade", "레이블", "라벨", "관련", "relevant", "qrel", "적합도"],
  score: ["score", "점수", "bm25score", "bm25", "similarity", "유사도", "retrievalscore"],
  rank: ["rank", "순위", "position", "등수"],
};

/** Finds roles by the columns' names, in any case and whatever stands between the words of a name. */
export function recogniseColumns(columns: readonly string[]): ColumnMapping {
  const names = columns.map(plain);
  const found: Partial<Record<ColumnRole, readonly number[]>> = {};
  for (const role of COLUMN_ROLES) {
    const positions = SEVERAL.has(role) ? allNamed(names, role) : firstNamed(names, role);
    if (positions.length > 0) found[role] = positions;
  }
  return found;
}

function firstNamed(names: readonly string[], role: ColumnRole): readonly number[] {
  for (const known of NAMES[role]) {
    const position = names.indexOf(known);
    if (position >= 0) return [position];
  }
  return [];
}

/** `negative_1`, `neg2` and so on are columns of one role. */
function allNamed(names: readonly string[], role: ColumnRole): readonly number[] {
  return names.flatMap((name, position) => (NAMES[role].includes(name.replace(/\d+$/, "")) ? [position] : []));
}

/** Lower case, without blanks, underscores and the like. */
function plain(name: string): string {
  return name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s_.\-()[\]/:"'`*]+/g, "");
}

/** What a row of a table stands for. */
export type TableShape =
  /** A question with the document that answers it; a row without a question adds a document. */
  | "question-document"
  /** A question, texts that answer it, texts that do not. */
  | "positives-negatives"
  /** A question, a candidate document, and how relevant that is. */
  | "judged-candidates";

/** The shape that a mapping makes, or which roles are missing for the nearest one. */
export type ShapeFinding =
  { readonly shape: TableShape } | { readonly shape: undefined; readonly missing: readonly ColumnRole[] };

const NEEDED: Readonly<Record<TableShape, readonly ColumnRole[]>> = {
  "judged-candidates": ["question", "document", "relevance"],
  "positives-negatives": ["question", "positive"],
  "question-document": ["question", "document"],
};

/** The first of NEEDED whose roles are all there. */
export function shapeOf(mapping: ColumnMapping): ShapeFinding {
  const missingFor = (shape: TableShape): readonly ColumnRole[] =>
    NEEDED[shape].filter((role) => mapping[role] === undefined);
  const shapes = Object.keys(NEEDED) as readonly TableShape[];
  const whole = shapes.find((shape) => missingFor(shape).length === 0);
  if (whole) return { shape: whole };
  return { shape: undefined, missing: missingFor("question-document") };
}
