import { RerankError } from "../src/core/errors.ts";
import type { SelfTestReport } from "../src/core/protocol.ts";
import type { ModelManifest, ModelVariant } from "../src/model/manifest.ts";
import type { CrossEncoder } from "./cross-encoder.ts";

export interface SelfTestOptions {
  readonly key: string;
  /** Score all golden pairs, or only the first two, which are short. */
  readonly full: boolean;
  readonly onProgress: (scored: number, total: number) => void;
}

/**
 * Scores the package's golden pairs and compares with what this variant should give. GPU drivers have returned wrong
 * scores without any error; a variant that fails here is never used.
 * @throws RerankError `self-test-failed`
 */
export async function runSelfTest(
  encoder: CrossEncoder,
  manifest: ModelManifest,
  variant: ModelVariant,
  { key, full, onProgress }: SelfTestOptions,
): Promise<SelfTestReport> {
  const pairs = full ? manifest.golden : manifest.golden.slice(0, 2);
  onProgress(0, pairs.length);
  const startedAt = performance.now();
  const { logits } = await encoder.score(pairs, {
    onProgress: (scored) => {
      onProgress(scored, pairs.length);
    },
  });
  const errors = Array.from(logits, (logit, index) => Math.abs(logit - (variant.expectedLogits[index] ?? Number.NaN)));
  // NaN must not slip through, as it would through Math.max compared with ">".
  const maxError = errors.every(Number.isFinite) ? Math.max(...errors) : Number.POSITIVE_INFINITY;
  const { tolerance } = variant;
  if (maxError <= tolerance) {
    return { pairs: pairs.length, maxError, tolerance, key, elapsedMs: performance.now() - startedAt };
  }
  throw new RerankError(
    "self-test-failed",
    `Variant "${variant.id}" scored known pairs wrongly (off by ${maxError.toFixed(4)}, at most ` +
      `${String(variant.tolerance)} is right) and was refused.`,
    { details: { variant: variant.id, maxError, tolerance: variant.tolerance } },
  );
}
