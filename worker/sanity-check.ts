import { RerankError } from "../src/core/errors.ts";
import type { SelfTestReport } from "../src/core/protocol.ts";
import type { CrossEncoder, TextPair } from "./cross-encoder.ts";

/** A pair with its logit as the model's authors have it. */
interface ReferencePair extends TextPair {
  readonly logit: number;
}

export interface References {
  readonly pairs: readonly ReferencePair[];
  readonly tolerance: number;
}

export interface SanityCheck {
  readonly key: string;
  readonly variant: string;
  /** Absent where the repository brings none. */
  readonly references?: References;
  /** What the CPU gives for `SANITY_PAIRS`; absent where there is nothing to hold against it. */
  readonly onCpu?: Float32Array;
  readonly onProgress: (scored: number, total: number) => void;
}

/** Of several lengths, so that a batch of them is padded; of several topics, so that a model has something to tell. */
export const SANITY_PAIRS: readonly TextPair[] = [
  {
    query: "환불은 언제 되나요",
    document: "환불은 상품을 받은 날부터 이레 안에 신청하시면 됩니다. 사흘 뒤에 입금됩니다.",
  },
  { query: "환불은 언제 되나요", document: "비밀번호 찾기" },
  { query: "배송", document: "서울에서 부산까지 고속 열차로 두 시간 반이 걸립니다." },
  { query: "how do I reset my password", document: "Press “Forgot password” on the sign-in page." },
];

/** Largest difference that neighbours in a batch, or another device, may make, as a share of how far logits spread. */
const TOLERANCE = 0.02;

/**
 * Refuses a model whose scores are certainly wrong: not numbers, all the same, dependent on what else is in the batch, or
 * other than the CPU's. That they are right it can tell only where there are references; the report counts their pairs, else 0.
 * @throws RerankError `self-test-failed`
 */
export async function checkSanity(encoder: CrossEncoder, check: SanityCheck): Promise<SelfTestReport> {
  const startedAt = performance.now();
  const references = check.references?.pairs ?? [];
  check.onProgress(0, references.length);
  const { logits: together } = await encoder.score(SANITY_PAIRS);
  const alone: number[] = [];
  for (const pair of SANITY_PAIRS) alone.push((await encoder.score([pair])).logits[0] ?? Number.NaN);
  const problem = findProblem(together, alone, check.onCpu ?? together);
  if (problem !== undefined) throw refused(check, problem);
  const maxError = await largestError(encoder, references);
  const tolerance = check.references?.tolerance ?? 0;
  if (!(maxError <= tolerance)) throw refused(check, `reference pairs are off by ${maxError.toFixed(4)}`);
  check.onProgress(references.length, references.length);
  return { pairs: references.length, maxError, tolerance, key: check.key, elapsedMs: performance.now() - startedAt };
}

function findProblem(together: Float32Array, alone: readonly number[], onCpu: Float32Array): string | undefined {
  if (![...together, ...alone].every(Number.isFinite)) return "a score is not a number";
  const spread = Math.max(...together) - Math.min(...together);
  if (spread === 0) return "every pair gets the same score";
  const allowed = TOLERANCE * Math.max(1, spread);
  const byNeighbours = largestDifference(alone, together);
  if (byNeighbours > allowed) return `a score changes by ${byNeighbours.toFixed(4)} with what else is in the batch`;
  const byDevice = largestDifference([...onCpu], together);
  return byDevice > allowed ? `scores differ from the CPU's by ${byDevice.toFixed(4)}` : undefined;
}

async function largestError(encoder: CrossEncoder, references: readonly ReferencePair[]): Promise<number> {
  if (references.length === 0) return 0;
  const { logits } = await encoder.score(references);
  return largestDifference(
    references.map(({ logit }) => logit),
    logits,
  );
}

/** Infinite where one is no number: NaN must not slip through. */
function largestDifference(some: readonly number[], others: Float32Array): number {
  const differences = some.map((logit, index) => Math.abs(logit - (others[index] ?? Number.NaN)));
  return differences.every(Number.isFinite) ? Math.max(...differences) : Number.POSITIVE_INFINITY;
}

function refused({ variant }: SanityCheck, problem: string): RerankError {
  return new RerankError("self-test-failed", `"${variant}" was refused: ${problem}.`, {
    details: { variant, problem },
  });
}
