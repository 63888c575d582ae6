import * as v from "valibot";
import { StoredList } from "./stored-list.ts";

const descriptionSchema = v.object({
  url: v.string(),
  name: v.string(),
  licence: v.string(),
  source: v.string(),
  parameters: v.number(),
  variants: v.array(
    v.object({ id: v.string(), device: v.picklist(["webgpu", "wasm"]), precision: v.string(), bytes: v.number() }),
  ),
});

/** What a package says of itself, for the user to judge before anything larger is downloaded. */
export interface ModelDescription {
  /** The package's folder: see `ModelChoice`. */
  readonly url: string;
  readonly name: string;
  readonly licence: string;
  /** Repository of the weights. */
  readonly source: string;
  readonly parameters: number;
  /** In the order in which a load tries them. `bytes`: of all files that a variant needs. */
  readonly variants: v.InferOutput<typeof descriptionSchema>["variants"];
}

const MOST_MODELS = 32;

/** The packages that the user put on the list, on this device or not. */
export class AddedModels extends StoredList<ModelDescription> {
  constructor(storage: Storage | undefined) {
    super(storage, "sunwi.added-models", descriptionSchema, MOST_MODELS);
  }

  add(description: ModelDescription): void {
    this.put(description, ({ url }) => url === description.url);
  }

  forget(modelUrl: string): void {
    this.drop(({ url }) => url === modelUrl);
  }
}
