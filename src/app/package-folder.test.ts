import { describe, expect, it } from "vitest";
import { findPackage, isMeantAsPackage } from "./package-folder.ts";

const folder = (...paths: string[]) => ({
  name: "handed",
  files: paths.map((path) => ({ path, file: new File([], path) })),
});
const pathsIn = (...paths: string[]): string[] => findPackage(folder(...paths)).map(({ path }) => path);

describe("findPackage", () => {
  it("takes the folder of the topmost manifest, paths relative to it", () => {
    expect(pathsIn("a/b/manifest.json", "a/b/wasm.bin", "a/b/old/manifest.json", "a/notes.txt")).toEqual([
      "manifest.json",
      "wasm.bin",
      "old/manifest.json",
    ]);
  });

  it("says what was expected and what was found", () => {
    expect(() => pathsIn("a/1.txt", "a/2.txt", "a/3", "a/4", "a/5", "a/6", "a/7")).toThrow(
      expect.objectContaining({
        details: { reason: "no-manifest", expected: "manifest.json", found: "1.txt, 2.txt, 3, 4, 5, 6, …" },
      }),
    );
  });

  it("knows a checkpoint when it sees one", () => {
    expect(() => pathsIn("a/config.json", "a/model.safetensors")).toThrow(
      expect.objectContaining({
        details: { reason: "checkpoint", command: "npm run compile-model -- handed --out DIR" },
      }),
    );
  });
});

describe("isMeantAsPackage", () => {
  it("tells a folder and a set of a package's files from datasets", () => {
    expect(isMeantAsPackage(folder("a/x"))).toBe(true);
    expect(isMeantAsPackage(folder("manifest.json", "wasm.bin"))).toBe(true);
    expect(isMeantAsPackage(folder("a.csv", "b.csv"))).toBe(false);
  });
});
