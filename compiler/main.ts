/** `npm run compile-model`: a checkpoint becomes a model package; see README.md. */
import { basename, join, resolve } from "node:path";
import { RerankError } from "../src/core/errors.ts";
import { variantBytes, type ModelManifest } from "../src/model/manifest.ts";
import { compareLogits } from "./agreement.ts";
import { readCommandLine, USAGE, type CheckpointSource, type CommandLine } from "./command-line.ts";
import { compileModel, type CompileProgress } from "./compile.ts";
import { sha256Of } from "./file-facts.ts";
import { readGoldenPairs, type TextPair } from "./golden-pairs.ts";
import { formatReport } from "./report.ts";
import { fetchCheckpoint } from "./hub.ts";
import { ProgressLine } from "./progress-line.ts";

const DEFAULT_GOLDEN = join(import.meta.dirname, "golden-pairs.json");
/** Fewer would leave lengths untested. */
const FEWEST_GOLDEN = 16;
/** Digits of the checkpoint's SHA-256 that stand for a revision where none is given. */
const REVISION_DIGITS = 12;

/** A checkpoint on this disk, and where it comes from. */
interface LocalCheckpoint extends Pick<ModelManifest, "source" | "licence"> {
  readonly folder: string;
}

async function main(signal: AbortSignal): Promise<void> {
  const line = await readCommandLine(process.argv.slice(2));
  if (line === "help") {
    console.log(USAGE);
    return;
  }
  const golden = await readGolden(line.goldenFile);
  const progress = new ProgressLine();
  try {
    const { folder, source, licence } = await localCheckpoint(line.source, signal, progress);
    const name = source.repository.split("/").at(-1) ?? source.repository;
    const manifest = await compileModel({
      checkpointFolder: folder,
      outputFolder: line.outputFolder,
      golden,
      about: { id: name.toLowerCase(), name, licence, source, ...line.about },
      ...line.choices,
      signal,
      onProgress: (step) => {
        progress.show(STAGES[step.stage], step.done, step.total);
      },
      ...(line.report && {
        onReport: (report) => {
          progress.end();
          console.log(formatReport(report));
        },
      }),
    });
    progress.end();
    printSummary(line, manifest);
  } finally {
    progress.end();
  }
}

const STAGES: Readonly<Record<CompileProgress["stage"], string>> = {
  embeddings: "embeddings, rows",
  layers: "weights, layers",
  golden: "golden pairs, layers",
};

async function readGolden(file = DEFAULT_GOLDEN): Promise<readonly TextPair[]> {
  const golden = await readGoldenPairs(file);
  if (golden.length >= FEWEST_GOLDEN) return golden;
  throw new RerankError(
    "invalid-input",
    `${file} holds ${golden.length} golden pairs; at least ${FEWEST_GOLDEN} are needed, short to full length.`,
  );
}

async function localCheckpoint(
  source: CheckpointSource,
  signal: AbortSignal,
  progress: ProgressLine,
): Promise<LocalCheckpoint> {
  if (source.type === "folder") {
    const { folder, repository = basename(resolve(folder)), revision = await fingerprint(folder) } = source;
    return { folder, source: { repository, revision }, licence: "NOASSERTION" };
  }
  const { folder, repository, revision, licence } = await fetchCheckpoint({
    ...source,
    signal,
    onProgress: ({ done, total }) => {
      progress.show("download, MB", Math.round(done / 1e6), Math.round(total / 1e6));
    },
  });
  progress.end();
  return { folder, source: { repository, revision }, licence };
}

/** A checkpoint without files is reported by the compiler; here it only lacks a revision. */
async function fingerprint(folder: string): Promise<string> {
  return (await sha256Of(join(folder, "model.safetensors")).catch(() => "unknown")).slice(0, REVISION_DIGITS);
}

function printSummary({ outputFolder }: CommandLine, manifest: ModelManifest): void {
  const logits = manifest.golden.map(({ logit }) => logit);
  console.log(`${manifest.name} (${manifest.licence}) in ${outputFolder}`);
  for (const variant of manifest.variants) {
    const { meanError, maxError, kendallTau } = compareLogits(variant.expectedLogits, logits);
    const megabytes = (variantBytes(manifest, variant) / 1e6).toFixed(1);
    console.log(
      `  ${variant.id}: ${megabytes} MB to download, ${variant.precision}; golden logits off from fp32 by ` +
        `${meanError.toFixed(4)} on average, ${maxError.toFixed(4)} at most, Kendall tau ${kendallTau.toFixed(3)}`,
    );
  }
}

const interrupt = new AbortController();
process.once("SIGINT", () => {
  // A second one ends the process at once.
  interrupt.abort(new RerankError("aborted", "Stopped; no package was written. Downloads resume where they were."));
});
try {
  await main(interrupt.signal);
} catch (error) {
  if (!(error instanceof RerankError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
