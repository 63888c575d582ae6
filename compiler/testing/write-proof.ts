/** `npx tsx compiler/testing/write-proof.ts DIR`: the proof's checkpoints and packages, for `training/proof`. */
import { join } from "node:path";
import { readGoldenPairs } from "../golden-pairs.ts";
import { compileProof, PROOF_CHECKPOINTS, PROOF_CHOICES, writeProofCheckpoint } from "./proof-checkpoints.ts";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("npx tsx compiler/testing/write-proof.ts DIR");
const golden = await readGoldenPairs(join(import.meta.dirname, "tiny-pairs.json"));
for (const checkpoint of PROOF_CHECKPOINTS) {
  const place = join(folder, checkpoint.name);
  await writeProofCheckpoint(join(place, "checkpoint"), checkpoint);
  for (const choice of Object.keys(PROOF_CHOICES) as (keyof typeof PROOF_CHOICES)[]) {
    await compileProof(join(place, "checkpoint"), join(place, choice), choice, golden);
  }
}
