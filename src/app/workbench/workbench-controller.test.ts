import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RerankError } from "../../core/errors.ts";
import type { GivenFile } from "../../eval/dataset-protocol.ts";
import {
  defer,
  given,
  LARGE,
  MemoryStore,
  MINI,
  workbenchStage,
  type WorkbenchStage,
} from "../testing/workbench-stage.ts";
import type { InputState, RunState } from "./workbench-state.ts";

const FAQ = given("faq.csv", "question,document\n배터리 보관,배터리 보관 방법\n환불 기한,환불은 7일 안에\n");
const UNKNOWN = given("mine.csv", "물어본 것,글\n배터리 보관,배터리 보관 방법\n");
const BROKEN = given("broken.csv", "");
/** Three questions, and once more the first one to warm up. */
const CALLS = ["질문 하나", "질문 하나", "질문 둘", "질문 셋"];
const CRASH = new RerankError("worker-crashed", "");

async function started(store?: MemoryStore): Promise<WorkbenchStage> {
  const stage = workbenchStage(store);
  await stage.workbench.start();
  return stage;
}

async function compared(store?: MemoryStore): Promise<WorkbenchStage> {
  const stage = await started(store);
  await stage.workbench.compare();
  return stage;
}

async function use({ workbench }: WorkbenchStage, file: GivenFile): Promise<void> {
  await workbench.open([file]);
  await workbench.accept();
}

/** A comparison that has scored its first question and waits for the second. */
async function atSecondQuestion(stage: WorkbenchStage): Promise<{ readonly run: Promise<void> }> {
  stage.letAnswer(false);
  const run = stage.workbench.compare();
  (await stage.newestScorer()).ready();
  for (const call of [1, 2]) (await stage.nextCall(call)).answer();
  await stage.nextCall(3);
  return { run };
}

const nameInUse = ({ workbench }: WorkbenchStage) => workbench.dataset.value?.facts.name;
const metricOf = ({ workbench }: WorkbenchStage) => workbench.report.value?.judgement.metric;
const queriesOf = ({ scorers }: WorkbenchStage) => scorers.map(({ calls }) => calls.map(({ query }) => query));

function watched<T>(observable: { readonly value: T; subscribe(listener: () => void): () => void }): T[] {
  const seen: T[] = [];
  observable.subscribe(() => seen.push(observable.value));
  return seen;
}

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
    await Promise.all([workbench.open([UNKNOWN]), workbench.open([FAQ])]);
    expect(workbench.input.value).toMatchObject({ type: "preview", summary: { name: "faq.csv" } });
    await workbench.accept();
    expect(nameInUse(stage)).toBe("faq.csv");
  });

  it("are the file that was shown, though an older sample arrives before it is read", async () => {
    const sample = defer<GivenFile>();
    const stage = workbenchStage(undefined, () => sample.promise);
    const { workbench } = stage;
    const start = workbench.start();
    await vi.waitFor(async () => {
      await workbench.open([FAQ]);
    });
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
    expect([...new Set(states.map((state) => ("model" in state ? `${state.type} ${state.model.name}` : state.type)))])
      // prettier-ignore
      .toEqual(["loading Sunwi mini", "scoring Sunwi mini", "loading Large", "scoring Large", "judging", "idle"]);
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
    expect(await workbench.trecRun("first-stage")).toMatch(/^a Q0 d1 1 3 sunwi-first-stage/);
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
    const { workbench, datasets } = stage;
    await workbench.open([FAQ]);
    const gate = datasets.hold("use");
    const read = workbench.accept();
    const run = workbench.compare();
    stage.letAnswer(false);
    gate.open();
    await read;
    stage.letAnswer(true);
    await run;
    expect(nameInUse(stage)).toBe("faq.csv");
    expect(workbench.run.value).toEqual({ type: "idle" });
    expect(workbench.report.value).toBeUndefined();
    expect(workbench.questions.value).toEqual([]);
    await workbench.compare();
    expect(workbench.report.value).toMatchObject({ receipt: { dataset: { name: "faq.csv", questions: 2 } } });
  });
});

describe("another metric", () => {
  it("judges again without scoring", async () => {
    const stage = await compared();
    stage.workbench.change({ metric: "nDCG@10" });
    await vi.waitFor(() => {
      expect(metricOf(stage)).toBe("nDCG@10");
    });
    expect(stage.scorers).toHaveLength(1);
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
    await workbench.openQuestion(0);
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
    await workbench.compare();
    expect(workbench.run.value).toEqual({ type: "idle" });
    expect(workbench.report.value).toMatchObject({ receipt: { dataset: { name: "faq.csv" } } });
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

describe("a question", () => {
  it("opens with every order, and closes", async () => {
    const { workbench } = await compared();
    await workbench.openQuestion(0);
    const { orders } = workbench.opened.value ?? expect.fail("nothing is open");
    expect(orders.question).toMatchObject({ id: "a", text: "질문 하나" });
    expect(orders.orders.map(({ documents }) => documents.map(({ id }) => id))).toEqual([
      ["d1", "d2"],
      ["d2", "d1"],
      ["d1", "d2"],
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
