import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { reportToCsv, reportToJson, reportToMarkdown, runName } from "./report.ts";
import type { EvaluationReport } from "./types.ts";

const REPORT: EvaluationReport = {
  dataset: { name: "knox.csv", questions: 1350, documents: 135, skipped: 2 },
  candidates: 20,
  ceiling: 0.98519,
  elapsedMs: 5_000,
  runs: [
    {
      kind: "first-stage",
      model: "BM25+ × matched terms (MiniSearch)",
      device: "cpu",
      downloadBytes: 0,
      metrics: { "MRR@10": 0.69462, "Hit@1": 0.5 },
      msPerQuery: 0.6149,
      ranks: new Map([["q1", 1]]),
    },
    {
      kind: "logit",
      model: "sunwi-mini",
      device: "webgpu",
      downloadBytes: 5_400_000,
      metrics: { "MRR@10": 2 / 3, "Hit@1": 1 },
      msPerQuery: 12.34,
      ranks: new Map([["q1", 1]]),
    },
    {
      kind: "blended",
      model: "sunwi-mini",
      device: "webgpu",
      downloadBytes: 5_400_000,
      blendWeight: 5,
      metrics: { "MRR@10": 0.7505, "Hit@1": 1 },
      msPerQuery: 12.34,
      ranks: new Map([["q1", 1]]),
    },
  ],
};

/** The report with one run, whose model has an awkward name, and a dataset that has one too. */
function awkward(name: string): EvaluationReport {
  const [, logit] = REPORT.runs;
  return { ...REPORT, dataset: { ...REPORT.dataset, name }, runs: logit ? [{ ...logit, model: name }] : [] };
}

describe("runName", () => {
  it("says in Korean which part of the order is whose", () => {
    expect(REPORT.runs.map((run) => runName(run, "ko"))).toEqual([
      "리랭킹 없음 — BM25+ × 일치어 수 (MiniSearch)",
      "sunwi-mini (모델 점수만)",
      "sunwi-mini + 1차 검색 점수 × 5",
    ]);
  });

  it("says the same in English", () => {
    expect(REPORT.runs.map((run) => runName(run, "en"))).toEqual([
      "No reranking — BM25+ × matched terms (MiniSearch)",
      "sunwi-mini (model score only)",
      "sunwi-mini + first-stage score × 5",
    ]);
  });

  it("keeps the name of a first stage that it does not know", () => {
    const [firstStage] = REPORT.runs;
    expect(firstStage && runName({ ...firstStage, model: "nori" }, "ko")).toBe("리랭킹 없음 — nori");
  });
});

describe("reportToMarkdown", () => {
  it("writes dataset, ceiling and one row per run in English", () => {
    expect(reportToMarkdown(REPORT, "en"))
      .toBe(`knox.csv: 1,350 questions, 135 documents, 2 rows skipped, 20 candidates per question

Ceiling 0.985: the share of questions whose answer is among the candidates. No reranking can exceed it.

| Run | Device | MRR@10 | Hit@1 | ms/query | Download |
| --- | --- | ---: | ---: | ---: | ---: |
| No reranking — BM25+ × matched terms (MiniSearch) | cpu | 0.695 | 0.500 | 0.6 | 0 |
| sunwi-mini (model score only) | webgpu | 0.667 | 1.000 | 12.3 | 5.4 MB |
| sunwi-mini + first-stage score × 5 | webgpu | 0.750 | 1.000 | 12.3 | 5.4 MB |
`);
  });

  it("writes the same in Korean", () => {
    const lines = reportToMarkdown(REPORT, "ko").split("\n");
    expect(lines[0]).toBe("knox.csv: 질문 1,350개, 문서 135개, 제외한 행 2개, 질문마다 후보 20개");
    expect(lines[2]).toContain("상한 0.985");
    expect(lines[4]).toBe("| 방식 | 장치 | MRR@10 | Hit@1 | 질문당 ms | 내려받기 |");
    expect(lines[7]).toBe("| sunwi-mini (모델 점수만) | webgpu | 0.667 | 1.000 | 12.3 | 5.4 MB |");
  });

  it("keeps bars, backslashes, tags and line ends of a name inside its cell", () => {
    const lines = reportToMarkdown(awkward("a|b\\|<i>\nc"), "en").split("\n");
    expect(lines[0]).toMatch(/^a\\\|b\\\\\\\|\\<i> c: 1,350 questions/);
    expect(lines[6]).toBe("| a\\|b\\\\\\|\\<i> c (model score only) | webgpu | 0.667 | 1.000 | 12.3 | 5.4 MB |");
  });
});

describe("reportToCsv", () => {
  it("writes one line per run below a header, metrics with 3 decimals", () => {
    const [header, first, , third, ...rest] = reportToCsv(REPORT).split("\r\n");
    expect(header).toBe(
      "dataset,questions,documents,skipped,candidates,run,model,device,MRR@10,Hit@1,ceiling,msPerQuery,downloadBytes",
    );
    expect(first).toBe(
      "knox.csv,1350,135,2,20,No reranking — BM25+ × matched terms (MiniSearch)," +
        "BM25+ × matched terms (MiniSearch),cpu,0.695,0.500,0.985,0.6,0",
    );
    expect(third).toContain(",sunwi-mini + first-stage score × 5,sunwi-mini,webgpu,0.750,1.000,0.985,12.3,5400000");
    expect(rest).toEqual([]);
  });

  it("quotes what would break a row, and disarms what a spreadsheet would run as a formula", () => {
    const rows = Papa.parse<Record<string, string>>(reportToCsv(awkward('=1+1,"x"\ny')), { header: true }).data;
    expect(rows).toHaveLength(1);
    expect(rows[0]?.["dataset"]).toBe('\'=1+1,"x"\ny');
  });
});

describe("reportToJson", () => {
  it("has exactly the documented shape, with unrounded numbers", () => {
    const parsed: unknown = JSON.parse(reportToJson({ ...REPORT, runs: REPORT.runs.slice(2) }));
    expect(parsed).toEqual({
      dataset: { name: "knox.csv", questions: 1350, documents: 135, skipped: 2 },
      candidates: 20,
      runs: [
        {
          name: "sunwi-mini + first-stage score × 5",
          model: "sunwi-mini",
          device: "webgpu",
          metrics: { "MRR@10": 0.7505, "Hit@1": 1 },
          ceiling: 0.98519,
          msPerQuery: 12.34,
          downloadBytes: 5_400_000,
        },
      ],
    });
  });
});
