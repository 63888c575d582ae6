import type { WorkbenchReport } from "../../eval/workbench-report.ts";
import type { EmbedChoice } from "../embed/embed-snippet.ts";

/** How much longer than its slowest questions a page waits, for a visitor's device is busy with more than this. */
const PATIENCE = 1.5;

/**
 * The row of the highest mean as the element's options: model, device, candidates, blending, and a budget that 95 of 100
 * questions keep on a device like this one.
 * @returns nothing where no row was reranked in the page by one model and the first window alone, which is how the element reads
 */
export function embedOf(
  { judgement, receipt }: WorkbenchReport,
  embeddedUrl: string,
): Pick<EmbedChoice, "modelUrl" | "device" | "top" | "budgetMs" | "blend"> | undefined {
  const { systems, metric } = judgement;
  const services = new Set(receipt.models.filter(({ service }) => service !== undefined).map(({ key }) => key));
  const [best] = systems
    .filter(({ recipe }) => recipe.model !== undefined && recipe.after === undefined && !services.has(recipe.model))
    .filter(({ recipe }) => (recipe.aggregation ?? "first") === "first")
    .sort((a, b) => (b.metrics[metric] ?? 0) - (a.metrics[metric] ?? 0));
  const model = receipt.models.find(({ key }) => key === best?.recipe.model);
  if (best === undefined || model === undefined) return undefined;
  const budgetMs = Math.ceil((PATIENCE * (best.latency?.p95 ?? 0)) / 100) * 100;
  return {
    modelUrl: model.key === embeddedUrl ? undefined : model.key,
    device: model.device === "webgpu" || model.device === "wasm" ? model.device : "auto",
    top: receipt.candidates,
    budgetMs: Math.max(200, budgetMs),
    blend: best.recipe.kind === "logit" ? "none" : "auto",
  };
}
