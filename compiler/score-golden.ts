/** What the golden pairs score: in fp32 from the checkpoint, and with each kernel's graph from the written package. */
import { throwIfAborted } from "../src/core/errors.ts";
import type { EncodedPair } from "../src/model/pair-encoding.ts";
import { LayeredRun, type Hidden, type LayeredEncoder } from "./layered-run.ts";

export interface GoldenScores {
  /** fp32, one per pair. */
  readonly reference: readonly number[];
  /** For each compiled encoder, one per pair. */
  readonly compiled: readonly (readonly number[])[];
}

/** How far a compiled layer is off, as root mean square of the error ÷ root mean square of the fp32 values. */
export interface LayerError {
  readonly layer: number;
  /** Position in `compiled`. */
  readonly encoder: number;
  /** Of this layer alone, fed with the fp32 values. */
  readonly alone: number;
  /** Of all layers up to this one. */
  readonly accumulated: number;
}

export interface ScoreGoldenOptions {
  readonly pairs: readonly EncodedPair[];
  readonly reference: LayeredEncoder;
  readonly compiled: readonly LayeredEncoder[];
  readonly signal?: AbortSignal | undefined;
  /** Told after each layer how many are done. */
  readonly onLayer?: ((layers: number) => void) | undefined;
  /** Costs each compiled layer a second run. */
  readonly onError?: ((error: LayerError) => void) | undefined;
}

/** All encoders go through a layer before the next one is read. */
export async function scoreGolden(options: ScoreGoldenOptions): Promise<GoldenScores> {
  const { pairs, signal, onLayer, onError } = options;
  const reference = await LayeredRun.begin(options.reference, pairs);
  const compiled = [];
  for (const encoder of options.compiled) compiled.push(await LayeredRun.begin(encoder, pairs));
  for (let layer = 0; layer < options.reference.architecture.layers; layer++) {
    throwIfAborted(signal);
    const before = reference.hidden;
    await reference.advance(layer);
    for (const [encoder, run] of compiled.entries()) {
      await run.advance(layer);
      if (onError === undefined) continue;
      const alone = relativeError(await run.through(layer, before), reference.hidden);
      onError({ layer, encoder, alone, accumulated: relativeError(run.hidden, reference.hidden) });
    }
    onLayer?.(layer + 1);
  }
  const logits: (readonly number[])[] = [];
  for (const run of compiled) logits.push(await run.logits());
  return { reference: await reference.logits(), compiled: logits };
}

function relativeError(values: readonly Hidden[], expected: readonly Hidden[]): number {
  let errors = 0;
  let squares = 0;
  expected.forEach((hidden, pair) => {
    hidden.forEach((value, at) => {
      errors += ((values[pair]?.[at] ?? Number.NaN) - value) ** 2;
      squares += value * value;
    });
  });
  return Math.sqrt(errors / squares);
}
