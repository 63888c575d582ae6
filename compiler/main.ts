/** The compiler's command line; see README.md. */
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { RerankError } from "../src/core/errors.ts";
import { variantBytes, type ModelManifest } from "../src/model/manifest.ts";
import { compareLogits } from "./agreement.ts";
import { compileModel, type CompileOptions } from "./compile.ts";
import { sha256Of } from "./file-facts.ts";
import { readGoldenPairs } from "./golden-pairs.ts";
import type { Bits } from "./quantize.ts";

const USAGE = `npx tsx compiler/main.ts <checkpoint folder> --out DIR
  [--golden FILE]                            pairs for the self-test; default compiler/golden-pairs.json
  [--id ID] [--name NAME] [--licence SPDX]   default: the folder's name; NOASSERTION
  [--source-repository R] [--source-revision V]
  [--blend-weight W --blend-fitted-on TEXT]  weight of the first stage's score, and what it was fitted on
  [--embedding-bits 4|8] [--webgpu-bits 4|8] default 8`;

const DEFAULT_GOLDEN = join(import.meta.dirname, "golden-pairs.json");
/** Digits of the checkpoint's SHA-256 that stand for a revision where none is given. */
const REVISION_DIGITS = 12;

async function main(): Promise<void> {
  const manifest = await compileModel(await readOptions());
  for (const variant of manifest.variants) {
    const { meanError, maxError } = compareLogits(
      variant.expectedLogits,
      manifest.golden.map(({ logit }) => logit),
    );
    const megabytes = (variantBytes(manifest, variant) / 1e6).toFixed(2);
    console.log(
      `${variant.id}: ${megabytes} MB, ${variant.precision}; off from fp32 by ${meanError.toFixed(4)} on average, ` +
        `${maxError.toFixed(4)} at most`,
    );
  }
}

async function readOptions(): Promise<CompileOptions> {
  const { values, positionals } = parseCommandLine();
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1 || values.out === undefined) {
    throw usageError("A checkpoint folder and --out are needed.");
  }
  const folderName = basename(resolve(folder));
  return {
    checkpointFolder: folder,
    outputFolder: values.out,
    golden: await readGoldenPairs(values.golden ?? DEFAULT_GOLDEN),
    about: {
      id: values.id ?? folderName.toLowerCase(),
      name: values.name ?? folderName,
      source: {
        repository: values["source-repository"] ?? folderName,
        revision: values["source-revision"] ?? (await fingerprint(folder)),
      },
      licence: values.licence ?? "NOASSERTION",
      ...readBlend(values["blend-weight"], values["blend-fitted-on"]),
    },
    embeddingBits: readBits(values["embedding-bits"]),
    webgpuBits: readBits(values["webgpu-bits"]),
  };
}

function parseCommandLine() {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        ...{ out: text, golden: text, id: text, name: text, licence: text },
        ...{ "source-repository": text, "source-revision": text, "blend-weight": text, "blend-fitted-on": text },
        ...{ "embedding-bits": text, "webgpu-bits": text },
      },
    });
  } catch (error) {
    throw usageError(String(error));
  }
}

function readBlend(weight: string | undefined, fittedOn: string | undefined): Pick<ModelManifest, "blend"> {
  if (weight === undefined && fittedOn === undefined) return {};
  const number = Number(weight ?? "");
  if (weight === undefined || fittedOn === undefined || !Number.isFinite(number) || number < 0) {
    throw usageError("--blend-weight (0 or more) and --blend-fitted-on belong together.");
  }
  return { blend: { weight: number, fittedOn } };
}

function readBits(text = "8"): Bits {
  if (text === "4") return 4;
  if (text === "8") return 8;
  throw usageError(`${text} bits are not offered.`);
}

/** A checkpoint without files is reported by the compiler; here it only lacks a revision. */
async function fingerprint(folder: string): Promise<string> {
  return (await sha256Of(join(folder, "model.safetensors")).catch(() => "unknown")).slice(0, REVISION_DIGITS);
}

function usageError(problem: string): RerankError {
  return new RerankError("invalid-input", `${problem}\n${USAGE}`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof RerankError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
