/** Compiled packages against PyTorch, for random checkpoints of both families; `training/README.md` says how it is made. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ModelManifest } from "../src/model/manifest.ts";
import { compareLogits } from "./agreement.ts";
import { encodePairs, readGoldenPairs, type TextPair } from "./golden-pairs.ts";
import { compileProof, PROOF_CHECKPOINTS, PROOF_CHOICES, writeProofCheckpoint } from "./testing/proof-checkpoints.ts";

interface ProvedCheckpoint {
  readonly pairs: readonly { readonly input_ids: readonly number[]; readonly token_type_ids?: readonly number[] }[];
  /** By transformers, in fp32. */
  readonly logits: readonly number[];
  /** By PyTorch on the weights of each package's variants: choice → variant → logits. */
  readonly packages: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

const CHOICES = Object.keys(PROOF_CHOICES) as (keyof typeof PROOF_CHOICES)[];

let folder: string;
let texts: readonly TextPair[];
let proof: Readonly<Record<string, ProvedCheckpoint>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "proof-"));
  texts = await readGoldenPairs(join(import.meta.dirname, "testing/tiny-pairs.json"));
  const fixture = await readFile(join(import.meta.dirname, "fixtures/proof.json"), "utf8");
  proof = (JSON.parse(fixture) as { checkpoints: typeof proof }).checkpoints;
});
afterAll(() => rm(folder, { recursive: true }));

/** A package puts two golden pairs in front; this is their order in the file. */
const inFileOrder = ({ golden }: ModelManifest, values: readonly number[]): number[] =>
  texts.map(
    (text) => values[golden.findIndex((it) => it.query === text.query && it.document === text.document)] ?? Number.NaN,
  );

describe.each(PROOF_CHECKPOINTS)("$name", (checkpoint) => {
  const { name } = checkpoint;
  const packages = new Map<string, ModelManifest>();
  beforeAll(async () => {
    await writeProofCheckpoint(join(folder, name), checkpoint);
    for (const choice of CHOICES) {
      packages.set(choice, await compileProof(join(folder, name), join(folder, `${name}-${choice}`), choice, texts));
    }
  }, 60_000);

  it("is cut into the tokens that Python finds", async () => {
    const manifest = packages.get("f32");
    const tokenizer = JSON.parse(await readFile(join(folder, name, "tokenizer.json"), "utf8")) as object;
    const pairs = manifest === undefined ? [] : encodePairs(tokenizer, manifest.input, texts);
    expect(pairs.map(({ inputIds }) => [...inputIds])).toEqual(proof[name]?.pairs.map(({ input_ids }) => input_ids));
    const types = pairs.map(({ tokenTypeIds }) => tokenTypeIds && [...tokenTypeIds]);
    expect(types).toEqual(proof[name]?.pairs.map(({ token_type_ids }) => token_type_ids));
  });

  it.each(CHOICES)("has transformers' logits as the reference of its %s package, to 1e-4", (choice) => {
    const manifest = packages.get(choice);
    const reference =
      manifest &&
      inFileOrder(
        manifest,
        manifest.golden.map(({ logit }) => logit),
      );
    expect(compareLogits(reference ?? [], proof[name]?.logits ?? []).maxError).toBeLessThanOrEqual(1e-4);
  });

  it("gives transformers' logits where nothing is quantized, to 1e-4", () => {
    const manifest = packages.get("f32");
    for (const { expectedLogits } of manifest?.variants ?? []) {
      const logits = manifest && inFileOrder(manifest, expectedLogits);
      expect(compareLogits(logits ?? [], proof[name]?.logits ?? []).maxError).toBeLessThanOrEqual(1e-4);
    }
    expect(manifest?.variants).toHaveLength(2);
  });

  it.each(["q8", "q4"] as const)("gives PyTorch's logits on the %s package's own weights, to 1e-3", (choice) => {
    const manifest = packages.get(choice);
    const variant = manifest?.variants.find(({ id }) => id === "webgpu");
    const logits = manifest && inFileOrder(manifest, variant?.expectedLogits ?? []);
    expect(compareLogits(logits ?? [], proof[name]?.packages[choice]?.["webgpu"] ?? []).maxError).toBeLessThanOrEqual(
      1e-3,
    );
  });

  it.each(["q8", "q4"] as const)(
    "so does %s with 8-bit activations, but where a last bit tips a rounding",
    (choice) => {
      const manifest = packages.get(choice);
      const variant = manifest?.variants.find(({ id }) => id === "wasm");
      const logits = (manifest && inFileOrder(manifest, variant?.expectedLogits ?? [])) ?? [];
      const errors = (proof[name]?.packages[choice]?.["wasm"] ?? []).map((it, at) =>
        Math.abs(it - (logits[at] ?? Number.NaN)),
      );
      expect(errors).toHaveLength(texts.length);
      const exact = errors.filter((error) => error <= 1e-3);
      // A fault would move all pairs. Each tipped one is among those that training/proof/prove.py counts.
      expect(exact.length).toBeGreaterThanOrEqual(texts.length - 3);
      expect(Math.max(...exact)).toBeLessThanOrEqual(1e-5);
      expect(Math.max(...errors)).toBeLessThanOrEqual(0.05);
    },
  );
});
