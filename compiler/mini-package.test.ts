/** The package in public/models/mini, as the browser gets it, against PyTorch. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parseManifest, type ModelManifest } from "../src/model/manifest.ts";
import type { EncodedPair } from "../src/model/pair-encoding.ts";
import { compareLogits } from "./agreement.ts";
import { describeFiles } from "./file-facts.ts";
import { encodePairs, readGoldenPairs } from "./golden-pairs.ts";
import { OnnxSession } from "./onnx-session.ts";
import { countMismatches, readReference, type ReferencePair } from "./reference-file.ts";

const PACKAGE = join(import.meta.dirname, "../public/models/mini");

/** The design's goals, for logits of unit spread; these have a spread of 2, so they are kept with room to spare. */
const LIMITS = [
  { id: "webgpu", meanError: 0.02, kendallTau: 0.99 },
  { id: "wasm", meanError: 0.05, kendallTau: 0.98 },
] as const;

let manifest: ModelManifest;
let tokenizer: object;
let reference: readonly ReferencePair[];
let pairs: readonly EncodedPair[];
beforeAll(async () => {
  manifest = parseManifest(JSON.parse(await readFile(join(PACKAGE, "manifest.json"), "utf8")));
  tokenizer = JSON.parse(await readFile(join(PACKAGE, manifest.tokenizer), "utf8")) as object;
  reference = await readReference(join(import.meta.dirname, "fixtures/mini-reference.json"));
  pairs = encodePairs(tokenizer, manifest.input, reference);
});

const pytorchLogits = (): number[] => reference.map(({ logit }) => logit);

it("holds the files that its manifest describes", async () => {
  expect(await describeFiles(PACKAGE, Object.keys(manifest.files))).toEqual(manifest.files);
});

it("carries the golden pairs of this folder, with PyTorch's logits", async () => {
  const golden = await readGoldenPairs(join(import.meta.dirname, "golden-pairs.json"));
  expect(manifest.golden.map(({ query, document }) => ({ query, document }))).toEqual(golden);
  expect(reference.map(({ query, document }) => ({ query, document }))).toEqual(golden);
  const logits = manifest.golden.map(({ logit }) => logit);
  expect(compareLogits(logits, pytorchLogits()).maxError).toBeLessThanOrEqual(1e-4);
});

describe("tokenization", () => {
  it("gives PyTorch's token ids and token types", () => {
    expect(countMismatches(pairs, reference)).toEqual({ inputIds: 0, tokenTypeIds: 0 });
  });

  it("reads decomposed Hangul like composed", () => {
    const text = { query: "전자레인지에 넣으면 안 되는 그릇", document: "금속 그릇은 안 됩니다." };
    const apart = { query: text.query.normalize("NFD"), document: text.document.normalize("NFD") };
    expect(apart.query).not.toBe(text.query);
    const [composed, decomposed] = encodePairs(tokenizer, manifest.input, [text, apart]);
    expect(decomposed).toEqual(composed);
  });

  it("cuts long pairs to the limit and says so", () => {
    const lengths = pairs.map(({ inputIds }) => inputIds.length);
    expect(Math.max(...lengths)).toBe(manifest.input.maxTokens);
    expect(pairs.filter(({ truncated }) => truncated).length).toBeGreaterThan(0);
  });
});

describe.each(LIMITS)("the $id graph", ({ id, meanError, kendallTau }) => {
  let alone: number[];
  let together: number[];
  beforeAll(async () => {
    const variant = manifest.variants.find((candidate) => candidate.id === id);
    if (variant === undefined) throw new Error(`no variant ${id}`);
    const session = await OnnxSession.open(PACKAGE, variant, manifest.input);
    alone = await session.score(pairs, 1);
    together = await session.score(pairs, 8);
    await session.release();
  }, 60_000);

  it("agrees with PyTorch, one pair at a time and in padded batches of 8", () => {
    for (const logits of [alone, together]) {
      const agreement = compareLogits(logits, pytorchLogits());
      expect(agreement.meanError).toBeLessThanOrEqual(meanError);
      expect(agreement.kendallTau).toBeGreaterThanOrEqual(kendallTau);
    }
  });

  it("does not let a pair's batch-mates change its score", () => {
    expect(compareLogits(together, alone).maxError).toBeLessThanOrEqual(1e-4);
  });

  it("gives the logits that the manifest expects of it", () => {
    const expected = manifest.variants.find((variant) => variant.id === id)?.expectedLogits ?? [];
    expect(compareLogits(alone, expected).maxError).toBeLessThanOrEqual(1e-4);
  });
});
