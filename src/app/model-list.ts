import type { Device } from "../core/protocol.ts";
import type { StoredPackage } from "../core/store-protocol.ts";
import type { ModelDescription } from "./added-models.ts";
import { isReadyOn, likelyVariant } from "./likely-variant.ts";
import type { ModelChoice } from "./models.ts";

/** A model as a list shows it. */
export interface ListedModel {
  readonly choice: ModelChoice;
  readonly isEmbedded: boolean;
  /** Absent until its manifest has been read. */
  readonly description?: ModelDescription;
  /** What this device holds of it. */
  readonly stored?: StoredPackage;
}

/** How much of what a load needs lies here. */
export interface Presence {
  readonly type: "complete" | "partial" | "absent";
  readonly storedBytes: number;
  readonly totalBytes: number;
}

/** The embedded model, then those on this device, then those that were added only; each once. */
export function listModels(
  embedded: ModelChoice,
  packages: readonly StoredPackage[],
  described: readonly ModelDescription[],
): readonly ListedModel[] {
  const urls = new Set([embedded.url, ...packages.map(({ modelUrl }) => modelUrl), ...described.map(({ url }) => url)]);
  const models = [...urls].map((url): ListedModel => {
    const stored = packages.find(({ modelUrl }) => modelUrl === url);
    const description = stored ? describeStored(stored) : described.find((candidate) => candidate.url === url);
    return {
      choice: { name: description?.name ?? embedded.name, url },
      isEmbedded: url === embedded.url,
      ...(description && { description }),
      ...(stored && { stored }),
    };
  });
  return models.map((model) => ({ ...model, choice: nameApart(model.choice, models) }));
}

/** Whether the model can be used at once: without a download. */
export function isUsable({ isEmbedded, stored }: ListedModel, device: Device): boolean {
  return isEmbedded || (stored !== undefined && isReadyOn(stored, device));
}

/** How much is here of the variant that a load on `device` would try first. */
export function presenceOf({ description, stored }: ListedModel, device: Device): Presence {
  const totalBytes = likelyVariant(description?.variants ?? [], device)?.bytes ?? 0;
  if (stored === undefined) return { type: "absent", storedBytes: 0, totalBytes };
  if (isReadyOn(stored, device)) return { type: "complete", storedBytes: totalBytes, totalBytes };
  const storedBytes = likelyVariant(stored.variants, device)?.storedBytes ?? 0;
  return { type: storedBytes > 0 ? "partial" : "absent", storedBytes, totalBytes };
}

/** Packages from two places may bear one name. */
function nameApart(choice: ModelChoice, models: readonly ListedModel[]): ModelChoice {
  const isUnique = models.filter((model) => model.choice.name === choice.name).length === 1;
  const url = new URL(choice.url);
  return isUnique ? choice : { ...choice, name: `${choice.name} (${url.host || decodeURI(url.pathname)})` };
}

function describeStored(stored: StoredPackage): ModelDescription {
  const { modelUrl: url, name, licence, source, parameters } = stored;
  const variants = stored.variants.map(({ id, device, precision, bytes }) => ({ id, device, precision, bytes }));
  return { url, name, licence, source, parameters, variants };
}
