import type { ColumnMapping } from "../../eval/columns.ts";
import type { DataSuspicion } from "../../eval/data-checks.ts";
import type { GivenFile, InputSummary, QuestionLine, QuestionOrders } from "../../eval/dataset-protocol.ts";
import { recipesOf } from "../../eval/judging.ts";
import { newReport, type WorkbenchReport } from "../../eval/workbench-report.ts";
import { failureOf, isExpectedEnd } from "../failures.ts";
import type { ModelChoice } from "../models.ts";
import { Observable } from "../observable.ts";
import { STANDARD_SETTINGS, type WorkbenchSettings } from "./workbench-settings.ts";
import {
  type DatasetInUse,
  type InputState,
  type RunState,
  type ScoredModel,
  type WorkbenchEnvironment,
} from "./workbench-state.ts";
import { scoreModel } from "./score-model.ts";
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
  readonly #environment: WorkbenchEnvironment;
  #files: readonly GivenFile[] = [];
  #mapping: ColumnMapping | undefined;
  #running = new AbortController();
  #newestInput = 0;
  #scored: readonly ScoredModel[] = [];
  /** The report of what was judged last. */
  #current: WorkbenchReport | undefined;
  #started: Promise<void> | undefined;

  constructor(environment: WorkbenchEnvironment, embedded: ModelChoice) {
    this.#environment = environment;
    this.models.set([embedded]);
  }

  /** Takes the bundled questions into use, unless there is something else; the first call counts. */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  async #start(): Promise<void> {
    this.earlier.set(await this.#environment.store.reports());
    const session = await this.#environment.store.session();
    if (session !== undefined && !session.isFinished) this.unfinished.set(session);
    await this.useSample();
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
    // Another metric needs no scoring; more candidates or windows do.
    if (settings.metric !== undefined && settings.metric !== old.metric) void this.#judgeAgain();
  }

  toggle(model: ModelChoice): void {
    const others = this.models.value.filter(({ url }) => url !== model.url);
    this.models.set(others.length < this.models.value.length ? others : [...others, model]);
  }

  /** Scores what is not scored yet, model by model, and judges all of them. What is scored is kept at once. */
  async compare(): Promise<void> {
    this.#running.abort();
    this.#running = new AbortController();
    const { signal } = this.#running;
    const models = this.models.value;
    const inUse = this.dataset.value;
    if (inUse === undefined || models.length === 0) return;
    await this.#keepSession(false);
    const scored: ScoredModel[] = [];
    try {
      for (const model of models) {
        const show = (state: RunState): void => {
          this.#show(signal, state);
        };
        const { questions } = inUse.facts;
        scored.push(await scoreModel(this.#environment, model, this.settings.value, { questions, signal, show }));
      }
      this.#scored = scored;
      this.#show(signal, { type: "judging" });
      await this.#judge(signal, true);
      await this.#keepSession(true);
      this.unfinished.set(undefined);
      this.#show(signal, { type: "idle" });
    } catch (error) {
      if (!isExpectedEnd(error)) this.#show(signal, { type: "failed", error: failureOf(error) });
    }
  }

  pause(): void {
    this.#running.abort();
    const { type } = this.run.value;
    if (type === "loading" || type === "scoring") this.run.set({ type: "paused" });
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
    const orders = await this.#environment.datasets.orders(question);
    this.opened.set({ question, orders });
  }

  closeQuestion(): void {
    this.opened.set(undefined);
  }

  /** The TREC run of a row. */
  async trecRun(key: string): Promise<string> {
    return await this.#environment.datasets.trecRun(key, `sunwi-${key}`);
  }

  /** Whether questions and orders are those of this report. */
  isCurrent(report: WorkbenchReport): boolean {
    return report === this.#current;
  }

  showEarlier(report: WorkbenchReport): void {
    this.opened.set(undefined);
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
      if (isCurrent()) this.input.set({ type: "opening", name });
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
    this.pause();
    this.input.set({ type: "reading", name });
    try {
      const used = summary.type === "table" ? mapping : undefined;
      const facts = await this.#environment.datasets.use(used === undefined ? {} : { mapping: used }, (progress) => {
        if (request === this.#newestInput) this.input.set({ type: "reading", name, progress });
      });
      this.#files = files;
      this.#mapping = used;
      this.#scored = [];
      this.report.set(undefined);
      this.opened.set(undefined);
      this.questions.set([]);
      this.suspicions.set([]);
      this.run.set({ type: "idle" });
      this.dataset.set({ facts, isSample });
      this.input.set({ type: "none" });
      return true;
    } catch (error) {
      this.input.set({ type: "rejected", name, error: failureOf(error) });
      return false;
    }
  }

  async #judge(signal: AbortSignal, isNew: boolean): Promise<void> {
    const { datasets, store, version, browser } = this.#environment;
    const { candidates, metric, windows } = this.settings.value;
    const facts = this.dataset.value?.facts;
    if (facts === undefined) return;
    const recipes = this.#scored.flatMap((model) => recipesOf(model.facts.key, model.blendWeight, windows));
    const judgement = await datasets.judge({ candidates, metric, recipes });
    const questions = await datasets.questions(candidates);
    const suspicions = isNew ? await datasets.check() : this.suspicions.value;
    if (signal.aborted) return;
    const models = this.#scored.map((model) => model.facts);
    const report = newReport(judgement, facts, { candidates, models, version, browser });
    this.questions.set(questions);
    this.suspicions.set(suspicions);
    this.opened.set(undefined);
    this.#current = report;
    this.report.set(report);
    if (!isNew) return;
    await store.keepReport(report);
    this.earlier.set(await store.reports());
  }

  async #judgeAgain(): Promise<void> {
    if (this.#scored.length === 0) return;
    const { signal } = new AbortController();
    try {
      await this.#judge(signal, false);
    } catch (error) {
      if (!isExpectedEnd(error)) this.#show(signal, { type: "failed", error: failureOf(error) });
    }
  }

  async #keepSession(isFinished: boolean): Promise<void> {
    await this.#environment.store.keepSession({
      files: this.#files,
      ...(this.#mapping !== undefined && { mapping: this.#mapping }),
      settings: this.settings.value,
      models: this.models.value,
      isFinished,
    });
  }

  #show(signal: AbortSignal, state: RunState): void {
    if (!signal.aborted) this.run.set(state);
  }
}
