/**
 * What fewer bits cost: `npx tsx compiler/quantization-cost.ts [checkpoint folder]` compiles a checkpoint in several
 * ways and compares the logits of the golden pairs with fp32. Without a folder it takes the embedded model, whose 8-bit
 * weights it widens to fp32 first.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RerankError } from "../src/core/errors.ts";
import { variantBytes } from "../src/model/manifest.ts";
import { compareLogits } from "./agreement.ts";
import { compileModel, type CompileOptions } from "./compile.ts";
import { readGoldenPairs } from "./golden-pairs.ts";
import { writePackageCheckpoint } from "./testing/package-checkpoint.ts";

const EMBEDDED = join(import.meta.dirname, "../public/models/mini");
const CHOICES: readonly Pick<CompileOptions, "weights" | "embeddings" | "eightBitLayers">[] = [
  { weights: "f32" },
  { weights: "q8", embeddings: 8 },
  { weights: "q8", embeddings: 4 },
  { weights: "q4", embeddings: 8 },
  { weights: "q4", embeddings: 4, eightBitLayers: [0] },
  { weights: "q4", embeddings: 4 },
];

async function main(folder: string): Promise<void> {
  let [checkpointFolder] = process.argv.slice(2);
  if (checkpointFolder === undefined) {
    checkpointFolder = join(folder, "checkpoint");
    await writePackageCheckpoint(EMBEDDED, checkpointFolder);
  }
  const golden = await readGoldenPairs(join(import.meta.dirname, "golden-pairs.json"));
  console.log("| variant | precision | MB | mean error | largest | Kendall τ |\n|---|---|---:|---:|---:|---:|");
  for (const choice of CHOICES) {
    const manifest = await compileModel({
      checkpointFolder,
      outputFolder: join(folder, "package"),
      golden,
      about: { id: "cost", name: "cost", licence: "NOASSERTION", source: { repository: "none", revision: "none" } },
      ...choice,
    });
    const logits = manifest.golden.map(({ logit }) => logit);
    for (const variant of manifest.variants) {
      const { meanError, maxError, kendallTau } = compareLogits(variant.expectedLogits, logits);
      const megabytes = (variantBytes(manifest, variant) / 1e6).toFixed(1);
      console.log(
        `| ${variant.id} | ${variant.precision} | ${megabytes} | ${meanError.toFixed(4)} | ${maxError.toFixed(4)} | ` +
          `${kendallTau.toFixed(3)} |`,
      );
    }
  }
}

const folder = await mkdtemp(join(tmpdir(), "sunwi-cost-"));
try {
  await main(folder);
} catch (error) {
  if (!(error instanceof RerankError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
