import * as Plot from "@observablehq/plot";
import { nameIn, type WorkbenchReport } from "../../eval/workbench-report.ts";
import type { ReportPlot } from "../../eval/report-html.ts";
import { formatFor } from "../format.ts";
import type { Messages } from "../messages/ko.ts";
import { costLayout, INSET, LABEL_SIDES, type Box, type CostLayout } from "./cost-marks.ts";

export interface NamedPlot extends ReportPlot {
  /** Part of a file's name. */
  readonly id: string;
  /** For the page, whose security policy allows no style inside of it; `workbench.css` has what it needs. */
  readonly element: Element;
}

/** Every plot of a report that has something to show. */
export function reportPlots(report: WorkbenchReport, t: Messages): readonly NamedPlot[] {
  return [costPlot(report, t), differencePlot(report, t), movementPlot(report, t)].flatMap((plot) => plot ?? []);
}

const WIDTH = 640;
const STYLE = { fontSize: "13px", fontFamily: "inherit", background: "transparent", overflow: "visible" } as const;

const COST_HEIGHT = 260;
const COST_MARGIN = { left: 60, right: 20, top: 24, bottom: 45 } as const;
const COST_FRAME: Box = {
  left: COST_MARGIN.left,
  right: WIDTH - COST_MARGIN.right,
  top: COST_MARGIN.top,
  bottom: COST_HEIGHT - COST_MARGIN.bottom,
};

/** What a row is worth against what it costs a question. */
function costPlot(report: WorkbenchReport, t: Messages): NamedPlot | undefined {
  const { metric, systems } = report.judgement;
  if (systems.length < 2) return undefined;
  const { decimal, elapsed } = formatFor(t.locale);
  const first = systems[0]?.metrics[metric] ?? 0;
  const rows = systems.map((system, at) => ({
    name: nameIn(report, system, t.locale),
    label: String(at + 1),
    ms: system.latency?.median ?? 0,
    value: system.metrics[metric] ?? 0,
    low: first + (system.difference?.interval.low ?? 0),
    high: first + (system.difference?.interval.high ?? 0),
  }));
  const svg = drawnCost(costLayout(rows, COST_FRAME), metric, t);
  const description = rows
    .map(({ label, name, ms, value }) => `${label}. ${name}: ${metric} ${decimal(value, 3)}, ${elapsed(ms)}`)
    .join("; ");
  return { id: "cost", title: t.workbench.plots.cost, description, ...drawn(svg) };
}

function drawnCost({ marks, msDomain, valueDomain }: CostLayout, metric: string, t: Messages): Element {
  return Plot.plot({
    width: WIDTH,
    height: COST_HEIGHT,
    marginLeft: COST_MARGIN.left,
    marginRight: COST_MARGIN.right,
    marginTop: COST_MARGIN.top,
    marginBottom: COST_MARGIN.bottom,
    style: STYLE,
    x: { label: t.workbench.plots.ms, grid: true, domain: msDomain, inset: INSET.x },
    y: { label: metric, grid: true, domain: valueDomain, inset: INSET.y },
    marks: [
      Plot.ruleX(marks, { x: "ms", y1: "low", y2: "high", stroke: "currentColor", strokeOpacity: 0.4 }),
      Plot.dot(marks, { x: "ms", y: "value", fill: "currentColor", r: 4 }),
      // Plot has one offset and one anchor for all texts of a mark.
      ...LABEL_SIDES.map((side) => {
        const own = marks.filter((mark) => mark.side === side);
        return Plot.text(own, { x: "ms", y: "value", text: "label", fontWeight: 600, ...side });
      }),
    ],
  });
}

/** Each question's difference from the first stage, sorted: how much is won and lost, and where. */
function differencePlot(report: WorkbenchReport, t: Messages): NamedPlot | undefined {
  const { systems, metric } = report.judgement;
  const [first, ...others] = systems;
  if (first === undefined || others.length === 0) return undefined;
  const bars = others.flatMap((system) => {
    const sorted = system.values
      .map((value, at) => value - (first.values[at] ?? 0))
      .sort()
      .reverse();
    const name = nameIn(report, system, t.locale);
    return Array.from(sorted, (difference, place) => ({ name, place, difference })).filter(
      ({ difference }) => difference !== 0,
    );
  });
  if (bars.length === 0) return undefined;
  const svg = Plot.plot({
    width: WIDTH,
    height: 60 + 110 * others.length,
    marginLeft: 60,
    style: STYLE,
    x: { label: t.workbench.plots.question, domain: [0, first.values.length] },
    y: { label: `Δ ${metric}`, domain: [-1, 1], ticks: 5, grid: true },
    fy: { label: null },
    marks: [
      Plot.rectY(bars, {
        fy: "name",
        x1: "place",
        x2: ({ place }: { place: number }) => place + 1,
        y: "difference",
        fill: ({ difference }: { difference: number }) => (difference > 0 ? "#2a8a62" : "#b5642a"),
      }),
      Plot.ruleY([0]),
    ],
  });
  const description = others
    .map((system) => {
      const { wins = 0, ties = 0, losses = 0 } = system.difference ?? {};
      return `${nameIn(report, system, t.locale)}: ${t.workbench.outcomeLabel(wins, ties, losses)}`;
    })
    .join("; ");
  return { id: "differences", title: t.workbench.plots.differences, description, ...drawn(svg) };
}

/** From which rank to which the first right document of each question went. */
function movementPlot(report: WorkbenchReport, t: Messages): NamedPlot | undefined {
  const { systems } = report.judgement;
  const [first, ...others] = systems;
  if (first === undefined || others.length === 0) return undefined;
  const cells = others.flatMap((system) =>
    movements(first.ranks, system.ranks).map((cell) => ({ ...cell, name: nameIn(report, system, t.locale) })),
  );
  if (cells.length === 0) return undefined;
  const svg = Plot.plot({
    width: WIDTH,
    height: 60 + 260 * others.length,
    marginLeft: 60,
    style: STYLE,
    x: { label: t.workbench.plots.rankBefore, domain: [0.5, 20.5], ticks: 10 },
    y: { label: t.workbench.plots.rankAfter, domain: [20.5, 0.5], ticks: 10 },
    fy: { label: null },
    r: { range: [1, 14] },
    marks: [
      Plot.line(
        [
          [1, 1],
          [20, 20],
        ],
        { stroke: "currentColor", strokeOpacity: 0.3 },
      ),
      Plot.dot(cells, {
        fy: "name",
        x: "from",
        y: "to",
        r: "count",
        fill: ({ from, to }: { from: number; to: number }) =>
          to < from ? "#2a8a62" : to > from ? "#b5642a" : "#7a828a",
        fillOpacity: 0.75,
      }),
    ],
  });
  const description = others
    .map((system) => {
      const moved = [...first.ranks].map((from, at) => [from, system.ranks[at] ?? 0] as const);
      const up = moved.filter(([from, to]) => to > 0 && from > to).length;
      const down = moved.filter(([from, to]) => from > 0 && to > from).length;
      return `${nameIn(report, system, t.locale)}: ${t.workbench.plots.moved(up, down)}`;
    })
    .join("; ");
  return { id: "movement", title: t.workbench.plots.movement, description, ...drawn(svg) };
}

/** How many questions went from which rank to which; ranks below 20 count as 20. */
function movements(before: Uint16Array, after: Uint16Array) {
  const counts = new Map<string, number>();
  before.forEach((from, at) => {
    const to = after[at] ?? 0;
    if (from === 0 || to === 0) return;
    const key = `${String(Math.min(from, 20))}/${String(Math.min(to, 20))}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  });
  return Array.from(counts, ([key, count]) => {
    const [from = 0, to = 0] = key.split("/").map(Number);
    return { from, to, count };
  });
}

/** As an SVG file and as an element. Plot gives a bare `svg` where there is neither title nor legend. */
function drawn(plot: Element): Pick<NamedPlot, "svg" | "element"> {
  const element = plot.tagName.toLowerCase() === "svg" ? plot : (plot.querySelector("svg") ?? plot);
  element.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const svg = element.outerHTML;
  for (const style of element.querySelectorAll("style")) style.remove();
  // The caption says it in words; names such as "dot" only stand in the way.
  element.setAttribute("aria-hidden", "true");
  for (const labelled of element.querySelectorAll("[aria-label]")) labelled.removeAttribute("aria-label");
  return { svg, element };
}
