import { describe, expect, it } from "vitest";
import { parseManifest, variantBytes } from "./manifest.ts";

const HASH = "0".repeat(64);
const MANIFEST = {
  formatVersion: 1,
  id: "tiny",
  name: "Tiny",
  source: { repository: "somewhere/tiny", revision: "1" },
  licence: "MIT",
  architecture: {
    family: "xlm-roberta",
    layers: 1,
    hiddenSize: 8,
    attentionHeads: 2,
    intermediateSize: 16,
    vocabularySize: 32,
    parameters: 1000,
  },
  input: {
    clsTokenId: 0,
    sepTokenId: 2,
    padTokenId: 1,
    middleSeparators: 2,
    positionOffset: 2,
    maxTokens: 64,
    maxQueryTokens: 32,
    tokenTypes: "none",
  },
  tokenizer: "tokenizer.json",
  files: {
    "tokenizer.json": { bytes: 10, sha256: HASH },
    "wasm.onnx": { bytes: 20, sha256: HASH },
    "wasm.bin": { bytes: 30, sha256: HASH },
    "webgpu.bin": { bytes: 40, sha256: HASH },
  },
  variants: [
    {
      id: "wasm",
      device: "wasm",
      requires: [],
      precision: "int8",
      graph: "wasm.onnx",
      weights: ["wasm.bin"],
      expectedLogits: [1, -1],
      tolerance: 0.01,
    },
  ],
  golden: [
    { query: "a", document: "a", logit: 1 },
    { query: "a", document: "b", logit: -1 },
  ],
} as const;

const withFiles = (files: object) => ({ ...MANIFEST, files: { ...MANIFEST.files, ...files } });

const refusal = (manifest: unknown): unknown => {
  try {
    parseManifest(manifest);
  } catch (error) {
    return error;
  }
  return undefined;
};

describe("parseManifest", () => {
  it("accepts a good manifest and counts only the bytes its variant needs", () => {
    const manifest = parseManifest(MANIFEST);
    const [variant] = manifest.variants;
    expect(variant && variantBytes(manifest, variant)).toBe(60);
  });

  it.each([
    ["a later format", { ...MANIFEST, formatVersion: 2 }, "has format 2; load a newer release"],
    ["no format", { ...MANIFEST, formatVersion: "x" }, "formatVersion"],
    ["a file of absurd size", withFiles({ "wasm.bin": { bytes: 2 ** 40, sha256: HASH } }), "bytes"],
    ["a negative size", withFiles({ "wasm.bin": { bytes: -1, sha256: HASH } }), "bytes"],
    [
      "a variant that no memory could hold",
      withFiles({ "wasm.bin": { bytes: 2 ** 31, sha256: HASH }, "wasm.onnx": { bytes: 2 ** 31, sha256: HASH } }),
      "4 GiB",
    ],
    ["two names that some disks take for one", withFiles({ "WASM.bin": { bytes: 1, sha256: HASH } }), "listed twice"],
    [
      "a variant that names a file twice",
      { ...MANIFEST, variants: [{ ...MANIFEST.variants[0], weights: ["wasm.bin", "wasm.bin"] }] },
      "names a file twice",
    ],
    ["no variants", { ...MANIFEST, variants: [] }, "variants"],
    ["a path out of the folder", { ...MANIFEST, tokenizer: "../secrets.json" }, "tokenizer"],
    ["an absolute URL as a file", { ...MANIFEST, tokenizer: "https://elsewhere.example/t.json" }, "tokenizer"],
    ["a broken hash", { ...MANIFEST, files: { "wasm.bin": { bytes: 1, sha256: "abc" } } }, "sha256"],
    ["a file that is not listed", { ...MANIFEST, tokenizer: "other.json" }, "other.json"],
    [
      "two variants of one name",
      { ...MANIFEST, variants: [MANIFEST.variants[0], MANIFEST.variants[0]] },
      "two variants",
    ],
    [
      "too few expected logits",
      { ...MANIFEST, variants: [{ ...MANIFEST.variants[0], expectedLogits: [1] }] },
      "1 logits",
    ],
    ["a web page", "<!doctype html>", "manifest"],
  ])("refuses %s and names the trouble", (_, manifest, named) => {
    expect(refusal(manifest)).toMatchObject({ code: "model-invalid" });
    expect((refusal(manifest) as Error).message).toContain(named);
  });
});
