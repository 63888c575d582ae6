/** A model package that the page knows, or that the user named. */
export interface ModelChoice {
  /** As an option's value; unique. */
  readonly id: string;
  readonly name: string;
  /** The package's folder, ending in a slash; relative to the page, or absolute. */
  readonly url: string;
}

/** In the build itself: works offline and at once. */
export const DEFAULT_MODEL: ModelChoice = {
  id: "sunwi-mini",
  name: "Sunwi mini (trial)",
  url: `${import.meta.env.BASE_URL}models/mini/`,
};

/** What the model list offers, in its order. */
export const MODELS: readonly ModelChoice[] = [DEFAULT_MODEL];
