import { describe, expect, it } from "vitest";
import type { EvaluationReport, EvaluationRun } from "../eval/types.ts";
import { ko } from "./messages/ko.ts";
import { verdictOn } from "./verdict.ts";

const run = (kind: EvaluationRun["kind"], mrr: number): EvaluationRun => ({
  kind,
  model: "m",
  device: "wasm",
  downloadBytes: 1,
  metrics: { "MRR@10": mrr },
  msPerQuery: 1,
  ranks: new Map(),
});

function verdict(first: number, logit: number, blended?: number): ReturnType<typeof verdictOn> {
  const runs = [run("first-stage", first), run("logit", logit)];
  if (blended !== undefined) runs.push(run("blended", blended));
  const dataset = { name: "d", questions: 10, documents: 20, skipped: 0 };
  const report: EvaluationReport = { dataset, candidates: 20, ceiling: 1, elapsedMs: 1, runs };
  return verdictOn(report, ko);
}

describe("verdictOn", () => {
  it("says plainly that reranking made it worse", () => {
    expect(verdict(0.8, 0.7, 0.75)).toEqual({
      effect: "lowered",
      text: "이 데이터에서는 리랭킹이 순위를 낮췄습니다 (MRR@10 0.800 → 0.700).",
    });
  });

  it("takes the better of two rows that both help", () => {
    expect(verdict(0.7, 0.72, 0.8)?.text).toContain("0.700 → 0.800");
    expect(verdict(0.7, 0.8)?.effect).toBe("raised");
  });

  it("tells apart the row that helps and the one that does not", () => {
    expect(verdict(0.7, 0.6, 0.8)?.text).toMatch(/모델 점수만.*0\.600.*섞으면 높아집니다.*0\.800/);
    expect(verdict(0.7, 0.8, 0.6)?.text).toMatch(/섞으면 순위가 낮아지고.*0\.600.*0\.800/);
  });

  it("does not call different what prints the same", () => {
    expect(verdict(0.7001, 0.7004)?.effect).toBe("unchanged");
  });

  it("says nothing where nothing was reranked", () => {
    const dataset = { name: "d", questions: 0, documents: 0, skipped: 0 };
    expect(verdictOn({ dataset, candidates: 1, ceiling: 0, elapsedMs: 0, runs: [] }, ko)).toBeUndefined();
  });
});
