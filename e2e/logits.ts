import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { DeviceChoice } from "../src/core/protocol.ts";
import { PROJECT_ROOT } from "./build-page.ts";

export interface ReferencePair {
  readonly query: string;
  readonly document: string;
  /** What PyTorch gives in fp32. */
  readonly logit: number;
}

/** Pairs with PyTorch's logits; compiler/README.md names the command that made them. */
export function referencePairs(): readonly ReferencePair[] {
  const path = join(PROJECT_ROOT, "compiler/fixtures/mini-reference.json");
  return (JSON.parse(readFileSync(path, "utf8")) as { pairs: readonly ReferencePair[] }).pairs;
}

/** Logits of the mini model: of each pair alone, and of its query's documents and all others in one call. */
export function scoreReference(page: Page, device: DeviceChoice, pairs: readonly ReferencePair[]) {
  return page.evaluate(
    async ({ device, pairs }) => {
      const reranker = new window.sunwi.WorkerReranker({ name: "sunwi-mini", modelUrl: "models/mini/", device });
      const model = await reranker.load();
      const alone: number[] = [];
      for (const { query, document } of pairs) {
        const [only] = await reranker.rerank(query, [{ text: document }]);
        alone.push(only?.logit ?? Number.NaN);
      }
      const query = pairs[0]?.query ?? "";
      const together = new Array<number>(pairs.length).fill(Number.NaN);
      const documents = pairs.map(({ document }) => ({ text: document }));
      for (const { index, logit } of await reranker.rerank(query, documents)) together[index] = logit;
      const oneByOne: number[] = [];
      for (const document of documents) {
        const [only] = await reranker.rerank(query, [document]);
        oneByOne.push(only?.logit ?? Number.NaN);
      }
      await reranker.dispose();
      return { model, alone, together, oneByOne };
    },
    { device, pairs },
  );
}

export function absoluteErrors(actual: readonly number[], expected: readonly number[]): { mean: number; max: number } {
  const errors = actual.map((value, index) => Math.abs(value - (expected[index] ?? Number.NaN)));
  return { mean: errors.reduce((sum, error) => sum + error, 0) / errors.length, max: Math.max(...errors) };
}
