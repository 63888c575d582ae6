/**
 * Compares a package with PyTorch: `npx tsx compiler/check-reference.ts <package folder> <reference.json>`. The file
 * holds `{"pairs": [{"query", "document", "input_ids", "token_type_ids", "logit"}]}`; `reference/make_reference.py`
 * writes such files.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { RerankError } from "../src/core/errors.ts";
import { parseManifest } from "../src/model/manifest.ts";
import { compareLogits } from "./agreement.ts";
import { encodePairs } from "./golden-pairs.ts";
import { OnnxSession } from "./onnx-session.ts";
import { countMismatches, readReference } from "./reference-file.ts";

const BATCH_SIZES = [1, 8];

async function main(): Promise<void> {
  const [folder, referencePath] = process.argv.slice(2);
  if (folder === undefined || referencePath === undefined) {
    throw new RerankError("invalid-input", "npx tsx compiler/check-reference.ts <package folder> <reference.json>");
  }
  const manifest = parseManifest(await readJson(join(folder, "manifest.json")));
  const reference = await readReference(referencePath);
  const pairs = encodePairs(await readTokenizer(join(folder, manifest.tokenizer)), manifest.input, reference);
  const { inputIds, tokenTypeIds } = countMismatches(pairs, reference);
  console.log(`${reference.length} pairs; ${inputIds} with other token ids, ${tokenTypeIds} with other token types`);

  const expected = reference.map(({ logit }) => logit);
  for (const variant of manifest.variants) {
    const session = await OnnxSession.open(folder, variant, manifest.input);
    for (const batchSize of BATCH_SIZES) {
      const { meanError, maxError, kendallTau } = compareLogits(await session.score(pairs, batchSize), expected);
      console.log(
        `${variant.id}, batch ${batchSize}: mean error ${meanError.toFixed(5)}, largest ${maxError.toFixed(5)}, ` +
          `Kendall tau ${kendallTau.toFixed(4)}`,
      );
    }
    await session.release();
  }
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, "utf8")) as unknown;
}

async function readTokenizer(path: string): Promise<object> {
  return (await readJson(path)) as object;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof RerankError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
