/** The whole way, on a checkpoint of 2 layers × 32 that PyTorch has scored too. */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ModelManifest } from "../src/model/manifest.ts";
import { compareLogits } from "./agreement.ts";
import type { Family } from "./architecture.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { compileModel, type CompileOptions } from "./compile.ts";
import { encodePairs, readGoldenPairs, type TextPair } from "./golden-pairs.ts";
import { OnnxSession } from "./onnx-session.ts";
import { countMismatches, readReference } from "./reference-file.ts";
import { formatReport, type CompileReport } from "./report.ts";
import { referenceLogits } from "./testing/reference-forward.ts";
import {
  encodeSafetensors,
  tinyConfig,
  tinyTensors,
  tinyTokenizer,
  writeTinyCheckpoint,
} from "./testing/tiny-checkpoint.ts";

let folder: string;
let golden: readonly TextPair[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "compile-"));
  golden = await readGoldenPairs(join(import.meta.dirname, "testing/tiny-pairs.json"));
});
afterAll(() => rm(folder, { recursive: true }));

const about = { id: "tiny", name: "Tiny", licence: "MIT", source: { repository: "none", revision: "0" } };

function compile(checkpoint: string, output: string, options: Partial<CompileOptions> = {}): Promise<ModelManifest> {
  return compileModel({
    checkpointFolder: join(folder, checkpoint),
    outputFolder: join(folder, output),
    golden,
    about,
    ...options,
  });
}

const withoutSea = ({ query, document }: TextPair): TextPair => ({
  query: query.replaceAll("바다", "기차"),
  document: document.replaceAll("바다", "기차"),
});

describe.each<Family>(["sunwi-mini", "xlm-roberta"])("a %s checkpoint", (family) => {
  let manifest: ModelManifest;
  beforeAll(async () => {
    await writeTinyCheckpoint(join(folder, family), family);
    manifest = await compile(family, `${family}-package`);
  });

  const referencePairs = () => readReference(join(import.meta.dirname, `fixtures/tiny-${family}.json`));

  it("is read as PyTorch reads it: ids, token types, fp32 logits", async () => {
    const reference = await referencePairs();
    const pairs = encodePairs(tinyTokenizer(), manifest.input, reference);
    expect(countMismatches(pairs, reference)).toEqual({ inputIds: 0, tokenTypeIds: 0 });
    const logits = manifest.golden.map(({ logit }) => logit);
    expect(
      compareLogits(
        logits,
        reference.map(({ logit }) => logit),
      ).maxError,
    ).toBeLessThanOrEqual(1e-4);
  });

  it.each([
    ["webgpu", 0.02],
    ["wasm", 0.05],
  ])("gives a %s graph whose logits are off by %f at most on average", (id, limit) => {
    const variant = manifest.variants.find((candidate) => candidate.id === id);
    const logits = manifest.golden.map(({ logit }) => logit);
    expect(compareLogits(variant?.expectedLogits ?? [], logits).meanError).toBeLessThanOrEqual(limit);
  });

  it("scores a pair alike alone and in a padded batch", async () => {
    const pairs = encodePairs(tinyTokenizer(), manifest.input, golden);
    for (const variant of manifest.variants) {
      const session = await OnnxSession.open(join(folder, `${family}-package`), variant, manifest.input);
      const together = await session.score(pairs, pairs.length);
      await session.release();
      expect(compareLogits(together, variant.expectedLogits).maxError).toBeLessThanOrEqual(1e-4);
    }
  });

  it("compiles to the same bytes again", async () => {
    await compile(family, `${family}-again`);
    for (const file of await readdir(join(folder, `${family}-package`))) {
      const [first, second] = await Promise.all(
        [`${family}-package`, `${family}-again`].map((output) => readFile(join(folder, output, file))),
      );
      expect(first?.equals(second ?? new Uint8Array()), file).toBe(true);
    }
  });
});

it("stores what the manifest says of sizes and limits", async () => {
  await writeTinyCheckpoint(join(folder, "sizes"), "sunwi-mini");
  const { architecture, input, variants, files } = await compile("sizes", "sizes-package");
  expect(architecture).toMatchObject({ family: "sunwi-mini", layers: 2, hiddenSize: 32, vocabularySize: 55 });
  expect(input).toMatchObject({ middleSeparators: 1, maxTokens: 64, maxQueryTokens: 20, tokenTypes: "match-marks" });
  expect(variants.map(({ id }) => id)).toEqual(["webgpu", "wasm"]);
  expect(variants.map(({ precision }) => precision)).toEqual([
    "8-bit weights, 8-bit embeddings, fp32 activations",
    "8-bit weights, 8-bit embeddings, 8-bit activations per token",
  ]);
  expect(Object.keys(files).sort()).toEqual(
    ["shared.bin", "tokenizer.json", "wasm.bin", "wasm.onnx", "webgpu.bin", "webgpu.onnx"].sort(),
  );
});

it("scores in fp32 as the slow and obvious forward pass does", async () => {
  await writeTinyCheckpoint(join(folder, "slow"), "sunwi-mini");
  const manifest = await compile("slow", "slow-package");
  const checkpoint = await openCheckpoint(join(folder, "slow"));
  const pairs = encodePairs(tinyTokenizer(), manifest.input, manifest.golden);
  const slow = await referenceLogits(checkpoint.weights, checkpoint.architecture, manifest.input, pairs);
  await checkpoint.close();
  const logits = manifest.golden.map(({ logit }) => logit);
  expect(compareLogits(logits, slow).maxError).toBeLessThanOrEqual(5e-6);
});

it("quantizes nothing when asked for fp32: one graph for both devices, PyTorch's logits", async () => {
  await writeTinyCheckpoint(join(folder, "whole"), "xlm-roberta");
  const manifest = await compile("whole", "whole-package", { weights: "f32" });
  expect(manifest.variants.map(({ id, graph, weights }) => [id, graph, ...weights])).toEqual([
    ["webgpu", "f32.onnx", "shared.bin", "f32.bin"],
    ["wasm", "f32.onnx", "shared.bin", "f32.bin"],
  ]);
  const reference = await readReference(join(import.meta.dirname, "fixtures/tiny-xlm-roberta.json"));
  for (const { expectedLogits } of manifest.variants) {
    const logits = reference.map(({ logit }) => logit);
    expect(compareLogits(expectedLogits, logits).maxError).toBeLessThanOrEqual(1e-4);
  }
});

it("gives the same logits without the pieces that no golden pair needs", async () => {
  await writeTinyCheckpoint(join(folder, "trim"), "xlm-roberta");
  const foreign = JSON.stringify(tinyTokenizer()).replaceAll("▁바다", "▁море").replaceAll('"바다"', '"море"');
  await writeFile(join(folder, "trim/tokenizer.json"), foreign);
  const pairs = golden.filter(({ query, document }) => !(query + document).includes("바다"));
  const options = { golden: [...pairs, ...golden.slice(0, 2).map(withoutSea)] };
  const [all, trimmed] = [
    await compile("trim", "all-package", { ...options, vocabulary: "all" }),
    await compile("trim", "trim-package", { ...options, vocabulary: "ko-en" }),
  ];
  expect(all.architecture.vocabularySize - trimmed.architecture.vocabularySize).toBe(2);
  expect(all.architecture.parameters - trimmed.architecture.parameters).toBe(2 * 32);
  expect(trimmed.vocabulary).toBe("ko-en");
  expect(trimmed.golden).toEqual(all.golden);
  expect(trimmed.variants.map(({ expectedLogits }) => expectedLogits)).toEqual(
    all.variants.map(({ expectedLogits }) => expectedLogits),
  );
});

it("reads a checkpoint of several files like one of a single file", async () => {
  await writeTinyCheckpoint(join(folder, "single"), "xlm-roberta");
  const tensors = [...tinyTensors("xlm-roberta")];
  await mkdir(join(folder, "sharded"));
  for (const file of ["config.json", "tokenizer.json"]) {
    await copyFile(join(folder, "single", file), join(folder, "sharded", file));
  }
  const placeOf = (at: number): string => `model-0000${String((at % 2) + 1)}-of-00002.safetensors`;
  for (const first of [0, 1]) {
    const part = new Map(tensors.filter((_, at) => at % 2 === first));
    await writeFile(join(folder, "sharded", placeOf(first)), encodeSafetensors(part));
  }
  const index = { weight_map: Object.fromEntries(tensors.map(([name], at) => [name, placeOf(at)])) };
  await writeFile(join(folder, "sharded/model.safetensors.index.json"), JSON.stringify(index));
  const [one, two] = [await compile("single", "single-package"), await compile("sharded", "sharded-package")];
  expect(two).toEqual(one);

  await rm(join(folder, "sharded", placeOf(1)));
  await expect(compile("sharded", "lost-package")).rejects.toMatchObject({
    code: "invalid-input",
    message: expect.stringMatching(/lacks model-00002-of-00002.*Download it too/) as string,
  });
});

it("reports what quantization costs, layer by layer", async () => {
  await writeTinyCheckpoint(join(folder, "report"), "sunwi-mini");
  const reports: CompileReport[] = [];
  await compile("report", "report-package", { weights: "q4", eightBitLayers: [1], onReport: (it) => reports.push(it) });
  const [webgpu, wasm] = reports.flat();
  if (webgpu === undefined || wasm === undefined) throw new Error("no report");
  expect([webgpu.name, wasm.name]).toEqual(["webgpu", "wasm"]);
  const [four, eight] = webgpu.layers;
  if (four === undefined || eight === undefined) throw new Error("no layers");
  expect([four.layer, eight.layer]).toEqual([0, 1]);
  expect(four.weights.query).toBeGreaterThan(10 * eight.weights.query);
  expect(four.alone).toBeGreaterThan(eight.alone);
  expect(eight.accumulated).toBeGreaterThan(eight.alone);
  expect(formatReport(reports.flat())).toMatch(/webgpu: [\s\S]*Kendall tau/);
});

it("stops between layers when told to, and leaves no package", async () => {
  await writeTinyCheckpoint(join(folder, "stopped"), "sunwi-mini");
  const stop = new AbortController();
  const compiling = compile("stopped", "stopped-package", {
    signal: stop.signal,
    onProgress: ({ stage, done }) => {
      if (stage === "layers" && done === 1) stop.abort();
    },
  });
  await expect(compiling).rejects.toMatchObject({ code: "aborted" });
  expect((await readdir(folder)).filter((name) => name.startsWith("stopped-package"))).toEqual([]);
});

it("compiles embeddings and WebGPU weights of 4 bits too", async () => {
  await writeTinyCheckpoint(join(folder, "four"), "sunwi-mini");
  const { variants, golden: scored } = await compileModel({
    ...{ checkpointFolder: join(folder, "four"), outputFolder: join(folder, "four-package"), golden, about },
    weights: "q4",
  });
  const logits = scored.map(({ logit }) => logit);
  const error = compareLogits(variants[0]?.expectedLogits ?? [], logits);
  expect(error.meanError).toBeLessThanOrEqual(0.3);
  expect(error.meanError).toBeGreaterThan(0.02);
});

describe("a checkpoint that cannot be compiled says why", () => {
  async function compileBroken(change: (path: string) => Promise<void>, tensors = tinyTensors("sunwi-mini")) {
    const path = join(folder, "broken");
    await rm(path, { recursive: true, force: true });
    await writeTinyCheckpoint(path, "sunwi-mini", tensors);
    await change(path);
    return compile("broken", "broken-package");
  }
  const unchanged = (): Promise<void> => Promise.resolve();
  const withConfig = (changes: object) => (path: string) =>
    writeFile(join(path, "config.json"), JSON.stringify({ ...tinyConfig("sunwi-mini"), ...changes }));

  it.each(["config.json", "model.safetensors", "tokenizer.json"])("without %s", async (file) => {
    await expect(compileBroken((path) => rm(join(path, file)))).rejects.toMatchObject({
      code: "invalid-input",
      message: expect.stringContaining(`holds no ${file}`) as string,
    });
  });

  it("whose weights are pickled only", async () => {
    const pickled = async (path: string): Promise<void> => {
      await rename(join(path, "model.safetensors"), join(path, "pytorch_model.bin"));
    };
    await expect(compileBroken(pickled)).rejects.toMatchObject({
      code: "invalid-input",
      message: expect.stringMatching(/pytorch_model\.bin only.*safe_serialization=True/) as string,
    });
  });

  it("that reads fewer tokens than are asked for", async () => {
    await writeTinyCheckpoint(join(folder, "long"), "xlm-roberta");
    await expect(compile("long", "long-package", { maxTokens: 512 })).rejects.toThrow(/at most 70 tokens/);
  });

  it("of an unknown architecture", async () => {
    await expect(compileBroken(withConfig({ model_type: "deberta-v2" }))).rejects.toMatchObject({
      code: "model-invalid",
      message: expect.stringMatching(/"deberta-v2".*xlm-roberta.*bert.*sunwi-mini.*ModernBERT/) as string,
    });
  });

  it("with an activation other than exact GELU", async () => {
    await expect(compileBroken(withConfig({ hidden_act: "relu" }))).rejects.toThrow(/hidden_act/);
  });

  it("with heads that do not divide the hidden size", async () => {
    await expect(compileBroken(withConfig({ num_attention_heads: 5 }))).rejects.toThrow(/num_attention_heads/);
  });

  it("with a tensor missing and one of another shape", async () => {
    const tensors = tinyTensors("sunwi-mini");
    tensors.delete("roberta.encoder.layer.1.output.dense.bias");
    tensors.set("classifier.dense.bias", { dtype: "F32", shape: [16], bytes: new Uint8Array(64) });
    await expect(compileBroken(unchanged, tensors)).rejects.toThrow(
      /layer\.1\.output\.dense\.bias is missing; classifier\.dense\.bias is \[16\] instead of \[32\]/,
    );
  });

  it("with more than one logit", async () => {
    const tensors = tinyTensors("sunwi-mini");
    tensors.set("classifier.out_proj.weight", { dtype: "F32", shape: [3, 32], bytes: new Uint8Array(384) });
    await expect(compileBroken(unchanged, tensors)).rejects.toThrow(/gives 3 logits.*num_labels = 1/);
  });

  it("with weights that are not finite", async () => {
    const tensors = tinyTensors("sunwi-mini");
    const name = "roberta.encoder.layer.0.output.dense.weight";
    const bytes = new Uint8Array(new Float32Array(32 * 64).fill(Number.NaN).buffer);
    tensors.set(name, { dtype: "F32", shape: [32, 64], bytes });
    await expect(compileBroken(unchanged, tensors)).rejects.toThrow(/not finite/);
  });

  it("with golden pairs that are too short for a quick test of the usual kernels", async () => {
    const options = { checkpointFolder: join(folder, "sunwi-mini"), outputFolder: join(folder, "short"), about };
    const short = golden.filter(({ document }) => document.length < 40);
    await expect(compileModel({ ...options, golden: short })).rejects.toThrow(/33 to 64 tokens; only 0/);
  });
});
