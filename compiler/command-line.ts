/** Options of the compiler's command line. */
import { stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { RerankError } from "../src/core/errors.ts";
import type { ModelManifest } from "../src/model/manifest.ts";
import type { CompileOptions } from "./compile.ts";

export const USAGE = `npm run compile-model -- <hub repository | checkpoint folder> --out DIR

  --weights q4|q8|f32        bits of the matrix products on WebGPU          (default: q8)
  --embeddings 4|8           bits of the word embeddings                    (default: as --weights)
  --vocabulary all|ko-en     ko-en leaves out pieces in other scripts       (default: all)
  --max-tokens N             most tokens of a pair           (default: what the checkpoint says, else 512)
  --eight-bit-layers 0,23    layers that keep 8 bits where --weights is q4  (default: none)
  --golden FILE              at least 16 pairs for the self-test            (default: those of the compiler)
  --report                   measure and print the errors of each layer too
  --id ID  --name NAME  --licence SPDX                     (default: the repository's or folder's)
  --blend-weight W  --blend-fitted-on TEXT   weight of the first stage's score, and what it was fitted on

From the Hugging Face hub (HF_TOKEN in the environment for gated repositories, HF_ENDPOINT for another hub):
  --revision REVISION        branch, tag or commit                          (default: main)
  --cache DIR                where downloads lie and resume                 (default: the user's cache folder)

For a folder:
  --source-repository R  --source-revision V               where the checkpoint comes from`;

/** A checkpoint on this disk, or in a hub. */
export type CheckpointSource =
  | { readonly type: "folder"; readonly folder: string; readonly repository?: string; readonly revision?: string }
  | { readonly type: "hub"; readonly repository: string; readonly revision?: string; readonly cacheFolder?: string };

export interface CommandLine extends Pick<CompileOptions, "outputFolder"> {
  readonly source: CheckpointSource;
  readonly goldenFile: string | undefined;
  readonly report: boolean;
  readonly about: Partial<Pick<ModelManifest, "id" | "name" | "licence" | "blend">>;
  readonly choices: Pick<CompileOptions, "weights" | "embeddings" | "vocabulary" | "maxTokens" | "eightBitLayers">;
}

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const OPTIONS = {
  ...{
    out: text,
    weights: text,
    embeddings: text,
    vocabulary: text,
    golden: text,
    id: text,
    name: text,
    licence: text,
  },
  ...{ "max-tokens": text, "eight-bit-layers": text, revision: text, cache: text },
  ...{ "source-repository": text, "source-revision": text, "blend-weight": text, "blend-fitted-on": text },
  ...{ report: flag, help: { ...flag, short: "h" } },
} as const;

type Values = ReturnType<typeof parse>["values"];

/** @throws RerankError `invalid-input` with the usage in its message */
export async function readCommandLine(args: readonly string[]): Promise<CommandLine | "help"> {
  const { values, positionals } = parse(args);
  if (values.help === true) return "help";
  const [checkpoint] = positionals;
  if (checkpoint === undefined || positionals.length > 1 || values.out === undefined) {
    throw usageError("One checkpoint and --out are needed.");
  }
  return {
    source: await sourceOf(checkpoint, values),
    outputFolder: values.out,
    goldenFile: values.golden,
    report: values.report ?? false,
    about: {
      ...(values.id !== undefined && { id: values.id }),
      ...(values.name !== undefined && { name: values.name }),
      ...(values.licence !== undefined && { licence: values.licence }),
      ...readBlend(values["blend-weight"], values["blend-fitted-on"]),
    },
    choices: readChoices(values),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

/** A folder of that name wins over a repository. */
async function sourceOf(checkpoint: string, values: Values): Promise<CheckpointSource> {
  const isFolder = await stat(checkpoint).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) {
    const { "source-repository": repository, "source-revision": revision } = values;
    return {
      type: "folder",
      folder: checkpoint,
      ...(repository !== undefined && { repository }),
      ...(revision !== undefined && { revision }),
    };
  }
  if (!/^[\w.-]+\/[\w.-]+$/.test(checkpoint) || checkpoint.startsWith(".")) {
    throw usageError(`${checkpoint} is neither a folder nor the name of a repository ("owner/name").`);
  }
  return {
    type: "hub",
    repository: checkpoint,
    ...(values.revision !== undefined && { revision: values.revision }),
    ...(values.cache !== undefined && { cacheFolder: values.cache }),
  };
}

function readChoices(values: Values): CommandLine["choices"] {
  const weights = oneOf("--weights", values.weights, ["q4", "q8", "f32"]);
  const embeddings = oneOf("--embeddings", values.embeddings, ["4", "8"]);
  const vocabulary = oneOf("--vocabulary", values.vocabulary, ["all", "ko-en"]);
  const maxTokens = readMaxTokens(values["max-tokens"]);
  const eightBitLayers = readLayers(values["eight-bit-layers"]);
  return {
    ...(weights !== undefined && { weights }),
    ...(embeddings !== undefined && { embeddings: embeddings === "4" ? 4 : 8 }),
    ...(vocabulary !== undefined && { vocabulary }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(eightBitLayers !== undefined && { eightBitLayers }),
  };
}

function oneOf<T extends string>(option: string, value: string | undefined, choices: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  const choice = choices.find((known) => known === value);
  if (choice === undefined) throw usageError(`${option} takes one of: ${choices.join(", ")}.`);
  return choice;
}

/** Room for the special tokens and a few words. */
const FEWEST_TOKENS = 8;

function readMaxTokens(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const tokens = Number(value);
  if (Number.isInteger(tokens) && tokens >= FEWEST_TOKENS) return tokens;
  throw usageError(`--max-tokens takes a whole number of ${FEWEST_TOKENS} or more.`);
}

function readLayers(value: string | undefined): readonly number[] | undefined {
  if (value === undefined) return undefined;
  const layers = value.split(",").map(Number);
  if (layers.every((layer) => Number.isInteger(layer) && layer >= 0)) return layers;
  throw usageError("--eight-bit-layers takes numbers of layers, from 0, with commas between them.");
}

function readBlend(weight: string | undefined, fittedOn: string | undefined): Pick<ModelManifest, "blend"> {
  if (weight === undefined && fittedOn === undefined) return {};
  const number = Number(weight ?? "");
  if (weight === undefined || fittedOn === undefined || !Number.isFinite(number) || number < 0) {
    throw usageError("--blend-weight (0 or more) and --blend-fitted-on belong together.");
  }
  return { blend: { weight: number, fittedOn } };
}

function usageError(problem: string): RerankError {
  return new RerankError("invalid-input", `${problem}\n\n${USAGE}`);
}
