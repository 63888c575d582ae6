import { describe, expect, it } from "vitest";
import { RerankError } from "../core/errors.ts";
import type { PairScorer, PairScores } from "../core/pair-scores.ts";
import { scoreTasks, type KeptScore, type ScoreStore, type ScoringTask } from "./scoring.ts";

/** Scores a document by its number; long ones have two windows. */
class CountingScorer implements PairScorer {
  readonly calls: (readonly string[])[] = [];
  #clock = 0;
  readonly now = (): number => this.#clock;
  failAt = Number.POSITIVE_INFINITY;

  scorePairs(_: string, documents: readonly string[]): Promise<PairScores> {
    this.calls.push(documents);
    if (this.calls.length >= this.failAt) return Promise.reject(new RerankError("worker-crashed", ""));
    this.#clock += 10 * documents.length;
    const windows = documents.map((text) => (text.startsWith("long") ? [Number(text.slice(4)), 0] : [Number(text)]));
    return Promise.resolve({
      logits: Float32Array.from(windows.flat()),
      windows: Uint8Array.from(windows, ({ length }) => length),
      truncated: new Uint8Array(documents.length),
    });
  }
}

class MemoryStore implements ScoreStore {
  readonly kept = new Map<string, KeptScore>();

  read(scope: string, keys: readonly string[]): Promise<readonly (KeptScore | undefined)[]> {
    return Promise.resolve(keys.map((key) => this.kept.get(`${scope} ${key}`)));
  }

  write(scope: string, scores: ReadonlyMap<string, KeptScore>): Promise<void> {
    for (const [key, score] of scores) this.kept.set(`${scope} ${key}`, score);
    return Promise.resolve();
  }
}

async function* tasksOf(...lists: readonly (readonly string[])[]): AsyncIterable<ScoringTask> {
  for (const [at, documents] of lists.entries()) {
    await Promise.resolve();
    yield {
      questionId: `q${String(at)}`,
      query: "q",
      documents,
      pairKeys: documents.map((text) => `${String(at)}/${text}`),
    };
  }
}

const request = (scorer: CountingScorer, store: ScoreStore, ...lists: readonly (readonly string[])[]) => ({
  tasks: tasksOf(...lists),
  total: lists.length,
  scorer,
  store,
  scope: "m",
  windows: true,
  now: scorer.now,
});

describe("scoreTasks", () => {
  it("scores each question, its windows in order, and takes the time without the warm-up", async () => {
    const scorer = new CountingScorer();
    const scored = await scoreTasks(request(scorer, new MemoryStore(), ["1", "long2", "3"], ["4"]));
    expect(scored.get("q0")).toEqual({
      logits: Float32Array.of(1, 2, 0, 3),
      windows: Uint8Array.of(1, 2, 1),
      truncated: new Uint8Array(3),
      ms: 30,
    });
    expect(scored.get("q1")?.ms).toBe(10);
    // The first question twice.
    expect(scorer.calls.map(({ length }) => length)).toEqual([3, 3, 1]);
  });

  it("goes on after a crash without scoring anything twice, and gives the same as in one go", async () => {
    const lists = [["1", "2"], ["3", "long4"], ["5"]];
    const whole = await scoreTasks(request(new CountingScorer(), new MemoryStore(), ...lists));
    const store = new MemoryStore();
    const crashing = new CountingScorer();
    crashing.failAt = 3;
    await expect(scoreTasks(request(crashing, store, ...lists))).rejects.toMatchObject({ code: "worker-crashed" });
    const scorer = new CountingScorer();
    const told: number[] = [];
    const resumed = await scoreTasks({
      ...request(scorer, store, ...lists),
      onProgress: ({ reused }) => told.push(reused),
    });
    expect(resumed).toEqual(whole);
    expect(scorer.calls.flat()).toEqual(["3", "long4", "3", "long4", "5"]);
    expect(told).toEqual([1, 1, 1]);
  });

  it("scores only candidates that are new when more are asked for", async () => {
    const store = new MemoryStore();
    await scoreTasks(request(new CountingScorer(), store, ["1", "2"]));
    const scorer = new CountingScorer();
    const scored = await scoreTasks(request(scorer, store, ["1", "2", "3"]));
    expect(scorer.calls).toEqual([["3"], ["3"]]);
    expect(scored.get("q0")?.logits).toEqual(Float32Array.of(1, 2, 3));
  });

  it("keeps scopes apart, and needs no scorer where all is known or there is nothing to score", async () => {
    const store = new MemoryStore();
    await scoreTasks(request(new CountingScorer(), store, ["1"]));
    const other = new CountingScorer();
    await scoreTasks({ ...request(other, store, ["1"]), scope: "n" });
    expect(other.calls).toHaveLength(2);
    const idle = new CountingScorer();
    await scoreTasks(request(idle, store, ["1"], []));
    expect(idle.calls).toHaveLength(0);
  });

  it("stops between two questions, with what was scored kept", async () => {
    const [scorer, store, stop] = [new CountingScorer(), new MemoryStore(), new AbortController()];
    const running = scoreTasks({
      ...request(scorer, store, ["1"], ["2"], ["3"]),
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done === 2) stop.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ code: "aborted" });
    expect([...store.kept.keys()]).toEqual(["m 0/1", "m 1/2"]);
  });
});
