import { describe, expect, it, vi } from "vitest";
import { RerankError } from "../../core/errors.ts";
import type { GivenFile } from "../../eval/dataset-protocol.ts";
import { defer, MemoryStore } from "../testing/workbench-doubles.ts";
import {
  BROKEN,
  compared,
  FAQ,
  given,
  metricOf,
  nameInUse,
  settled,
  started,
  UNKNOWN,
  use,
  watched,
  workbenchStage,
} from "../testing/workbench-stage.ts";
import type { InputState } from "./workbench-state.ts";

describe("the workbench's data", () => {
  it("are the sample at first, fetched once", async () => {
    const fetchSample = vi.fn(() => Promise.resolve(given("sample.csv")));
    const { workbench } = workbenchStage(undefined, fetchSample);
    await Promise.all([workbench.start(), workbench.start()]);
    expect(fetchSample).toHaveBeenCalledOnce();
    expect(workbench.dataset.value).toMatchObject({ isSample: true, facts: { name: "sample.csv", questions: 3 } });
    expect(workbench.input.value).toEqual({ type: "none" });
  });

  it("are shown, given another meaning, read and taken into use", async () => {
    const { workbench } = await started();
    const states = watched<InputState>(workbench.input);
    await workbench.open([UNKNOWN]);
    expect(workbench.input.value).toMatchObject({
      type: "preview",
      summary: { columns: ["물어본 것", "글"], missing: ["question", "document"] },
      mapping: {},
    });
    workbench.map({ question: [0], document: [1] });
    expect(workbench.input.value).toMatchObject({ mapping: { question: [0], document: [1] } });
    await workbench.accept();
    expect(workbench.dataset.value).toMatchObject({ isSample: false, facts: { name: "mine.csv", questions: 1 } });
    expect([...new Set(states.map(({ type }) => type))]).toEqual(["opening", "preview", "reading", "none"]);
    expect(states).toContainEqual({
      type: "reading",
      name: "mine.csv",
      progress: { step: "indexing", done: 1, total: 1 },
    });
    await workbench.useSample();
    expect(workbench.dataset.value).toMatchObject({ isSample: true, facts: { name: "sample.csv" } });
  });

  it("stay when a file is rejected, and so does the report on them", async () => {
    const stage = await compared();
    const { workbench } = stage;
    const report = workbench.report.value;
    await workbench.open([BROKEN]);
    expect(workbench.input.value).toMatchObject({
      type: "rejected",
      name: "broken.csv",
      error: { code: "invalid-input" },
    });
    // Recognised, but without a meaning that could be read.
    await use(stage, UNKNOWN);
    expect(workbench.input.value).toMatchObject({ type: "rejected", name: "mine.csv" });
    expect(nameInUse(stage)).toBe("sample.csv");
    expect(workbench.report.value).toBe(report);
    workbench.change({ metric: "Hit@1" });
    await vi.waitFor(() => {
      expect(metricOf(stage)).toBe("Hit@1");
    });
  });

  it("stay when what was shown is dismissed", async () => {
    const stage = await started();
    await stage.workbench.open([FAQ]);
    stage.workbench.dismiss();
    expect(stage.workbench.input.value).toEqual({ type: "none" });
    await stage.workbench.accept();
    stage.workbench.map({});
    expect(stage.workbench.input.value).toEqual({ type: "none" });
    expect(nameInUse(stage)).toBe("sample.csv");
  });

  it("are the newest of two that were given", async () => {
    const stage = await started();
    const { workbench } = stage;
    const states = watched<InputState>(workbench.input);
    const gate = stage.datasets.hold("open");
    const first = workbench.open([UNKNOWN]);
    await settled();
    const second = workbench.open([FAQ]);
    gate.open();
    await Promise.all([first, second]);
    expect(states.filter(({ type }) => type === "preview")).toMatchObject([{ summary: { name: "faq.csv" } }]);
    await workbench.accept();
    expect(nameInUse(stage)).toBe("faq.csv");
  });

  it("are the file that was shown, though an older sample arrives before it is read", async () => {
    const sample = defer<GivenFile>();
    const fetchSample = vi.fn(() => sample.promise);
    const { workbench } = workbenchStage(undefined, fetchSample);
    const start = workbench.start();
    await vi.waitFor(() => {
      expect(fetchSample).toHaveBeenCalled();
    });
    await workbench.open([FAQ]);
    sample.resolve(given("sample.csv"));
    await start;
    expect(workbench.input.value).toMatchObject({ type: "preview", summary: { name: "faq.csv" } });
    await workbench.accept();
    expect(workbench.dataset.value).toMatchObject({ isSample: false, facts: { name: "faq.csv", questions: 2 } });
  });

  it("are not overtaken by the sample where something was opened before it was asked for", async () => {
    const store = new MemoryStore();
    const looking = defer<readonly []>();
    vi.spyOn(store, "reports").mockReturnValueOnce(looking.promise);
    const { workbench } = workbenchStage(store);
    const start = workbench.start();
    await workbench.open([FAQ]);
    looking.resolve([]);
    await start;
    expect(workbench.input.value).toMatchObject({ type: "preview", summary: { name: "faq.csv" } });
  });

  it("show the newest input, while an older one is still read", async () => {
    const stage = await started();
    const { workbench, datasets } = stage;
    await workbench.open([FAQ]);
    const gate = datasets.hold("use");
    const read = workbench.accept();
    const opened = workbench.open([UNKNOWN]);
    const states = watched<InputState>(workbench.input);
    gate.open();
    await Promise.all([read, opened]);
    expect(nameInUse(stage)).toBe("faq.csv");
    expect(states.map(({ type }) => type)).toEqual(["opening", "preview"]);
  });

  it("can be asked for again when the sample could not be fetched", async () => {
    const fetchSample = vi.fn(() => Promise.resolve(given("sample.csv")));
    fetchSample.mockRejectedValueOnce(new RerankError("invalid-input", "", { details: { reason: "unreachable" } }));
    const stage = workbenchStage(undefined, fetchSample);
    await stage.workbench.start();
    expect(stage.workbench.input.value).toMatchObject({
      type: "rejected",
      error: { details: { reason: "unreachable" } },
    });
    await stage.workbench.compare();
    expect(stage.scorers).toHaveLength(0);
    await stage.workbench.useSample();
    expect(nameInUse(stage)).toBe("sample.csv");
  });
});
