import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RerankError } from "../core/errors.ts";
import { rankDocuments } from "../core/ranking.ts";
import type { RankedDocument, RerankDocument } from "../core/types.ts";
import type { LibraryRerankOptions } from "../library/loaded-reranker.ts";
import { rerankHits, type HitReranker, type HitsResult, type RerankHitsOptions } from "./hits.ts";
import { WordReranker } from "./testing/word-reranker.ts";

interface Hit {
  readonly title: string;
  readonly points?: unknown;
}
const QUERY = "환불 기한";
const HITS: readonly Hit[] = [{ title: "배송" }, { title: "환불" }, { title: "환불 기한" }];
const text = ({ title }: Hit): string => title;

/** Answers when the test says so, and with what it says. */
class ToldReranker implements HitReranker {
  readonly calls: {
    readonly documents: readonly (string | RerankDocument)[];
    readonly options?: LibraryRerankOptions;
  }[] = [];
  msPerPair: number | undefined;
  answer: (results: readonly RankedDocument[]) => void = () => undefined;
  fail: (error: unknown) => void = () => undefined;

  rerank(
    _query: string,
    documents: readonly (string | RerankDocument)[],
    options?: LibraryRerankOptions,
  ): Promise<readonly RankedDocument[]> {
    this.calls.push({ documents, ...(options && { options }) });
    return new Promise((resolve, reject) => {
      this.answer = resolve;
      this.fail = reject;
    });
  }
}

/** As a reranker would rank documents of these logits. */
function ranked(...logits: readonly number[]): readonly RankedDocument[] {
  return rankDocuments({ documents: logits.map(() => ({ text: "" })), logits, truncated: logits.map(() => 0) });
}

function listeners() {
  return { onResult: vi.fn<(result: HitsResult<Hit>) => void>(), onError: vi.fn<(error: RerankError) => void>() };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("hits come back best first, and what was found is told", async () => {
  const told = listeners();
  const after = await rerankHits(new WordReranker(), QUERY, HITS, { text, blend: "none", ...told });
  expect(after).toEqual([HITS[2], HITS[1], HITS[0]]);
  expect(told.onError).not.toHaveBeenCalled();
  expect(told.onResult).toHaveBeenCalledExactlyOnceWith({
    query: QUERY,
    before: HITS,
    after,
    results: [expect.objectContaining({ index: 2, logit: 2 }), expect.anything(), expect.anything()],
    ms: expect.any(Number) as number,
    applied: true,
  });
});

test.each<[string, Partial<RerankHitsOptions<Hit>>, LibraryRerankOptions["blend"], (number | undefined)[]]>([
  ["hits come in an order, and are blended with it", {}, "list", [undefined, undefined]],
  ["scores are passed on, where all hits have one", { score: (hit) => hit.points }, "scores", [3, 2]],
  [
    "they are not where one has none",
    { score: (hit) => (hit.title === "가" ? 3 : undefined) },
    "list",
    [undefined, undefined],
  ],
  ["or the caller says", { score: (hit) => hit.points, blend: "none" }, "none", [3, 2]],
])("%s", async (_, options, blend, scores) => {
  const reranker = new WordReranker();
  const hits = [
    { title: "가", points: 3 },
    { title: "나", points: 2 },
  ];
  await rerankHits(reranker, QUERY, hits, { text, ...options });
  expect(reranker.calls[0]?.options.blend).toBe(blend);
  expect(reranker.calls[0]?.documents.map(({ score }) => score)).toEqual(scores);
});

test("hits below the top are not read and stay below", async () => {
  const reranker = new WordReranker();
  const after = await rerankHits(reranker, QUERY, HITS, { text, blend: "none", top: 2, maxTokensPerDoc: 9 });
  expect(after).toEqual([HITS[1], HITS[0], HITS[2]]);
  expect(reranker.calls).toMatchObject([
    { documents: [{ text: "배송" }, { text: "환불" }], options: { maxTokensPerDoc: 9 } },
  ]);
});

test("at the end of the budget hits come back as they are, and the order is told when it comes", async () => {
  const reranker = new ToldReranker();
  const told = listeners();
  const running = rerankHits(reranker, QUERY, HITS, { text, budgetMs: 300, ...told });
  await vi.advanceTimersByTimeAsync(299);
  let settled: unknown;
  void running.then((value) => (settled = value));
  await vi.advanceTimersByTimeAsync(0);
  expect(settled).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(settled).toBe(HITS);
  reranker.answer(ranked(0, 1, 2));
  await vi.advanceTimersByTimeAsync(0);
  expect(told.onResult).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ applied: false }));
  expect(told.onResult.mock.calls[0]?.[0].after[0]).toBe(HITS[2]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a budget may be longer than timers can be", async () => {
  const reranker = new ToldReranker();
  const running = rerankHits(reranker, QUERY, HITS, { text, budgetMs: Number.POSITIVE_INFINITY });
  await vi.advanceTimersByTimeAsync(60_000);
  reranker.answer(ranked(0, 1, 2));
  expect((await running)[0]).toBe(HITS[2]);
  expect(vi.getTimerCount()).toBe(0);
});

test("an abort returns the hits at once, though the reranker goes on", async () => {
  const reranker = new ToldReranker();
  const told = listeners();
  const controller = new AbortController();
  const running = rerankHits(reranker, QUERY, HITS, { text, signal: controller.signal, ...told });
  expect(reranker.calls[0]?.options?.signal).toBe(controller.signal);
  controller.abort();
  expect(await running).toBe(HITS);
  reranker.answer(ranked(0, 1, 2));
  await vi.advanceTimersByTimeAsync(0);
  expect(told.onResult).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ applied: false }));
  expect(await rerankHits(reranker, QUERY, HITS, { text, signal: controller.signal, ...told })).toBe(HITS);
  expect(told.onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: "aborted" }));
  expect(reranker.calls).toHaveLength(1);
});

test.each<[string, unknown, Partial<RerankError>]>([
  ["an error of ours as it is", new RerankError("model-download", "404"), { code: "model-download", message: "404" }],
  [
    "another with its message",
    new Error("out of memory"),
    { code: "inference", message: "The hits keep their order: out of memory" },
  ],
  ["whatever was thrown", "oops", { code: "inference", message: "The hits keep their order: oops" }],
])("a failure leaves the hits and is told: %s", async (_, thrown, expected) => {
  const reranker = new ToldReranker();
  const told = listeners();
  const running = rerankHits(reranker, QUERY, HITS, { text, ...told });
  reranker.fail(thrown);
  expect(await running).toBe(HITS);
  expect(told.onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(expected));
  expect(told.onResult).not.toHaveBeenCalled();
});

test("a hit without a text is a failure like any other", async () => {
  const told = listeners();
  const hits = [{ title: "가" }, {} as Hit];
  expect(await rerankHits(new WordReranker(), QUERY, hits, { text, ...told })).toBe(hits);
  expect(told.onError).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({
      code: "invalid-input",
      message: "Nothing was reranked: the text of hit 1 is not a string.",
    }),
  );
});

test("a listener that throws changes nothing, and its error is reported", async () => {
  const reported = vi.spyOn(globalThis, "queueMicrotask").mockImplementation(() => undefined);
  const onResult = (): never => {
    throw new Error("theirs");
  };
  const after = await rerankHits(new WordReranker(), QUERY, HITS, { text, blend: "none", onResult });
  expect(after[0]).toBe(HITS[2]);
  expect(reported.mock.calls[0]?.[0]).toThrow("theirs");
  reported.mockRestore();
});

test.each<[string, string, readonly Hit[]]>([
  ["an empty query", " ", HITS],
  ["no hits", QUERY, []],
  ["a single hit", QUERY, HITS.slice(0, 1)],
])("nothing is read for %s", async (_, query, hits) => {
  const reranker = new WordReranker();
  expect(await rerankHits(reranker, query, hits, { text })).toBe(hits);
  expect(reranker.calls).toEqual([]);
});

test("a known pace decides how many hits are read, and whether any", async () => {
  const reranker = new ToldReranker();
  const hits = Array.from({ length: 30 }, (_, at) => ({ title: String(at) }));
  const running = (msPerPair: number, count = 30): Promise<readonly Hit[]> => {
    reranker.msPerPair = msPerPair;
    return rerankHits(reranker, QUERY, hits.slice(0, count), { text, budgetMs: 1000 });
  };
  void running(10);
  void running(100);
  void running(300, 3);
  await running(201);
  expect(reranker.calls.map(({ documents }) => documents.length)).toEqual([20, 10, 3]);
  await vi.runAllTimersAsync();
});

test("whatever a reranker answers, the hits are the same ones, each once", async () => {
  const results = fc.array(fc.record({ index: fc.integer({ min: -2, max: 12 }) }));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 10 }), results, async (count, answer) => {
      const hits = Array.from({ length: count }, (_, at) => ({ title: String(at) }));
      const reranker = new ToldReranker();
      const running = rerankHits(reranker, QUERY, hits, { text });
      reranker.answer(answer as unknown as readonly RankedDocument[]);
      const after = await running;
      expect(new Set(after)).toEqual(new Set(hits));
      expect(after).toHaveLength(count);
    }),
  );
});
