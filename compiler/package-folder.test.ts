import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import { writePackageFolder } from "./package-folder.ts";

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "package-"));
  folder = join(parent, "model");
});
afterAll(() => rm(parent, { recursive: true, force: true }));

/** Writes a package of these files with their names as content. */
function write(names: readonly string[]): Promise<string> {
  return writePackageFolder(folder, async (workFolder) => {
    for (const name of names) await writeFile(join(workFolder, name), name);
    const files = Object.fromEntries(names.map((name) => [name, { bytes: name.length }]));
    await writeFile(join(workFolder, "manifest.json"), JSON.stringify({ files }));
    return { files: names, result: "written" };
  });
}

it("moves a finished package to its place and leaves nothing beside it", async () => {
  expect(await write(["a.bin", "b.bin"])).toBe("written");
  expect((await readdir(folder)).sort()).toEqual(["a.bin", "b.bin", "manifest.json"]);
  expect(await readdir(parent)).toEqual(["model"]);
});

it("replaces an older package, and leaves alone what was none of its files", async () => {
  await write(["a.bin", "old.bin"]);
  await writeFile(join(folder, "README.md"), "the model card");
  await write(["a.bin", "new.bin"]);
  expect((await readdir(folder)).sort()).toEqual(["README.md", "a.bin", "manifest.json", "new.bin"]);
});

it("does not follow an older manifest out of its folder", async () => {
  await mkdir(folder);
  await writeFile(join(parent, "mine.txt"), "mine");
  await writeFile(join(folder, "manifest.json"), JSON.stringify({ files: { "../mine.txt": {}, ".": {} } }));
  await write(["a.bin"]);
  expect(await readFile(join(parent, "mine.txt"), "utf8")).toBe("mine");
});

it("keeps the older package where writing fails, and no half of the new one", async () => {
  await write(["a.bin"]);
  const failed = writePackageFolder(folder, async (workFolder) => {
    await writeFile(join(workFolder, "a.bin"), "half");
    throw new Error("stopped");
  });
  await expect(failed).rejects.toThrow("stopped");
  expect(await readFile(join(folder, "a.bin"), "utf8")).toBe("a.bin");
  expect(await readdir(parent)).toEqual(["model"]);
});

it("tells of a full disk in words", async () => {
  const failed = writePackageFolder(folder, () => {
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  });
  await expect(failed).rejects.toMatchObject({ code: "storage-full", message: /disk is full.*Free some space/ });
  expect(await readdir(parent)).toEqual([]);
});
