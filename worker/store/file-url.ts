/** See `LoadRequest.modelFiles`. */
export type FileUrls = Readonly<Record<string, string>>;

/** Where a file of a package lies: by its own URL where it has one, else in the package's folder. */
export function fileUrl(modelUrl: string, name: string, files?: FileUrls): string {
  return files?.[name] ?? new URL(name, modelUrl).href;
}
