import { describe, expect, it } from "vitest";
import { CSV, file, nextCall, stage } from "./testing/stage.ts";

describe("EvaluationController", () => {
  it("measures the dataset and keeps the report", async () => {
    const all = await stage();
    all.current().ready();
    const done = all.app.evaluation.run();
    // The first question is asked twice: once to warm up.
    for (const count of [1, 2, 3]) {
      const call = await nextCall(all, count);
      call.answer(call.documents.map(() => 1));
    }
    await done;
    expect(all.app.evaluation.state.value).toEqual({ type: "done" });
    expect(all.app.evaluation.report.value).toMatchObject({
      dataset: { questions: 2, documents: 2 },
      runs: [{ kind: "first-stage" }, { kind: "logit", model: "sunwi-mini" }, { kind: "blended" }],
    });
  });

  it("stops without a result, on request and on a change of data", async () => {
    const all = await stage();
    all.current().ready();
    const done = all.app.evaluation.run();
    await nextCall(all);
    all.app.evaluation.stop();
    await done;
    expect(all.app.evaluation.state.value).toEqual({ type: "stopped" });
    expect(all.app.evaluation.report.value).toBeUndefined();
    void all.app.evaluation.run();
    await nextCall(all, 2);
    await all.app.datasets.useFile(file("a.csv", CSV));
    expect(all.app.evaluation.state.value).toEqual({ type: "stopped" });
  });
});
