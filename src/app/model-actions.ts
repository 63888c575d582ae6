import type { Device, StorageKind } from "../core/protocol.ts";
import { isUsable, presenceOf, type ListedModel } from "./model-list.ts";

/** What can be done with a model. `use-with-download`: where nothing is kept, downloading ahead would be for nothing. */
export type ModelAction = "use" | "pause" | "download" | "resume" | "use-with-download" | "remove" | "forget";

export interface ModelSituation {
  readonly device: Device;
  readonly storage: StorageKind | undefined;
  readonly isInUse: boolean;
  readonly isTransferring: boolean;
}

/** In the order in which buttons show them; none for the embedded model while it is in use. */
export function actionsFor(model: ListedModel, situation: ModelSituation): readonly ModelAction[] {
  const { device, isInUse, isTransferring } = situation;
  const use: readonly ModelAction[] = !isInUse && isUsable(model, device) ? ["use"] : [];
  if (model.isEmbedded) return use;
  if (isTransferring) return [...use, "pause"];
  const isStored = (model.stored?.storedBytes ?? 0) > 0;
  const drop: readonly ModelAction[] = isStored ? ["remove"] : isInUse ? [] : ["forget"];
  return [...use, ...fetchActions(model, situation), ...drop];
}

function fetchActions(model: ListedModel, { device, storage, isInUse }: ModelSituation): readonly ModelAction[] {
  const { type } = presenceOf(model, device);
  // What was imported came from nowhere that it could be fetched from again.
  if (type === "complete" || !/^(https?|transformers):/.test(model.choice.url)) return [];
  if (storage === "memory") return isInUse ? [] : ["use-with-download"];
  return [type === "partial" ? "resume" : "download"];
}
