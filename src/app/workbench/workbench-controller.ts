import { throwIfAborted } from "../../core/errors.ts";
import type { ColumnMapping } from "../../eval/columns.ts";
import type { DataSuspicion } from "../../eval/data-checks.ts";
import type { GivenFile, InputSummary, QuestionLine, QuestionOrders } from "../../eval/dataset-protocol.ts";
import type { WorkbenchReport } from "../../eval/workbench-report.ts";
import { failureOf, isExpectedEnd } from "../failures.ts";
import type { ModelChoice } from "../models.ts";
import { Observable } from "../observable.ts";
import { STANDARD_SETTINGS, type WorkbenchSettings } from "./workbench-settings.ts";
import { judgeModels, scoreModels } from "./compare-models.ts";
import type { RemoteModels } from "./remote-models.ts";
import type { DatasetInUse, InputState, RunState, ScoredRun, WorkbenchEnvironment } from "./workbench-state.ts";
import type { KeptSession } from "./workbench-store.ts";

/** Any data, any models, and what they are worth on it. */
export class WorkbenchController {
  readonly input = new Observable<InputState>({ type: "none" });
  readonly dataset = new Observable<DatasetInUse | undefined>(undefined);
  readonly settings = new Observable<WorkbenchSettings>(STANDARD_SETTINGS);
  readonly models = new Observable<readonly ModelChoice[]>([]);
  readonly run = new Observable<RunState>({ type: "idle" });
  readonly report = new Observable<WorkbenchReport | undefined>(undefined);
  readonly questions = new Observable<readonly QuestionLine[]>([]);
  readonly suspicions = new Observable<readonly DataSuspicion[]>([]);
  /** The question that is open, by its position. */
  readonly opened = new Observable<{ readonly question: number; readonly orders: QuestionOrders } | undefined>(
    undefined,
  );
  readonly earlier = new Observable<readonly WorkbenchReport[]>([]);
  /** A run that a reload interrupted. */
  readonly unfinished = new Observable<KeptSession | undefined>(undefined);
  readonly remote: RemoteModels;
  readonly #environment: WorkbenchEnvironment;
  /** What the data set in use was read from. */
  #given: Pick<KeptSession, "files" | "mapping"> = { files: [] };
  #running = new AbortController();
  #judging = new AbortController();
  #newestInput = 0;
  #newestQuestion = 0;
  #scored: ScoredRun = { models: [], settings: STANDARD_SETTINGS };
  /** The report of what was judged last. */
  #current: WorkbenchReport | undefined;
  #started: Promise<void> | undefined;

  constructor(environment: WorkbenchEnvironment, embedded: ModelChoice) {
    this.#environment = environment;
    this.remote = environment.remote;
    this.models.set([embedded]);
  }

  /** Takes the bundled questions into use, unless there is something else; the first call counts. */
  start(): Promise<void> {
    return (this.#started ??= this.#start());
  }

  async #start(): Promise<void> {
    this.earlier.set(await this.#environment.store.reports());
    const session = await this.#environment.store.session();
    if (session !== undefined && !session.isFinished) this.unfinished.set(session);
    // Something may have been opened while the browser looked up what it keeps.
    if (this.#newestInput === 0) await this.useSample();
  }

  async useSample(): Promise<void> {
    await this.#take(async () => [await this.#environment.fetchSample()], "sample");
  }

  /** Recognises files and shows what would be done with them. */
  async open(files: readonly GivenFile[]): Promise<void> {
    await this.#take(() => Promise.resolve(files), "preview");
  }

  /** Another meaning of the columns that are shown. */
  map(mapping: ColumnMapping): void {
    const input = this.input.value;
    if (input.type === "preview") this.input.set({ ...input, mapping });
  }

  /** Reads what is shown, and takes it into use. */
  async accept(): Promise<void> {
    const input = this.input.value;
    if (input.type !== "preview") return;
    await this.#use(input.files, input.summary, input.mapping, false, ++this.#newestInput);
  }

  /** Leaves the data set in use as it is. */
  dismiss(): void {
    this.#newestInput += 1;
    this.input.set({ type: "none" });
  }

  change(settings: Partial<WorkbenchSettings>): void {
    const old = this.settings.value;
    this.settings.set({ ...old, ...settings });
    // Another metric needs no scoring; more candidates or windows do. A run that is being judged sees it by itself.
    const isOther = settings.metric !== undefined && settings.metric !== old.metric;
    if (isOther && this.run.value.type !== "judging") void this.#judgeAgain();
  }

  toggle(model: ModelChoice): void {
    const others = this.models.value.filter(({ url }) => url !== model.url);
    this.models.set(others.length < this.models.value.length ? others : [...others, model]);
  }

  /** Scores what is not scored yet, model by model, and judges all of them. What is scored is kept at once. */
  async compare(): Promise<void> {
    const [chosen, settings] = [this.models.value, this.settings.value];
    const { facts } = this.dataset.value ?? {};
    if (facts === undefined || chosen.length === 0) return;
    this.pause();
    this.#running = new AbortController();
    const { signal } = this.#running;
    const show = (state: RunState): void => {
      if (!signal.aborted) this.run.set(state);
    };
    try {
      const models = await this.remote.permitted(chosen, { facts, settings }, signal);
      if (models.length === 0) return;
      // Takes the place of an older one, which can no longer be offered.
      await this.#keepSession(false);
      this.unfinished.set(undefined);
      const run = { questions: facts.questions, signal, show };
      this.#scored = await scoreModels(this.#environment, models, settings, run);
      show({ type: "judging" });
      await this.#judge(true);
      throwIfAborted(signal);
      show({ type: "idle" });
      await this.#keepSession(true);
    } catch (error) {
      if (!isExpectedEnd(error)) show({ type: "failed", error: failureOf(error) });
    }
  }

  pause(): void {
    this.#running.abort();
    const { type } = this.run.value;
    if (type === "judging") this.#judging.abort();
    if (type === "loading" || type === "scoring" || type === "judging") this.run.set({ type: "paused" });
  }

  /** Goes on with the run that a reload interrupted: its data, its models, its settings. */
  async resume(): Promise<void> {
    const session = this.unfinished.value;
    if (session === undefined) return;
    this.unfinished.set(undefined);
    this.settings.set(session.settings);
    this.models.set(session.models);
    const taken = await this.#take(() => Promise.resolve(session.files), "use", session.mapping);
    if (taken) await this.compare();
  }

  async forgetUnfinished(): Promise<void> {
    this.unfinished.set(undefined);
    await this.#environment.store.forgetSession();
  }

  async openQuestion(question: number): Promise<void> {
    const request = ++this.#newestQuestion;
    try {
      const orders = await this.#environment.datasets.orders(question);
      if (request === this.#newestQuestion) this.opened.set({ question, orders });
    } catch (error) {
      // A worker that started anew has judged nothing; comparing again mends that.
      if (request === this.#newestQuestion) this.run.set({ type: "failed", error: failureOf(error) });
    }
  }

  closeQuestion(): void {
    this.#newestQuestion += 1;
    this.opened.set(undefined);
  }

  /** The TREC run of a row of what was judged last. */
  async trecRun(key: string, tag: string): Promise<string> {
    return await this.#environment.datasets.trecRun(key, tag);
  }

  /** Whether questions and orders are those of this report, or of the one that was kept of it. */
  isCurrent({ receipt }: WorkbenchReport): boolean {
    return receipt.createdAt === this.#current?.receipt.createdAt;
  }

  showEarlier(report: WorkbenchReport): void {
    this.closeQuestion();
    this.report.set(report);
  }

  async dropEarlier(report: WorkbenchReport): Promise<void> {
    await this.#environment.store.dropReport(report.receipt.createdAt);
    this.earlier.set(this.earlier.value.filter((other) => other !== report));
  }

  /**
   * Opens files, and takes them into use where nothing is to be asked: the sample, and what was in use before.
   * @returns whether they are in use
   */
  async #take(
    give: () => Promise<readonly GivenFile[]>,
    how: "sample" | "use" | "preview",
    mapping?: ColumnMapping,
  ): Promise<boolean> {
    const request = ++this.#newestInput;
    const isCurrent = (): boolean => request === this.#newestInput;
    let name = "";
    try {
      const files = await give();
      name = files[0]?.path.split("/")[0] ?? "";
      // What is opened last is what will be used: nothing overtaken may reach that far.
      if (!isCurrent()) return false;
      this.input.set({ type: "opening", name });
      const summary = await this.#environment.datasets.open(files);
      if (!isCurrent()) return false;
      const meaning = mapping ?? (summary.type === "table" ? summary.mapping : {});
      if (how !== "preview") return await this.#use(files, summary, meaning, how === "sample", request);
      this.input.set({ type: "preview", files, summary, mapping: meaning });
      return false;
    } catch (error) {
      if (isCurrent()) this.input.set({ type: "rejected", name, error: failureOf(error) });
      return false;
    }
  }

  async #use(
    files: readonly GivenFile[],
    summary: InputSummary,
    mapping: ColumnMapping,
    isSample: boolean,
    request: number,
  ): Promise<boolean> {
    const { name } = summary;
    const show = (state: InputState): void => {
      if (request === this.#newestInput) this.input.set(state);
    };
    this.pause();
    show({ type: "reading", name });
    try {
      const meaning = summary.type === "table" ? { mapping } : {};
      const facts = await this.#environment.datasets.use(meaning, (progress) => {
        show({ type: "reading", name, progress });
      });
      this.#leaveData();
      this.#given = { files, ...meaning };
      this.dataset.set({ facts, isSample });
      show({ type: "none" });
      return true;
    } catch (error) {
      show({ type: "rejected", name, error: failureOf(error) });
      return false;
    }
  }

  /** Ends and forgets what was of the former data, what began while the next were read included. */
  #leaveData(): void {
    this.#running.abort();
    this.#judging.abort();
    this.#scored = { models: [], settings: STANDARD_SETTINGS };
    this.#current = undefined;
    this.report.set(undefined);
    this.closeQuestion();
    this.questions.set([]);
    this.suspicions.set([]);
    this.run.set({ type: "idle" });
  }

  /** @throws RerankError `aborted` where a newer judgement, or other data, came between */
  async #judge(isNew: boolean): Promise<void> {
    this.#judging.abort();
    this.#judging = new AbortController();
    const { signal } = this.#judging;
    const { metric } = this.settings.value;
    const facts = this.dataset.value?.facts;
    if (facts === undefined) return;
    const choice = isNew ? { metric } : { metric, known: this.suspicions.value };
    const judging = judgeModels(this.#environment, facts, this.#scored, choice);
    // Neither the value nor the error of what was overtaken counts.
    const { report, questions, suspicions } = await judging.finally(() => {
      throwIfAborted(signal);
    });
    this.questions.set(questions);
    this.suspicions.set(suspicions);
    this.closeQuestion();
    this.#current = report;
    this.report.set(report);
    if (!isNew) return;
    await this.#environment.store.keepReport(report);
    this.earlier.set(await this.#environment.store.reports());
    if (!signal.aborted && this.settings.value.metric !== metric) await this.#judge(false);
  }

  async #judgeAgain(): Promise<void> {
    if (this.#scored.models.length === 0) return;
    try {
      await this.#judge(false);
    } catch (error) {
      if (!isExpectedEnd(error)) this.run.set({ type: "failed", error: failureOf(error) });
    }
  }

  async #keepSession(isFinished: boolean): Promise<void> {
    const [settings, models] = [this.settings.value, this.models.value];
    await this.#environment.store.keepSession({ ...this.#given, settings, models, isFinished });
  }
}
