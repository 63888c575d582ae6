import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import type { JudgementSummary } from "./dataset-protocol.ts";
import { judge } from "./judging.ts";
import { metric } from "./metrics.ts";
import { reportAsHtml } from "./report-html.ts";
import type { QuestionScores } from "./systems.ts";
import {
  reportAsCsv,
  reportAsJson,
  reportAsMarkdown,
  type ModelFacts,
  type WorkbenchReport,
} from "./workbench-report.ts";

const ids = Array.from({ length: 40 }, (_, at) => `q${String(at)}`);

/** A model that puts the second of three candidates, the right one, first. */
function judged(): JudgementSummary {
  const own: QuestionScores = {
    logits: Float32Array.of(0, 5, 1),
    windows: Uint8Array.of(1, 1, 1),
    truncated: new Uint8Array(3),
    ms: 12,
  };
  const { systems, ...judgement } = judge({
    qrels: new Map(ids.map((id) => [id, new Map([["b", 1]])])),
    lists: ids.map((questionId) => ({ questionId, documentIds: ["a", "b", "c"], scores: [3, 2, 1] })),
    scores: new Map([["m", new Map(ids.map((id) => [id, own]))]]),
    recipes: [{ kind: "first-stage" }, { kind: "logit", model: "m" }],
    metric: metric("MRR", 10),
  });
  return { ...judgement, systems: systems.map(({ ranked, ...system }) => ({ ...system, key: ranked.key, sweep: [] })) };
}

const MODEL: ModelFacts = {
  key: "m",
  id: "=evil|<b>model",
  name: "Model",
  licence: "MIT",
  variant: "wasm",
  device: "wasm",
  runtime: "wasm",
  threads: 2,
  adapter: "",
  downloadBytes: 9_200_000,
  maxTokens: 384,
  selfTest: { pairs: 26, maxError: 0.001, tolerance: 0.01 },
};
const REPORT: WorkbenchReport = {
  receipt: {
    createdAt: "2026-01-02T03:04:05Z",
    version: "0.1.0",
    dataset: {
      name: "</title>질문.csv",
      hash: "0123456789abcdef",
      questions: 40,
      documents: 3,
      rows: 40,
      skipped: 0,
      withoutAnswer: 0,
    },
    firstStage: "BM25+ × matched terms (MiniSearch)",
    candidates: 3,
    models: [MODEL],
    browser: "test",
  },
  judgement: judged(),
};

describe("reports of a comparison", () => {
  it("put the verdict above the table, in Markdown", () => {
    const [verdict, , summary, , header, , first, second] = reportAsMarkdown(REPORT, "ko").split("\n");
    expect(verdict).toMatch(/^‘=evil\|<b>model \(모델 점수만\)’\(으\)로 리랭킹하세요: MRR@10 0\.500 → 1\.000/);
    expect(summary).toContain("(0123456789ab): 질문 40개, 문서 3개, 후보 3개, 상한 1.000");
    expect(header).toBe(
      "| 방식 | MRR@10 | Hit@1 | Hit@5 | nDCG@10 | Recall@10 | 차이 (95 % 구간) | p | 승/무/패 | 질문당 ms (p95) | 내려받기 | 장치 |",
    );
    expect(first).toMatch(/^\| 리랭킹 없음 — BM25\+ × 일치어 수 \(MiniSearch\) \| 0\.500 \| 0\.000 \|/);
    expect(second).toContain("| =evil\\|\\<b>model (모델 점수만) | 1.000 |");
    expect(second).toContain("| +0.500 (+0.500 ~ +0.500) | <0.001 | 40/0/0 | 12 (12) | 9.2 MB | wasm, wasm |");
  });

  it("show the origin's protocol beside its claims, where it was measured", () => {
    const row = { rightContext: 0.5, mrr: 0.25, contexts: 6 };
    const rows = [
      { key: "six", kind: "six", ...row },
      { key: "reranked m", kind: "reranked", model: "m", ...row, mrr: 0.75 },
    ] as const;
    const report = { ...REPORT, judgement: { ...REPORT.judgement, origin: { rows, questions: 40, unmatchable: 2 } } };
    const markdown = reportAsMarkdown(report, "ko");
    expect(markdown).toContain("| 리랭킹 없음, 조각 6개 | 0.500 | 0.250 | 6.00 |  |  |");
    expect(markdown).toContain("| =evil\\|\\<b>model, 9개에서 6개 | 0.500 | 0.750 |");
    expect(markdown).toContain("| ko-reranker, 9개에서 6개: 원본의 주장 | 0.96 | 0.87 |");
    expect(markdown).toContain("- 질문 2개는 정답 문서가 문맥 하나보다 길어");
    expect(reportAsHtml(report, [], "en")).toContain("<td>=evil|&lt;b&gt;model, nine reranked to six</td>");
    expect(JSON.parse(reportAsJson(report))).toMatchObject({ origin: { rows: [{ key: "six" }, {}], claims: {} } });
    expect(reportAsMarkdown(REPORT, "ko")).not.toContain("원본");
  });

  it("hold every metric as CSV, and no formula", () => {
    const { data } = Papa.parse<Record<string, string>>(reportAsCsv(REPORT), { header: true });
    expect(data.map(({ run }) => run)).toEqual([
      "No reranking — BM25+ × matched terms (MiniSearch)",
      "'=evil|<b>model (model score only)",
    ]);
    expect(data[1]).toMatchObject({ "MRR@10": "1", "nDCG@20": "1", "P@1": "1", difference: "0.5", wins: "40" });
    // A spreadsheet counts on; a reader is told "<0.001".
    expect(Number(data[1]?.["correctedP"])).toBeLessThan(0.0005);
  });

  it("hold everything as JSON, questions one by one, with the receipt", () => {
    const value = JSON.parse(reportAsJson(REPORT)) as {
      readonly rows: readonly { readonly values: readonly number[] }[];
    };
    expect(value).toMatchObject({
      receipt: { metric: "MRR@10", seed: 1, draws: 10_000, dataset: { hash: "0123456789abcdef" } },
      verdict: { type: "rerank" },
      rows: [{ key: "first-stage" }, { key: "logit m", latency: { median: 12 } }],
    });
    expect(value.rows[1]?.values).toEqual(ids.map(() => 1));
  });

  it("stand alone as HTML, whatever names hold", () => {
    const html = reportAsHtml(REPORT, [{ title: "a<b", description: "c&d", svg: "<svg></svg>" }], "en");
    expect(html).toContain("<title>Sunwi evaluation report: &lt;/title&gt;질문.csv</title>");
    expect(html).toContain("=evil|&lt;b&gt;model (model score only)");
    expect(html).toContain("<figcaption><strong>a&lt;b</strong> c&amp;d</figcaption><svg></svg>");
    expect(html).toContain("<td>&lt;0.001</td>");
    expect(html).not.toMatch(/<script|https?:\/\/|src=/);
  });
});
