/** Where marks and labels of the plot of value against time lie. Pure: needs no page. */

/** A row of the table in the plot. */
export interface CostRow {
  /** Short: its number in the description. */
  readonly label: string;
  /** Milliseconds for a question, 0 or more. */
  readonly ms: number;
  /** Metrics lie in [0, 1], and so do the ends of the interval. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Where a label stands from its mark, in pixels. */
export interface LabelSide {
  readonly dx: number;
  readonly dy: number;
  readonly textAnchor: "start" | "end";
}

/** Best first. None is straight above or below, where the mark's own interval is. */
export const LABEL_SIDES: readonly LabelSide[] = [
  { dx: 10, dy: 0, textAnchor: "start" },
  { dx: -10, dy: 0, textAnchor: "end" },
  { dx: 8, dy: -14, textAnchor: "start" },
  { dx: 8, dy: 14, textAnchor: "start" },
  { dx: -8, dy: -14, textAnchor: "end" },
  { dx: -8, dy: 14, textAnchor: "end" },
];

/** One or more rows at one place. */
interface CostMark extends CostRow {
  readonly side: LabelSide;
}

/** A rectangle of the picture, in pixels. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface CostLayout {
  readonly marks: readonly CostMark[];
  readonly msDomain: readonly [from: number, to: number];
  readonly valueDomain: readonly [from: number, to: number];
}

/** Marks closer than this would cover each other. */
const NEAR = 8;
/** Share of the span that is left free above and below, and the least that is. */
const ROOM = 0.1;
const LEAST_ROOM = 0.005;
/** A digit of the bold label, and its line. */
const LETTER_WIDTH = 8;
const LINE_HEIGHT = 16;
const RADIUS = 4;

/** Pixels between the axes and what lies at the ends of the domains. */
export const INSET = { x: 20, y: 10 } as const;

/** @param frame the inside of the axes: no label leaves it */
export function costLayout(rows: readonly CostRow[], frame: Box): CostLayout {
  const inside = rows.map((row) => ({ ...row, low: clamped(row.low), high: clamped(row.high) }));
  const msDomain = [0, Math.max(1, ...inside.map(({ ms }) => ms))] as const;
  const valueDomain = domainOf(inside);
  const place = ({ ms, value }: Pick<CostRow, "ms" | "value">): Point => ({
    x: scaled(ms, msDomain, frame.left + INSET.x, frame.right - INSET.x),
    y: scaled(value, valueDomain, frame.bottom - INSET.y, frame.top + INSET.y),
  });
  return { marks: labelled(shared(inside, place), place, frame), msDomain, valueDomain };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

type Place = (row: Pick<CostRow, "ms" | "value">) => Point;

function clamped(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** What is shown and a little around it, never beyond what a metric can be. */
function domainOf(rows: readonly CostRow[]): readonly [number, number] {
  const all = rows.flatMap(({ value, low, high }) => [value, low, high]);
  const [lowest, highest] = [Math.min(...all), Math.max(...all)];
  const room = Math.max(LEAST_ROOM, ROOM * (highest - lowest));
  return [Math.max(0, lowest - room), Math.min(1, highest + room)];
}

function scaled(value: number, [from, to]: readonly [number, number], start: number, end: number): number {
  return start + ((value - from) / (to - from)) * (end - start);
}

/** One mark for rows at nearly one place: in their middle, with all their labels and an interval that holds theirs. */
function shared(rows: readonly CostRow[], place: Place): readonly CostRow[] {
  const groups: CostRow[][] = [];
  for (const row of rows) {
    const at = place(row);
    const near = groups.find(([first = row]) => {
      const other = place(first);
      return Math.hypot(at.x - other.x, at.y - other.y) < NEAR;
    });
    if (near === undefined) groups.push([row]);
    else near.push(row);
  }
  return groups.map((group) => ({
    label: group.map(({ label }) => label).join(", "),
    ms: meanOf(group.map(({ ms }) => ms)),
    value: meanOf(group.map(({ value }) => value)),
    low: Math.min(...group.map(({ low }) => low)),
    high: Math.max(...group.map(({ high }) => high)),
  }));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Gives each label the first side on which it covers least; inside the frame before all else. */
function labelled(marks: readonly CostRow[], place: Place, frame: Box): readonly CostMark[] {
  const taken = marks.flatMap((mark) => markBoxes(mark, place));
  return marks.map((mark) => {
    const point = place(mark);
    const sides = LABEL_SIDES.map((side) => {
      const box = labelBox(point, mark.label, side);
      const covered = taken.filter((other) => overlap(box, other)).length;
      return { side, box, cost: isInside(box, frame) ? covered : covered + taken.length + 1 };
    });
    const best = sides.reduce((a, b) => (b.cost < a.cost ? b : a));
    taken.push(best.box);
    return { ...mark, side: best.side };
  });
}

/** The dot and the interval's line. */
function markBoxes({ ms, value, low, high }: CostRow, place: Place): readonly Box[] {
  const { x, y } = place({ ms, value });
  return [
    { left: x - RADIUS, right: x + RADIUS, top: y - RADIUS, bottom: y + RADIUS },
    { left: x - 1, right: x + 1, top: place({ ms, value: high }).y, bottom: place({ ms, value: low }).y },
  ];
}

function labelBox({ x, y }: Point, label: string, { dx, dy, textAnchor }: LabelSide): Box {
  const width = LETTER_WIDTH * label.length;
  const left = x + dx - (textAnchor === "end" ? width : 0);
  return { left, right: left + width, top: y + dy - LINE_HEIGHT / 2, bottom: y + dy + LINE_HEIGHT / 2 };
}

function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

function isInside(box: Box, frame: Box): boolean {
  return box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;
}
