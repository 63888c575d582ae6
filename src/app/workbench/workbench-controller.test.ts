import { describe, expect, it, vi } from "vitest";
import { RerankError } from "../../core/errors.ts";
import { defer, MemoryStore } from "../testing/workbench-doubles.ts";
import {
  atSecondQuestion,
  BROKEN,
  compared,
  FAQ,
  given,
  LARGE,
  MINI,
  nameInUse,
  queriesOf,
  started,
  UNKNOWN,
  use,
  watched,
} from "../testing/workbench-stage.ts";
import type { RunState } from "./workbench-state.ts";

/** Three questions, and once more the first one to warm up. */
const CALLS = ["질문 하나", "질문 하나", "질문 둘", "질문 셋"];

describe("a comparison", () => {
  it("scores each model once, one after another, and reports", async () => {
    const stage = await started();
    const { workbench, scorers, store } = stage;
    workbench.toggle(LARGE);
    const states = watched<RunState>(workbench.run);
    await workbench.compare();
    expect(scorers.map(({ model, isDisposed }) => [model, isDisposed])).toEqual([
      [MINI, true],
      [LARGE, true],
    ]);
    expect(queriesOf(stage)).toEqual([CALLS, CALLS]);
    const steps = states.map((state) => ("model" in state ? [state.type, state.model.name].join(" ") : state.type));
    expect(steps.filter((step, at) => step !== steps[at - 1])).toEqual([
      ...["loading Sunwi mini", "scoring Sunwi mini", "loading Large", "scoring Large"],
      ...["judging", "idle"],
    ]);
    expect(workbench.report.value).toMatchObject({
      receipt: { dataset: { name: "sample.csv" }, candidates: 20, models: [{ key: MINI.url }, { key: LARGE.url }] },
      judgement: {
        metric: "MRR@10",
        systems: [
          { key: "first-stage", metrics: { "Hit@1": 2 / 3 } },
          { key: `logit ${MINI.url}`, metrics: { "Hit@1": 1 } },
          { key: `blended ${MINI.url}` },
          { key: `logit ${LARGE.url}` },
          { key: `blended ${LARGE.url}` },
        ],
      },
    });
    expect(workbench.questions.value.map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(workbench.earlier.value).toHaveLength(1);
    expect(await store.session()).toMatchObject({ isFinished: true, models: [MINI, LARGE] });
    expect(await workbench.trecRun("first-stage", "bm25")).toMatch(/^a Q0 d1 1 3 bm25/);
  });

  it("takes models in and out, and needs one at least", async () => {
    const stage = await started();
    const { workbench, scorers } = stage;
    workbench.toggle(LARGE);
    expect(workbench.models.value).toEqual([MINI, LARGE]);
    workbench.toggle({ ...MINI });
    workbench.toggle(LARGE);
    expect(workbench.models.value).toEqual([]);
    await workbench.compare();
    expect(scorers).toHaveLength(0);
    expect(workbench.run.value).toEqual({ type: "idle" });
  });

  it("pauses, and goes on without scoring what is kept", async () => {
    const stage = await started();
    const { workbench, scorers } = stage;
    const { run } = await atSecondQuestion(stage);
    workbench.pause();
    await run;
    expect(workbench.run.value).toEqual({ type: "paused" });
    expect(scorers[0]?.isDisposed).toBe(true);
    expect(workbench.report.value).toBeUndefined();
    stage.letAnswer(true);
    const states = watched<RunState>(workbench.run);
    await workbench.compare();
    expect(queriesOf(stage)[1]).toEqual(["질문 둘", "질문 둘", "질문 셋"]);
    expect(states).toContainEqual(
      expect.objectContaining({ progress: expect.objectContaining({ reused: 1 }) as object }),
    );
    expect(workbench.report.value).toBeDefined();
  });

  it("loads no further model once it is paused", async () => {
    const stage = await started();
    const { workbench, scorers } = stage;
    workbench.toggle(LARGE);
    stage.letAnswer(false);
    const run = workbench.compare();
    const scorer = await stage.newestScorer();
    workbench.pause();
    expect(workbench.run.value).toEqual({ type: "paused" });
    scorer.ready();
    await run;
    expect(scorers).toHaveLength(1);
    expect(scorer.isDisposed).toBe(true);
    expect(queriesOf(stage)).toEqual([[]]);
  });

  it("can be paused while it is judged", async () => {
    const stage = await started();
    const { workbench, datasets, store } = stage;
    const gate = datasets.hold("judge");
    const run = workbench.compare();
    await vi.waitFor(() => {
      expect(workbench.run.value.type).toBe("judging");
    });
    workbench.pause();
    gate.open();
    await run;
    expect(workbench.run.value).toEqual({ type: "paused" });
    expect(workbench.report.value).toBeUndefined();
    expect(await store.session()).toMatchObject({ isFinished: false });
    await workbench.compare();
    expect(workbench.run.value).toEqual({ type: "idle" });
    expect(workbench.report.value).toBeDefined();
    expect(queriesOf(stage)).toEqual([CALLS, []]);
  });

  it("does not count as finished where it is paused while its report is stored", async () => {
    const { workbench, store } = await started();
    const storing = defer<undefined>();
    const keepReport = vi.spyOn(store, "keepReport").mockReturnValueOnce(storing.promise);
    const run = workbench.compare();
    await vi.waitFor(() => {
      expect(keepReport).toHaveBeenCalled();
    });
    workbench.pause();
    storing.resolve(undefined);
    await run;
    expect(workbench.run.value).toEqual({ type: "paused" });
    expect(await store.session()).toMatchObject({ isFinished: false });
  });

  it("gives way to a newer one", async () => {
    const stage = await started();
    const { run } = await atSecondQuestion(stage);
    stage.letAnswer(true);
    await Promise.all([run, stage.workbench.compare()]);
    expect(stage.workbench.run.value).toEqual({ type: "idle" });
    expect(stage.workbench.earlier.value).toHaveLength(1);
  });

  it("tells why a model did not load, and tries again", async () => {
    const stage = await started();
    const { workbench, scorers } = stage;
    stage.letAnswer(false);
    const run = workbench.compare();
    (await stage.newestScorer()).refuse(new RerankError("model-download", ""));
    await run;
    expect(workbench.run.value).toMatchObject({ type: "failed", error: { code: "model-download" } });
    expect(scorers[0]?.isDisposed).toBe(true);
    stage.letAnswer(true);
    await workbench.compare();
    expect(workbench.run.value).toEqual({ type: "idle" });
    expect(workbench.report.value).toBeDefined();
  });

  it("tells why scoring failed, and goes on from there", async () => {
    const stage = await started();
    const { workbench } = stage;
    const { run } = await atSecondQuestion(stage);
    (await stage.nextCall(3)).fail(new RerankError("device-lost", ""));
    await run;
    expect(workbench.run.value).toMatchObject({ type: "failed", error: { code: "device-lost" } });
    stage.letAnswer(true);
    await workbench.compare();
    expect(queriesOf(stage)[1]).toEqual(["질문 둘", "질문 둘", "질문 셋"]);
    expect(workbench.run.value).toEqual({ type: "idle" });
  });

  it("ends with the data that it is on, even where it began while the next were read", async () => {
    const stage = await compared();
    const { workbench, datasets, scorers } = stage;
    await workbench.open([FAQ]);
    const gate = datasets.hold("use");
    const read = workbench.accept();
    stage.letAnswer(false);
    const run = workbench.compare();
    await vi.waitFor(() => {
      expect(scorers).toHaveLength(2);
    });
    gate.open();
    await read;
    expect(nameInUse(stage)).toBe("faq.csv");
    expect(workbench.run.value).toEqual({ type: "idle" });
    stage.letAnswer(true);
    scorers[1]?.ready();
    await run;
    expect(queriesOf(stage)[1]).toEqual([]);
    expect(workbench.run.value).toEqual({ type: "idle" });
    expect(workbench.report.value).toBeUndefined();
    expect(workbench.questions.value).toEqual([]);
    await workbench.compare();
    expect(workbench.report.value).toMatchObject({ receipt: { dataset: { name: "faq.csv", questions: 2 } } });
  });
});

describe("a reload in the middle", () => {
  it("offers to go on, and scores nothing twice", async () => {
    const store = new MemoryStore();
    const before = await started(store);
    await use(before, given("mine.csv"));
    before.workbench.change({ metric: "Hit@1", candidates: 10 });
    before.workbench.toggle(LARGE);
    await atSecondQuestion(before);

    const stage = await started(store);
    const { workbench } = stage;
    expect(workbench.unfinished.value).toMatchObject({ files: [{ path: "mine.csv" }], models: [MINI, LARGE] });
    expect(nameInUse(stage)).toBe("sample.csv");
    await workbench.resume();
    expect(nameInUse(stage)).toBe("mine.csv");
    expect(queriesOf(stage)).toEqual([["질문 둘", "질문 둘", "질문 셋"], CALLS]);
    expect(workbench.report.value).toMatchObject({ receipt: { candidates: 10 }, judgement: { metric: "Hit@1" } });
    expect(workbench.unfinished.value).toBeUndefined();
    await workbench.resume();
    expect((await started(store)).workbench.unfinished.value).toBeUndefined();
  });

  it("keeps what the columns were said to mean", async () => {
    const store = new MemoryStore();
    const before = await started(store);
    await before.workbench.open([UNKNOWN]);
    before.workbench.map({ question: [0], document: [1] });
    await before.workbench.accept();
    before.letAnswer(false);
    void before.workbench.compare();
    await before.newestScorer();

    const stage = await started(store);
    await stage.workbench.resume();
    expect(stage.workbench.report.value).toMatchObject({ receipt: { dataset: { name: "mine.csv", questions: 1 } } });
  });

  it("compares nothing where the data cannot be read again", async () => {
    const store = new MemoryStore();
    const before = await compared(store);
    const session = (await before.store.session()) ?? expect.fail("nothing was kept");
    await store.keepSession({ ...session, files: [BROKEN], isFinished: false });
    const { workbench, scorers } = await started(store);
    await workbench.resume();
    expect(workbench.input.value).toMatchObject({ type: "rejected", name: "broken.csv" });
    expect(scorers).toHaveLength(0);
  });

  it("forgets what is not wanted", async () => {
    const store = new MemoryStore();
    await atSecondQuestion(await started(store));
    const { workbench } = await started(store);
    await workbench.forgetUnfinished();
    expect(workbench.unfinished.value).toBeUndefined();
    expect((await started(store)).workbench.unfinished.value).toBeUndefined();
  });

  it("offers the newer of two, for only the last is kept", async () => {
    const store = new MemoryStore();
    const first = await started(store);
    await use(first, given("first.csv"));
    await atSecondQuestion(first);
    const second = await started(store);
    await atSecondQuestion(second);
    expect(second.workbench.unfinished.value).toBeUndefined();
    expect((await started(store)).workbench.unfinished.value).toMatchObject({ files: [{ path: "sample.csv" }] });
  });
});
