import type { ModelManifest } from "../src/model/manifest.ts";

export type Family = ModelManifest["architecture"]["family"];

/** Sizes of an encoder with post-LayerNorm layers and RoBERTa's classification head. */
export interface Architecture {
  readonly family: Family;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly attentionHeads: number;
  readonly intermediateSize: number;
  readonly vocabularySize: number;
  /** Rows of the position table. */
  readonly positions: number;
  /** Rows of the token type table. */
  readonly tokenTypeRows: number;
  readonly layerNormEpsilon: number;
}
