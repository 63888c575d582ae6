import { describe, expect, it } from "vitest";
import {
  devicesOf,
  dtypeOptions,
  missingCompanions,
  parseFileList,
  parseRepositoryInfo,
  usableOptions,
} from "./hub-files.ts";
import { fileListUrl, hubModelUrl, parseHubModelUrl, repositoryRoot } from "./hub-model-url.ts";

const files = (sizes: Readonly<Record<string, number>>) =>
  Object.entries(sizes).map(([path, bytes]) => ({ path, bytes }));

const COMPANIONS = { "config.json": 1, "tokenizer.json": 20, "tokenizer_config.json": 300 };
const REPOSITORY = files({
  ...COMPANIONS,
  "README.md": 5_000_000,
  "onnx/model.onnx": 1000,
  "onnx/model.onnx_data": 20_000,
  "onnx/model.onnx_data_1": 30_000,
  "onnx/model_fp16.onnx": 25_000,
  "onnx/model_quantized.onnx": 12_000,
  "onnx/model_uint8.onnx": 12_000,
  "onnx/decoder.onnx": 7,
});
const names = (options: readonly { readonly dtype: string }[]) => options.map(({ dtype }) => dtype);

describe("hubModelUrl", () => {
  const address = {
    host: "https://hub.test/sub/",
    repository: "owner/na.me-1",
    revision: "refs/pr/1",
    dtype: "q4f16",
  } as const;

  it("is read back, also with a revision that holds slashes", () => {
    expect(hubModelUrl(address)).toBe("transformers:q4f16:https://hub.test/sub/owner/na.me-1/resolve/refs%2Fpr%2F1/");
    expect(parseHubModelUrl(hubModelUrl(address))).toEqual(address);
    expect(new URL(hubModelUrl(address)).href).toBe(hubModelUrl(address));
    expect(repositoryRoot(address)).toBe("https://hub.test/sub/owner/na.me-1/resolve/refs%2Fpr%2F1/");
    expect(fileListUrl(address)).toBe("https://hub.test/sub/api/models/owner/na.me-1/tree/refs%2Fpr%2F1?recursive=1");
  });

  it.each([
    "https://hub.test/owner/name/resolve/main/",
    "transformers:q9:https://hub.test/owner/name/resolve/main/",
    "transformers:toString:https://hub.test/owner/name/resolve/main/",
    "transformers:q8:https://hub.test/owner/name/resolve/main",
    "transformers:q8:file:///owner/name/resolve/main/",
    "local:name/",
  ])("takes nothing else: %s", (url) => {
    expect(parseHubModelUrl(url)).toBeUndefined();
  });
});

describe("dtypeOptions", () => {
  it("counts all that a load needs: the graph, its external data, tokenizer and configuration", () => {
    const options = dtypeOptions(REPOSITORY);
    expect(options.map(({ dtype, bytes, dataFiles }) => [dtype, bytes, dataFiles])).toEqual([
      ["fp32", 51_321, 2],
      ["fp16", 25_321, 0],
      ["q8", 12_321, 0],
      ["uint8", 12_321, 0],
    ]);
    expect(options.every(({ folder }) => folder === "onnx")).toBe(true);
  });

  it("takes graphs at the root where there is no onnx folder", () => {
    const options = dtypeOptions(files({ ...COMPANIONS, "model.onnx": 5, "weights/model_q4.onnx": 6 }));
    expect(options.map(({ dtype, folder, bytes }) => [dtype, folder, bytes])).toEqual([["fp32", "", 326]]);
  });

  it("finds none in a checkpoint", () => {
    expect(dtypeOptions(files({ ...COMPANIONS, "model.safetensors": 9 }))).toEqual([]);
    expect(missingCompanions(files({ "config.json": 1 }))).toEqual(["tokenizer.json", "tokenizer_config.json"]);
  });
});

describe("usableOptions", () => {
  const options = dtypeOptions(REPOSITORY);
  const f16 = new Set(["shader-f16"]);

  it("puts the best for the device first", () => {
    expect(names(usableOptions(options, "wasm", new Set()))).toEqual(["q8", "uint8", "fp32"]);
    expect(names(usableOptions(options, "webgpu", f16))).toEqual(["fp16", "fp32"]);
    expect(names(usableOptions(options, "webgpu", new Set()))).toEqual(["fp32"]);
  });

  it("agrees with where each precision runs", () => {
    for (const { dtype } of options) {
      for (const device of ["wasm", "webgpu"] as const) {
        const isUsable = usableOptions([{ dtype }], device, f16).length === 1;
        expect(devicesOf(dtype).some((place) => place.device === device)).toBe(isUsable);
      }
    }
    expect(devicesOf("fp16")).toEqual([{ device: "webgpu", requires: ["shader-f16"] }]);
  });
});

describe("the hub's answers", () => {
  it("are read as far as they matter", () => {
    const list = [
      { type: "directory", path: "onnx", size: 0 },
      { type: "file", path: "config.json", size: 3, oid: "x" },
      { type: "file", path: "onnx/model.onnx", size: 9, lfs: { oid: "ab", size: 9 } },
    ];
    expect(parseFileList(list)).toEqual([
      { path: "config.json", bytes: 3 },
      { path: "onnx/model.onnx", bytes: 9, sha256: "ab" },
    ]);
    const info = { sha: "c0", cardData: { license: ["mit", "other"] }, safetensors: { total: 5 } };
    expect(parseRepositoryInfo(info)).toEqual({ commit: "c0", licence: "mit, other", parameters: 5 });
    expect(parseRepositoryInfo({ sha: "c0", cardData: null })).toMatchObject({ licence: "", parameters: 0 });
  });

  it.each([undefined, null, {}, "x", [{ path: 1 }]])("are nothing where they are something else: %j", (answer) => {
    expect(parseFileList(answer)).toBeUndefined();
    expect(parseRepositoryInfo(answer)).toBeUndefined();
  });
});
