import * as v from "valibot";
import type { Device } from "../core/protocol.ts";
import { DTYPE_SUFFIXES, type HubDtype } from "./hub-model-url.ts";
import type { GpuTraits } from "./variants.ts";

/** A file of a repository. */
export interface HubFile {
  readonly path: string;
  readonly bytes: number;
  /** Known of large files only. */
  readonly sha256?: string;
}

/** One precision in which a repository has its model. */
export interface DtypeOption {
  readonly dtype: HubDtype;
  /** Where the graph lies: "onnx", or "" for the repository's root. */
  readonly folder: string;
  /** Files of weights beside the graph (ONNX external data). */
  readonly dataFiles: number;
  /** All that a load needs. */
  readonly files: readonly HubFile[];
  readonly bytes: number;
}

const listSchema = v.array(
  v.object({
    type: v.string(),
    path: v.string(),
    size: v.optional(v.number(), 0),
    lfs: v.optional(v.object({ oid: v.string() })),
  }),
);

/** Reads the hub's answer to `fileListUrl`; nothing where it is something else. */
export function parseFileList(answer: unknown): readonly HubFile[] | undefined {
  const list = v.safeParse(listSchema, answer);
  if (!list.success) return undefined;
  return list.output
    .filter(({ type }) => type === "file")
    .map(({ path, size, lfs }) => ({ path, bytes: size, ...(lfs && { sha256: lfs.oid }) }));
}

const infoSchema = v.object({
  sha: v.string(),
  cardData: v.optional(v.nullable(v.object({ license: v.optional(v.union([v.string(), v.array(v.string())])) }))),
  safetensors: v.optional(v.nullable(v.object({ total: v.optional(v.number()) }))),
});

export interface RepositoryInfo {
  readonly commit: string;
  /** Empty where the repository names none. */
  readonly licence: string;
  /** 0 where the hub does not know. */
  readonly parameters: number;
}

/** Reads the hub's answer to `repositoryInfoUrl`; nothing where it is something else. */
export function parseRepositoryInfo(answer: unknown): RepositoryInfo | undefined {
  const info = v.safeParse(infoSchema, answer);
  if (!info.success) return undefined;
  const { sha, cardData, safetensors } = info.output;
  return {
    commit: sha,
    licence: [cardData?.license ?? []].flat().join(", "),
    parameters: safetensors?.total ?? 0,
  };
}

/** What every load reads beside the model. */
const COMPANIONS = ["config.json", "tokenizer.json", "tokenizer_config.json"];

/** Files without which transformers.js loads no model, as far as a repository lacks them. */
export function missingCompanions(files: readonly HubFile[]): readonly string[] {
  return COMPANIONS.filter((name) => !files.some(({ path }) => path === name));
}

/** The precisions in which a repository has its model, in the order of `DTYPE_SUFFIXES`. */
export function dtypeOptions(files: readonly HubFile[]): readonly DtypeOption[] {
  const folder = files.some(({ path }) => /^onnx\/model\w*\.onnx$/.test(path)) ? "onnx" : "";
  const companions = files.filter(({ path }) => COMPANIONS.includes(path));
  return Object.entries(DTYPE_SUFFIXES).flatMap(([name, suffix]) => {
    const graph = `${folder === "" ? "" : `${folder}/`}model${suffix}.onnx`;
    const model = files.filter(({ path }) => path === graph);
    if (model.length === 0) return [];
    const data = files.filter(({ path }) => path.startsWith(`${graph}_data`));
    const needed = [...companions, ...model, ...data];
    const bytes = needed.reduce((sum, file) => sum + file.bytes, 0);
    return [{ dtype: name as HubDtype, folder, dataFiles: data.length, files: needed, bytes }];
  });
}

/** Best first: 8-bit products are fast in WASM and missing on GPUs, half floats the other way round. */
const PREFERRED: Readonly<Record<Device, readonly HubDtype[]>> = {
  wasm: ["q8", "int8", "uint8", "q4", "fp32", "bnb4"],
  webgpu: ["fp16", "fp32", "q4", "q4f16"],
};

/** What a precision needs of a GPU. */
const REQUIRED: Readonly<Partial<Record<HubDtype, readonly string[]>>> = {
  fp16: ["shader-f16"],
  q4f16: ["shader-f16"],
};

/** Where a precision can be run, and the GPU's features that this needs. */
export function devicesOf(
  dtype: HubDtype,
): readonly { readonly device: Device; readonly requires: readonly string[] }[] {
  return (["webgpu", "wasm"] as const)
    .filter((device) => PREFERRED[device].includes(dtype))
    .map((device) => ({ device, requires: device === "webgpu" ? (REQUIRED[dtype] ?? []) : [] }));
}

/** The options that run on a device, best first. */
export function usableOptions<T extends { readonly dtype: HubDtype }>(
  options: readonly T[],
  device: Device,
  features: GpuTraits["features"],
): readonly T[] {
  return PREFERRED[device].flatMap((dtype) => {
    const isUsable = device === "wasm" || (REQUIRED[dtype] ?? []).every((feature) => features.has(feature));
    return isUsable ? options.filter((option) => option.dtype === dtype) : [];
  });
}
