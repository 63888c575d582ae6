import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { RerankError } from "../src/core/errors.ts";

export const MANIFEST = "manifest.json";

/**
 * Lets `write` fill a folder beside `folder` and moves its files over when all of them are there; a failure leaves
 * `folder` as it was, and nothing else. Files of an older package that the new one lacks are removed; what is none of
 * a package's, a model card for one, stays.
 * @param write answers the names of the files, `manifest.json` aside
 * @throws RerankError `storage-full`, and what `write` throws
 */
export async function writePackageFolder<T>(
  folder: string,
  write: (workFolder: string) => Promise<{ readonly files: readonly string[]; readonly result: T }>,
): Promise<T> {
  const workFolder = `${folder.replace(/[/\\]+$/, "")}.partial`;
  await rm(workFolder, { recursive: true, force: true });
  try {
    await mkdir(workFolder, { recursive: true });
    const { files, result } = await write(workFolder);
    await moveOver(workFolder, folder, files);
    return result;
  } catch (error) {
    throw isDiskFull(error) ? diskFull(folder, error) : error;
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

async function moveOver(workFolder: string, folder: string, files: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const old = await filesOfPackage(folder);
  // Without a manifest the folder is no package while files of two releases lie in it.
  await rm(join(folder, MANIFEST), { force: true });
  for (const file of old) if (!files.includes(file)) await rm(join(folder, file), { force: true });
  for (const file of [...files, MANIFEST]) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await rename(join(workFolder, file), join(folder, file));
  }
}

/** Names in the manifest that lies there; none where there is none, or one of another kind. */
async function filesOfPackage(folder: string): Promise<readonly string[]> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, MANIFEST), "utf8")) as { files?: Record<string, unknown> };
    return Object.keys(manifest.files ?? {}).filter((name) => /^[\w.-]+$/.test(name) && !name.startsWith("."));
  } catch {
    return [];
  }
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
}

function diskFull(folder: string, cause: unknown): RerankError {
  return new RerankError(
    "storage-full",
    `The disk is full: the package for ${folder} was not written. Free some space.`,
    {
      cause,
      details: { folder },
    },
  );
}
