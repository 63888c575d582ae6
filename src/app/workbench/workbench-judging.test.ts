import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RerankError } from "../../core/errors.ts";
import { MemoryStore } from "../testing/workbench-doubles.ts";
import { compared, FAQ, metricOf, settled, started, use, watched } from "../testing/workbench-stage.ts";

const CRASH = new RerankError("worker-crashed", "");

describe("another metric", () => {
  it("judges again without scoring", async () => {
    const stage = await compared();
    const check = vi.spyOn(stage.datasets, "check");
    stage.workbench.change({ metric: "nDCG@10" });
    await vi.waitFor(() => {
      expect(metricOf(stage)).toBe("nDCG@10");
    });
    expect(stage.scorers).toHaveLength(1);
    expect(check).not.toHaveBeenCalled();
    // What is kept is what was compared, not each look at it.
    expect(stage.workbench.earlier.value).toHaveLength(1);
  });

  it("is nothing to judge by before there is something", async () => {
    const stage = await started();
    const judge = vi.spyOn(stage.datasets, "judge");
    stage.workbench.change({ metric: "nDCG@10" });
    await stage.workbench.compare();
    stage.workbench.change({ metric: "nDCG@10" });
    expect(judge).toHaveBeenCalledOnce();
    expect(metricOf(stage)).toBe("nDCG@10");
  });

  it("is the newest one that was chosen", async () => {
    const stage = await compared();
    const { workbench, datasets } = stage;
    const gate = datasets.hold("judge");
    workbench.change({ metric: "Hit@1" });
    workbench.change({ metric: "nDCG@10" });
    await vi.waitFor(() => {
      expect(metricOf(stage)).toBe("nDCG@10");
    });
    const reports = watched(workbench.report);
    gate.open();
    await settled();
    expect(reports).toEqual([]);
  });

  it("counts when it is chosen while a comparison is judged", async () => {
    const stage = await started();
    const { workbench, datasets } = stage;
    const gate = datasets.hold("judge");
    const run = workbench.compare();
    await vi.waitFor(() => {
      expect(workbench.run.value.type).toBe("judging");
    });
    workbench.change({ metric: "Hit@1" });
    gate.open();
    await run;
    expect(metricOf(stage)).toBe("Hit@1");
    expect(workbench.run.value).toEqual({ type: "idle" });
    expect(workbench.earlier.value).toMatchObject([{ judgement: { metric: "MRR@10" } }]);
  });

  it("is judged on the candidates that were scored, whatever is chosen for the next comparison", async () => {
    const stage = await compared();
    const { workbench } = stage;
    workbench.change({ candidates: 5, windows: true });
    workbench.change({ metric: "Hit@1" });
    await vi.waitFor(() => {
      expect(metricOf(stage)).toBe("Hit@1");
    });
    expect(workbench.report.value).toMatchObject({ receipt: { candidates: 20 } });
    expect(workbench.report.value?.judgement.systems).toHaveLength(3);
    await workbench.compare();
    expect(workbench.report.value).toMatchObject({ receipt: { candidates: 5 } });
    expect(workbench.report.value?.judgement.systems).toHaveLength(7);
    expect(stage.scorers[1]?.calls.every(({ windows }) => windows)).toBe(true);
  });

  it("tells why it could not be judged, unless the data are others by now", async () => {
    const stage = await compared();
    const { workbench, datasets } = stage;
    datasets.hold("judge").fail(CRASH);
    workbench.change({ metric: "Hit@1" });
    await vi.waitFor(() => {
      expect(workbench.run.value).toEqual({ type: "failed", error: CRASH });
    });
    const gate = datasets.hold("judge");
    workbench.change({ metric: "Hit@5" });
    await use(stage, FAQ);
    gate.fail(CRASH);
    await settled();
    expect(workbench.run.value).toEqual({ type: "idle" });
  });

  it("brings no report on data that are no longer in use", async () => {
    const stage = await compared();
    const { workbench, datasets } = stage;
    const gate = datasets.hold("judge");
    workbench.change({ metric: "Hit@1" });
    await use(stage, FAQ);
    gate.open();
    await settled();
    expect(workbench.report.value).toBeUndefined();
    expect(workbench.questions.value).toEqual([]);
  });
});

describe("a question", () => {
  it("opens with every order, and closes", async () => {
    const { workbench } = await compared();
    await workbench.openQuestion(0);
    const { orders } = workbench.opened.value ?? expect.fail("nothing is open");
    expect(orders.question).toMatchObject({ id: "a", text: "질문 하나" });
    expect(orders.orders.map(({ documents }) => documents.map(({ id }) => id))).toEqual([
      ["d1", "d2"],
      ["d2", "d1"],
      ["d2", "d1"],
    ]);
    workbench.closeQuestion();
    expect(workbench.opened.value).toBeUndefined();
  });

  it("is the one that was opened last, if any", async () => {
    const { workbench, datasets } = await compared();
    const gate = datasets.hold("orders");
    const late = workbench.openQuestion(0);
    await workbench.openQuestion(1);
    gate.open();
    await late;
    expect(workbench.opened.value?.question).toBe(1);
    const closed = datasets.hold("orders");
    const overtaken = workbench.openQuestion(2);
    workbench.closeQuestion();
    closed.open();
    await overtaken;
    expect(workbench.opened.value).toBeUndefined();
  });

  it("closes with the data and with the judgement that it is of", async () => {
    const stage = await compared();
    await stage.workbench.openQuestion(0);
    stage.workbench.change({ metric: "Hit@1" });
    await vi.waitFor(() => {
      expect(stage.workbench.opened.value).toBeUndefined();
    });
    const gate = stage.datasets.hold("orders");
    const late = stage.workbench.openQuestion(0);
    await use(stage, FAQ);
    gate.open();
    await late;
    expect(stage.workbench.opened.value).toBeUndefined();
  });

  it("tells why it did not open", async () => {
    const { workbench, datasets } = await compared();
    datasets.hold("orders").fail(CRASH);
    await workbench.openQuestion(0);
    expect(workbench.run.value).toEqual({ type: "failed", error: CRASH });
  });
});

describe("earlier reports", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: 0 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("are kept, shown and dropped", async () => {
    const store = new MemoryStore();
    const before = await compared(store);
    vi.setSystemTime(1000);
    await use(before, FAQ);
    await before.workbench.compare();

    const { workbench } = await started(store);
    const names = () => workbench.earlier.value.map(({ receipt }) => receipt.dataset.name);
    expect(names()).toEqual(["faq.csv", "sample.csv"]);
    const [newest] = workbench.earlier.value;
    if (newest === undefined) expect.fail("nothing was kept");
    workbench.showEarlier(newest);
    expect(workbench.report.value).toBe(newest);
    expect(workbench.isCurrent(newest)).toBe(false);
    await workbench.dropEarlier(newest);
    expect(names()).toEqual(["sample.csv"]);
    expect(await store.reports()).toHaveLength(1);
  });

  it("have no questions, but for the one that was judged last", async () => {
    const stage = await compared();
    const { workbench } = stage;
    vi.setSystemTime(1000);
    await workbench.compare();
    const [second, first] = workbench.earlier.value;
    if (first === undefined || second === undefined) expect.fail("two were compared");
    await workbench.openQuestion(0);
    workbench.showEarlier(first);
    expect(workbench.opened.value).toBeUndefined();
    expect(workbench.isCurrent(first)).toBe(false);
    workbench.showEarlier(second);
    expect(workbench.isCurrent(second)).toBe(true);
    await use(stage, FAQ);
    expect(workbench.isCurrent(second)).toBe(false);
  });
});
