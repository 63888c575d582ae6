import { WorkerReranker } from "../../src/client/worker-reranker.ts";
import { rankDocuments } from "../../src/core/ranking.ts";
import { Bm25FirstStage } from "../../src/retrieval/first-stage.ts";

export interface Pool {
  readonly name: string;
  readonly documents: readonly string[];
  readonly questions: readonly {
    readonly text: string;
    /** Indices of the documents that answer it. */
    readonly answers: readonly number[];
  }[];
}

export interface BlendTask {
  readonly modelUrl: string;
  /** URL of the pools, as JSON. */
  readonly inputUrl: string;
  readonly weights: readonly number[];
  /** Documents reranked per question. */
  readonly candidates: number;
}

/** Mean MRR@10 per pool: of the first stage alone, and blended with each weight. */
export interface FitTable {
  readonly pools: readonly string[];
  readonly firstStage: readonly number[];
  readonly byWeight: readonly (readonly number[])[];
}

/** Scores each pool's questions once and ranks their candidates with every weight. */
export async function compareWeights(task: BlendTask): Promise<FitTable> {
  const { modelUrl, inputUrl, weights } = task;
  const pools = (await (await fetch(inputUrl)).json()) as readonly Pool[];
  const reranker = new WorkerReranker({ name: "fit", modelUrl, device: "wasm" });
  const firstStageMeans: number[] = [];
  const meansByWeight = weights.map((): number[] => []);
  for (const pool of pools) {
    const sums = await sumReciprocalRanks(pool, reranker, task);
    firstStageMeans.push(sums.firstStage / pool.questions.length);
    sums.byWeight.forEach((sum, at) => meansByWeight[at]?.push(sum / pool.questions.length));
  }
  await reranker.dispose();
  return { pools: pools.map(({ name }) => name), firstStage: firstStageMeans, byWeight: meansByWeight };
}

async function sumReciprocalRanks(
  { documents, questions }: Pool,
  reranker: WorkerReranker,
  { weights, candidates: most }: BlendTask,
) {
  const search = new Bm25FirstStage(documents);
  const byWeight = weights.map(() => 0);
  let firstStage = 0;
  for (const { text, answers } of questions) {
    const candidates = search.search(text, most);
    firstStage += reciprocalRank(candidates.findIndex(({ index }) => answers.includes(index)));
    if (candidates.length === 0) continue;
    const listed = candidates.map(({ index, score }) => ({ text: documents[index] ?? "", score, id: String(index) }));
    const logits = new Float32Array(listed.length);
    for (const { index, logit } of await reranker.rerank(text, listed, { blend: false })) logits[index] = logit;
    weights.forEach((blendWeight, at) => {
      const order = rankDocuments({ documents: listed, logits, truncated: new Uint8Array(listed.length), blendWeight });
      byWeight[at] = (byWeight[at] ?? 0) + reciprocalRank(order.findIndex(({ id }) => answers.includes(Number(id))));
    });
  }
  return { firstStage, byWeight };
}

/** Of a position from 0 among the first 10; 0 elsewhere. */
function reciprocalRank(position: number): number {
  return position >= 0 && position < 10 ? 1 / (position + 1) : 0;
}
