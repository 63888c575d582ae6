/** A model package that the page knows, or that the user named. */
export interface ModelChoice {
  readonly name: string;
  /**
   * The package's folder, absolute and ending in a slash; or `local:<name>/` for one that was imported; or
   * `transformers:…` for a model of the hub (see `LoadRequest`). Unique.
   */
  readonly url: string;
}

/** Whether transformers.js is to load it; such a model is no package. */
export function isHubModel(url: string): boolean {
  return url.startsWith("transformers:");
}

/**
 * The model in the build itself: works offline and at once.
 * @param pageUrl what the build's own files are relative to
 */
export function embeddedModel(pageUrl: string): ModelChoice {
  return { name: "Sunwi mini", url: new URL(`${import.meta.env.BASE_URL}models/mini/`, pageUrl).href };
}
