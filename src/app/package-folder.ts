import { RerankError } from "../core/errors.ts";
import type { PackageFile } from "../core/store-protocol.ts";
import { checkpointError } from "./checkpoint-error.ts";

const MANIFEST = "manifest.json";
/** Names shown of a folder that holds something else. */
const MOST_NAMES = 6;

export interface HandedFile extends PackageFile {
  /** With the folder's own name: "ko-reranker/webgpu.bin". */
  readonly path: string;
  readonly file: File;
}

/** Files that the user handed over together. */
export interface HandedFolder {
  readonly name: string;
  readonly files: readonly HandedFile[];
}

/** True for files that are meant as a package, not as a dataset. */
export function isMeantAsPackage({ files }: HandedFolder): boolean {
  return files.some(({ path }) => path.includes("/") || path === MANIFEST);
}

/**
 * The package among the files: the folder of the topmost `manifest.json`, paths relative to it.
 * @throws RerankError `invalid-input`, saying what was expected and what was found
 */
export function findPackage({ name, files }: HandedFolder): readonly PackageFile[] {
  const depth = (path: string): number => path.split("/").length;
  const [manifest] = files
    .filter(({ path }) => path === MANIFEST || path.endsWith(`/${MANIFEST}`))
    .sort((a, b) => depth(a.path) - depth(b.path));
  if (manifest === undefined) throw noPackage(name, files);
  const folder = manifest.path.slice(0, -MANIFEST.length);
  return files
    .filter(({ path }) => path.startsWith(folder))
    .map(({ path, file }) => ({ path: path.slice(folder.length), file }));
}

function noPackage(name: string, files: readonly PackageFile[]): RerankError {
  const names = files.map(({ path }) => path.split("/").at(-1) ?? path);
  const isCheckpoint = names.includes("config.json") && names.some((file) => file.endsWith(".safetensors"));
  const found = names.slice(0, MOST_NAMES).join(", ") + (names.length > MOST_NAMES ? ", …" : "");
  return isCheckpoint
    ? checkpointError(name)
    : new RerankError("invalid-input", `"${name}" holds no ${MANIFEST}.`, {
        details: { reason: "no-manifest", expected: MANIFEST, found },
      });
}
