/** @returns the absolute URL of a package's folder, ending in a slash; `local:<name>/` stays as it is */
export function resolveModelUrl(modelUrl: string): string {
  return new URL(modelUrl.replace(/\/?$/, "/"), location.href).href;
}
