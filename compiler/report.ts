import type { GoldenScores, LayerError } from "./score-golden.ts";
import { compareLogits, type Agreement } from "./agreement.ts";
import type { LinearName, StoredEncoder } from "./stored-encoder.ts";
import type { PackagePlan } from "./variant-plans.ts";

/** Errors of one layer, as root mean square of the error ÷ root mean square of the fp32 values. */
export interface LayerReport {
  readonly layer: number;
  /** Of each product's weights. */
  readonly weights: Readonly<Record<LinearName, number>>;
  /** Of what the layer gives when fed with fp32 values. */
  readonly alone: number;
  /** Of what it gives behind the compiled layers before it. */
  readonly accumulated: number;
}

/** What quantization costs, by product set ("webgpu", "wasm"). */
export type CompileReport = readonly {
  readonly name: string;
  readonly layers: readonly LayerReport[];
  /** Of the golden pairs' logits with the fp32 ones. */
  readonly logits: Agreement;
}[];

export function describeReport(
  { productSets }: PackagePlan,
  { layers }: StoredEncoder,
  errors: readonly LayerError[],
  { reference, compiled }: GoldenScores,
): CompileReport {
  return productSets.map(({ name }, set) => ({
    name,
    logits: compareLogits(compiled[set] ?? [], reference),
    layers: errors
      .filter(({ encoder }) => encoder === set)
      .map(({ layer, alone, accumulated }) => ({
        layer,
        alone,
        accumulated,
        weights: weightErrors(layers[layer], set),
      })),
  }));
}

function weightErrors(layer: StoredEncoder["layers"][number] | undefined, set: number): Record<LinearName, number> {
  const error = (name: LinearName): number => layer?.products[set]?.[name].weightError ?? Number.NaN;
  return {
    query: error("query"),
    key: error("key"),
    value: error("value"),
    attentionOutput: error("attentionOutput"),
    intermediate: error("intermediate"),
    output: error("output"),
  };
}

/** The report as a table for a terminal. */
export function formatReport(report: CompileReport): string {
  return report
    .flatMap(({ name, layers, logits }) => [
      `\n${name}: relative error of each product's weights, of the layer alone, and accumulated`,
      ["layer", "query", "key", "value", "attn.out", "interm.", "output", "alone", "accumul."].map(cell).join(""),
      ...layers.map(({ layer, weights, alone, accumulated }) =>
        [String(layer), ...[...Object.values(weights), alone, accumulated].map((error) => error.toFixed(5))]
          .map(cell)
          .join(""),
      ),
      `logits: mean error ${logits.meanError.toFixed(4)}, largest ${logits.maxError.toFixed(4)}, ` +
        `Kendall tau ${logits.kendallTau.toFixed(4)}`,
    ])
    .join("\n");
}

function cell(text: string): string {
  return text.padStart(10);
}
